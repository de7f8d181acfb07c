import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import type { HttpAnswer, HttpRequest } from "./http-client.ts"
import { parseLenientJson } from "./lenient-json.ts"
import { excerpt, isRow, type Row, withoutPadding } from "./reply.ts"
import { POLL_RETRY, type RetryAllowance, retryAllowance } from "./retry.ts"

/** The requests of one reading of an HTTP API, one after the other; they share the retries that the caller allows. */
export type HttpReads = {
  /** JSON of any shape; null where the machine says that there is none now (204). */
  value: (path: string) => Promise<Outcome<unknown>>
  object: (path: string) => Promise<Outcome<Row>>
  /** From the first request to the end of its answer. */
  latencyMs: () => number | null
}

export function httpReads(
  context: DriverContext,
  send: (request: HttpRequest) => Promise<HttpAnswer>,
): HttpReads {
  let retries: RetryAllowance | null = null
  let latencyMs: number | null = null

  async function ask(path: string, wantsObject: boolean): Promise<Outcome<unknown>> {
    for (;;) {
      const started = performance.now()
      const answer = await send({ method: "GET", path })
      if (answer.ok) latencyMs ??= performance.now() - started
      const repaired = context.repaired && ((repairs: readonly string[]) => context.repaired?.(path, repairs))
      const outcome = jsonOf(answer, path, repaired)
      if (outcome.ok) return wantsObject ? asObject(outcome.value, path) : outcome
      retries ??= retryAllowance(context.retry ?? POLL_RETRY, context.signal)
      if (!(await retries.again(outcome.fault.kind))) return outcome
    }
  }

  return {
    value: (path) => ask(path, false),
    object: (path) => ask(path, true) as Promise<Outcome<Row>>,
    latencyMs: () => latencyMs,
  }
}

/** An answer as JSON, after the repairs of the cgminer ports; anything else is a fault in words. */
export function jsonOf(
  answer: HttpAnswer,
  path: string,
  repaired?: (repairs: readonly string[]) => void,
): Outcome<unknown> {
  if (!answer.ok) return { ok: false, fault: answer.fault }
  const { status } = answer
  if (status === 204) return ok(null)
  if (status < 200 || status >= 300) return turnedAway(status, pageOf(path))
  const text = withoutPadding(answer.text).trim()
  if (text.startsWith("<"))
    return fault("unsupported", `This machine answers ${pageOf(path)} with a web page.`)
  const parsed = parseLenientJson(text)
  if (!parsed.ok) return fault("garbled", `The answer to ${pageOf(path)} is not readable: ${excerpt(text)}`)
  if (parsed.truncated) return fault("garbled", `The answer to ${pageOf(path)} was cut off.`)
  if (parsed.repairs.length > 0) repaired?.(parsed.repairs)
  return ok(parsed.value)
}

function turnedAway(status: number, page: string): Outcome<never> {
  if (status === 404 || status === 405 || status === 501)
    return fault("unsupported", `This machine has no ${page}.`)
  if (status === 401 || status === 403)
    return fault("auth", `The machine does not admit this caller to ${page}.`)
  if (status === 429 || status === 503)
    return fault("busy", `The machine is overloaded or starting (HTTP ${status}).`)
  return fault("unsupported", `The machine answered ${page} with HTTP ${status}.`)
}

export function asObject(value: unknown, path: string): Outcome<Row> {
  return isRow(value) ? ok(value) : fault("garbled", `The answer to ${pageOf(path)} is no object.`)
}

const pageOf = (path: string) => (path.includes("?") ? path.slice(0, path.indexOf("?")) : path)

/** A member that should be an object; an empty one where it is not. */
export function objectAt(row: Row | undefined, ...path: string[]): Row {
  let at: unknown = row
  for (const key of path) at = typeof at === "object" && at !== null ? (at as Row)[key] : undefined
  return isRow(at) ? at : {}
}

/** A member that should be a list of objects; what is none is left out, and no more than `max` are kept. */
export function listAt(row: Row, key: string, max = 64): Row[] {
  const given = row[key]
  if (!Array.isArray(given)) return []
  return (given.length > max ? given.slice(0, max) : given).filter(isRow)
}
