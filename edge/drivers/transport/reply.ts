import { type Fault, fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { parseLenientJson } from "./lenient-json.ts"
import { parseTextReply } from "./text-reply.ts"

/** The fault's message when a web server sits on the cgminer port, as ePIC firmware has it. */
export const HTTP_ON_RPC_PORT = "This port speaks HTTP, not the cgminer protocol."

export type Row = Record<string, unknown>

/** `STATUS` of a reply, whatever shape it had. `severity` S, I, W, E, F, or RESTART and BYE for those acknowledgements. */
export type Status = { severity: string; code: number | null; message: string }

/** A reply, parsed. `body` holds the sections by name; `repairs` names what had to be mended to read it. */
export type Reply = { status: Status; body: Row; repairs: string[]; truncated: boolean }

/** A short excerpt of a reply that could not be read, safe to show: one line, secrets masked. */
export function excerpt(text: string): string {
  const head = text.slice(0, 200)
  const odd = head.match(/[^\x20-\x7e\s]/g)?.length ?? 0
  if (odd > head.length / 10) return "binary data"
  return head
    .replace(/[^\x20-\x7e]+/g, "·")
    .replace(/((?:pass|pwd|token|key|secret)\w*"?\s*[:=]\s*)("[^"]*"?|[^\s,|}]+)/gi, "$1***")
    .slice(0, 80)
}

/**
 * Bytes of a cgminer port, already text, to a reply. Faults: `garbled` for what nobody can read, `unsupported` for
 * another protocol on the port, `busy` for a control board whose mining process is down, `refused` for silence.
 * A truncated reply is a value here; `wholeReply` makes it a fault.
 */
export function decodeReply(raw: string): Outcome<Reply> {
  const trimmed = withoutPadding(raw).trim()
  const first = trimmed.charAt(0)
  if (first === "{" || first === "[" || first === "," || first === '"') return decodeJson(trimmed)
  if (trimmed === "")
    return fault(
      "refused",
      "The miner closed the connection without an answer: it does not admit this address, or is starting.",
    )
  if (trimmed.startsWith("STATUS=")) {
    const { body, truncated } = parseTextReply(trimmed)
    return ok({ status: statusOf(body), body, repairs: [], truncated })
  }
  if (trimmed === "RESTART" || trimmed === "BYE")
    return ok({
      status: { severity: trimmed, code: null, message: trimmed },
      body: {},
      repairs: [],
      truncated: false,
    })
  if (trimmed.startsWith("HTTP/1.")) return fault("unsupported", HTTP_ON_RPC_PORT)
  if (first === "<") return fault("garbled", "The miner answered with a web page instead of data.")
  if (trimmed.includes("Connection refused"))
    return fault("busy", "The control board answers, but its mining process is down or starting.")
  if (trimmed === "error 6060 cmd") return fault("unsupported", "The miner does not know this question.")
  const callback = /^[a-z_$][\w$]{0,63}\((\{[\s\S]*\})\);?$/i.exec(trimmed)
  if (callback?.[1] !== undefined) return decodeJson(callback[1])
  return fault("garbled", `The miner's answer is not readable: ${excerpt(trimmed)}`)
}

/** Without NULs and a byte order mark. */
export function withoutPadding(raw: string): string {
  return raw.includes("\0") || raw.charCodeAt(0) === 0xfeff ? raw.replace(/\0|^\ufeff/g, "") : raw
}

function decodeJson(text: string): Outcome<Reply> {
  const parsed = parseLenientJson(text)
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value))
    return fault("garbled", `The miner's answer is not readable: ${excerpt(text)}`)
  const body = parsed.value as Row
  return ok({ status: statusOf(body), body, repairs: parsed.repairs, truncated: parsed.truncated })
}

/** Lifts STATUS from an array, an object, a flat envelope or nothing (a known section alone counts as S). */
export function statusOf(body: Row): Status {
  const given = Array.isArray(body.STATUS) ? body.STATUS[0] : body.STATUS
  if (typeof given === "string") return statusIn(body, given)
  if (typeof given === "object" && given !== null) {
    const { STATUS } = given as Row
    return statusIn(given as Row, typeof STATUS === "string" ? STATUS : "S")
  }
  return { severity: "S", code: null, message: "" }
}

function statusIn({ Code, Msg }: Row, severity: string): Status {
  const code = typeof Code === "number" ? Code : Number(Code)
  const known = Code !== undefined && Code !== null && Code !== "" && Number.isFinite(code)
  return {
    severity: severity === "S" ? severity : severity.toUpperCase(),
    code: known ? code : null,
    message: typeof Msg === "string" ? Msg.slice(0, 200) : "",
  }
}

const NO_POOLS = 8
const NO_DEVICES = 10
const UNKNOWN_COMMAND = new Set([0, 14, 15, 23, 24])
const DENIED = new Set([45, 135])

/** The fault that an error status means, or null when the reply is good. An empty list is good. */
export function statusFault({ severity, code, message }: Status, wanted: string): Fault | null {
  if (severity !== "E" && severity !== "F") return null
  if (code === NO_POOLS || code === NO_DEVICES) return null
  const said = message === "" ? `code ${code ?? "unknown"}` : `"${message}"`
  if ((code !== null && DENIED.has(code)) || /access denied|can't access/i.test(message))
    return { kind: "auth", message: `The miner does not allow "${wanted}" from here: ${said}` }
  if (code !== null && UNKNOWN_COMMAND.has(code))
    return { kind: "unsupported", message: `The miner does not know "${wanted}": ${said}` }
  return { kind: "unsupported", message: `The miner refused "${wanted}": ${said}` }
}

/** A reply that was cut off is a fault, whatever could be made of its beginning. */
export function completeReply(reply: Reply, wanted: string): Outcome<Reply> {
  return reply.truncated ? fault("garbled", `The miner's answer to "${wanted}" was cut off.`) : ok(reply)
}

/** A reply as a reading may use it: complete, and not an error. */
export function wholeReply(reply: Reply, wanted: string): Outcome<Reply> {
  if (reply.truncated) return completeReply(reply, wanted)
  const problem = statusFault(reply.status, wanted)
  return problem === null ? ok(reply) : { ok: false, fault: problem }
}

/** The rows of a section, whether the miner sent a list, one object, or nothing. */
export function rows(body: Row, section: string): Row[] {
  const given = body[section] ?? body[section.toLowerCase()]
  if (!Array.isArray(given)) return isRow(given) ? [given] : []
  return given.filter(isRow)
}

export function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** One member of a joined reply (`summary+pools`), an object or a list of one. Null: the join was not understood. */
export function member(reply: Reply, command: string): Reply | null {
  const body = rows(reply.body, command)[0]
  if (body === undefined) return null
  const { repairs, truncated } = reply
  return { status: statusOf(body), body, repairs, truncated }
}
