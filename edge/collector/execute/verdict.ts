import type { ActOutcome } from "#edge/drivers/driver.ts"
import { RESULT_CODES, type ResultCode } from "#server/contract/commands.ts"
import type { Finding } from "./journal.ts"

/** An end of a command, without its times. `unclear`: the request went out and nobody knows what became of it. */
export type Verdict = Omit<Finding, "started_at" | "finished_at"> & { unclear: boolean }

export function verdict(result_code: ResultCode, message: string, more: Partial<Verdict> = {}): Verdict {
  return {
    result_code,
    message: message.slice(0, 2_000),
    ran: null,
    before: null,
    after: null,
    already: false,
    backup: null,
    unclear: false,
    ...more,
  }
}

export function verdictOf(outcome: ActOutcome): Verdict {
  if (outcome.ok) {
    const { ran, message, verified, before, after, already = false } = outcome.value
    const text = verified || already ? message : `${message} (accepted, not read back)`
    return verdict(RESULT_CODES.OK, text, { ran: ran.slice(0, 128), before, after, already })
  }
  const { kind, message } = outcome.fault
  if (outcome.sent && (kind === "timeout" || kind === "refused" || kind === "garbled"))
    return verdict(RESULT_CODES.UNKNOWN, `Unknown outcome: ${message}`, { unclear: true })
  if (kind === "unsupported") return verdict(RESULT_CODES.SKIPPED, `Skipped: ${message}`)
  if (kind === "auth") return verdict(RESULT_CODES.REJECTED, `Rejected: needs login: ${message}`)
  if (kind === "busy") return verdict(RESULT_CODES.BUSY, `Busy: ${message}`)
  return verdict(RESULT_CODES.FAILED, `Failed: ${kind}: ${message}`)
}

/** Shorter words are no secrets and would take half a sentence with them. */
const SECRET_LENGTH_MIN = 4
const MASK = "•••"

/**
 * The same end without the secrets that its command carried, should a miner have repeated one in its answer: nothing
 * of a verdict reaches the journal, the log or the gateway before this.
 */
export function withoutSecrets(found: Verdict, secrets: readonly string[]): Verdict {
  const words = secrets.filter((secret) => secret.length >= SECRET_LENGTH_MIN)
  if (words.length === 0) return found
  const pattern = new RegExp(
    words.map((word) => `(?<![A-Za-z0-9])${escaped(word)}(?![A-Za-z0-9])`).join("|"),
    "g",
  )
  const clean = (value: unknown): unknown => {
    if (typeof value === "string") return value.replace(pattern, MASK)
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner)]))
  }
  return {
    ...found,
    message: clean(found.message) as string,
    ran: clean(found.ran) as string | null,
    before: clean(found.before) as Verdict["before"],
    after: clean(found.after) as Verdict["after"],
  }
}

function escaped(word: string): string {
  return word.replace(/[^A-Za-z0-9]/g, "\\$&")
}
