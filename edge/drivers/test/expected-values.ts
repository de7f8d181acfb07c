/** In any notation. */
const MAC = /^(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}$/i

type Tolerant = { value?: number; values?: number[]; tol: number }

/** Whether a sample's value is what a capture's manifest expects; the notation is that of the captures' README. */
export function matches(wanted: unknown, value: unknown): boolean {
  if (wanted === null) return value == null
  if (typeof wanted === "number") return isNear(value, wanted, Number.isInteger(wanted) ? 0 : 0.01)
  if (Array.isArray(wanted))
    return (
      Array.isArray(value) &&
      value.length === wanted.length &&
      wanted.every((each, at) => matches(each, value[at]))
    )
  if (typeof wanted === "string" && MAC.test(wanted)) return plain(wanted) === plain(value)
  if (typeof wanted !== "object") return wanted === value
  const rule = wanted as Record<string, unknown> & {
    any?: unknown[]
    like?: string[]
    unordered?: unknown[]
    contains?: unknown[]
  }
  if ("tol" in rule && rule.any)
    return rule.any.some((each) => isNear(value, each as number, rule.tol as number))
  if (rule.any) return rule.any.some((each) => matches(each, value))
  if ("value" in rule && "tol" in rule) return isNear(value, rule.value as number, (rule as Tolerant).tol)
  if ("values" in rule) return areNear(value, rule as Tolerant)
  if ("not" in rule) return value == null || value !== rule.not
  if (rule.like) return rule.like.some((each) => plain(value).includes(plain(each)))
  if ("empty" in rule) return value == null || (Array.isArray(value) && value.length === 0)
  if (rule.unordered || rule.contains)
    return (
      Array.isArray(value) &&
      (rule.unordered ?? rule.contains)!.every((each) => value.some((one) => matches(each, one)))
    )
  return (
    typeof value === "object" &&
    value !== null &&
    Object.entries(rule).every(([key, each]) => matches(each, (value as Record<string, unknown>)[key]))
  )
}

const isNear = (value: unknown, wanted: number, tolerance: number) =>
  typeof value === "number" && Math.abs(value - wanted) <= tolerance
const areNear = (value: unknown, { values, tol }: Tolerant) =>
  Array.isArray(value) &&
  value.length === values!.length &&
  values!.every((each, at) => isNear(value[at], each, tol))
const plain = (value: unknown) =>
  String(value)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
