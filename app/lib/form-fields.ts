import { DomainError } from "#server/contract/errors.ts"

/** A form's strings as what verbs take. Empty means absent; a number that is none is INVALID at its field. */
export class FormFields {
  readonly form: FormData
  constructor(form: FormData) {
    this.form = form
  }

  /** Trimmed; "" when absent. */
  text(name: string): string {
    const value = this.form.get(name)
    return typeof value === "string" ? value.trim() : ""
  }
  /** As typed, blanks kept: passwords. */
  secret(name: string): string {
    const value = this.form.get(name)
    return typeof value === "string" ? value : ""
  }
  /** null when empty. */
  textOrNull(name: string): string | null {
    return this.text(name) || null
  }
  /** undefined when the form does not have the field at all: the verb leaves it as it is. */
  textIfGiven(name: string): string | null | undefined {
    return this.form.has(name) ? this.textOrNull(name) : undefined
  }
  number(name: string): number {
    const value = this.numberOrNull(name)
    if (value === null)
      throw new DomainError("INVALID", "A number is missing.", {
        details: [{ path: name, message: "Give a number." }],
      })
    return value
  }
  numberOrNull(name: string): number | null {
    const text = this.text(name).replace(",", ".")
    if (text === "") return null
    const value = Number(text)
    if (!Number.isFinite(value))
      throw new DomainError("INVALID", "That is not a number.", {
        details: [{ path: name, message: "Give a number." }],
      })
    return value
  }
  /** A checkbox. */
  flag(name: string): boolean {
    return this.form.has(name)
  }
  /** Every value of a repeated field. */
  all(name: string): string[] {
    return this.form.getAll(name).filter((value): value is string => typeof value === "string")
  }
  /** Whole numbers of a repeated field, or of one field that joins them with commas. */
  integers(name: string): number[] {
    return this.all(name)
      .flatMap((value) => value.split(","))
      .map((value) => Number(value))
      .filter((value) => Number.isInteger(value) && value > 0)
  }
  /** Words divided by commas, each once. */
  words(name: string): string[] {
    return [
      ...new Set(
        this.text(name)
          .split(",")
          .map((word) => word.trim())
          .filter(Boolean),
      ),
    ]
  }
}

/** An id of the address as the integer that verbs take; anything else is NOT_FOUND, like an id that does not exist. */
export function idOf(value: string | undefined): number {
  if (value && /^[1-9]\d{0,9}$/.test(value) && Number(value) <= 2_147_483_647) return Number(value)
  throw new DomainError("NOT_FOUND", "There is no such thing.")
}
