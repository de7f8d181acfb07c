import { type HttpRequest, sizeOf } from "../drivers/transport/http-client.ts"
import { tapWire, type WireExchange } from "../drivers/transport/wire.ts"

/** What a miner answered, as text; an HTTP answer with its status and headers. */
export type RecordedAnswer = {
  exchange: WireExchange
  text: string
  status: number
  headers: Record<string, string | string[] | undefined>
}
/** The answers of one miner by what was asked for; of several to the same question, the last that was admitted. */
export type Recording = Map<string, RecordedAnswer>

/** Names a question without what changes from time to time: logins, tokens, nonces. */
export function questionOf(exchange: WireExchange): string {
  if (exchange.kind === "rpc") return `rpc ${exchange.request.command}|${exchange.request.parameter ?? ""}`
  if (exchange.kind === "http") {
    const { method, path, body } = exchange.request
    const plain = withoutLogin(path).replace(/%2C/gi, ",")
    return method === "GET" ? `http GET ${plain}` : `http ${method} ${plain} ${bodyText(body)}`
  }
  return `frame ${String(exchange.request.cmd)} ${JSON.stringify(exchange.request.param ?? null)}`
}

function bodyText(body: HttpRequest["body"]): string {
  return typeof body === "object" ? `${sizeOf(body)} bytes` : withoutSecrets(body ?? "")
}

/** A path whose query holds a login, as Goldshell and IceRiver take it, without what is the asker's. */
export const withoutLogin = (path: string): string =>
  path.replace(/([?&](?:user(?:name)?|pass(?:word|wd)?|pwd?)=)[^&]*/gi, "$1scrubbed")

/**
 * A login in a request's body is the asker's, not the question's: behind a form's `=`, in a JSON string, or in a string
 * within one, as GraphQL takes it. What is escaped in there belongs to it.
 */
const LOGIN_IN_BODY =
  /((?:user(?:name)?|password|passwd|pass|pw|pwd)(?:\\?")?\s*[:=]\s*)(?:(\\")(?:[^\\"]|\\\\(?:\\["\\]|[^\\"]))*(?:\\")?|(")(?:[^\\"]|\\.)*"?|[^"&\s}]*)/gi

export const withoutSecrets = (body: string): string =>
  body.replace(LOGIN_IN_BODY, (_, key: string, escaped = "", plain = "") => {
    const quote = escaped || plain
    return `${key}${quote}scrubbed${quote}`
  })

/** Runs `ask` against a real miner and keeps what it answered. */
export async function recorded<T>(ask: () => Promise<T>): Promise<{ value: T; recording: Recording }> {
  const recording: Recording = new Map()
  tapWire({
    heard: (exchange, answer) => {
      if (!answer.ok) return
      const status = "status" in answer ? answer.status : 200
      const headers = "headers" in answer ? answer.headers : {}
      const question = questionOf(exchange)
      if (status === 401 && recording.has(question)) return
      recording.set(question, { exchange, text: answer.text, status, headers })
    },
  })
  try {
    return { value: await ask(), recording }
  } finally {
    tapWire(null)
  }
}

/** As a machine that closes the door. */
const unanswered = (question: string) => ({
  ok: false,
  fault: { kind: "refused", message: `Nobody recorded an answer to ${question.slice(0, 120)}.` },
  sent: false,
  dropped: false,
})

/** Runs `ask` without a socket: every question gets its recorded answer, put through `change`. */
export async function playedBack<T>(
  recording: Recording,
  ask: () => Promise<T>,
  change: (answer: RecordedAnswer) => string = ({ text }) => text,
): Promise<T> {
  tapWire({
    instead: (exchange) => {
      const question = questionOf(exchange)
      const answer = recording.get(question) ?? partOfJoined(recording, exchange)
      if (answer === undefined) return unanswered(question) as never
      const { status, headers } = answer
      return { ok: true, text: change(answer), latencyMs: 1, status, headers } as never
    },
  })
  try {
    return await ask()
  } finally {
    tapWire(null)
  }
}

/** The answer to a command that was only recorded joined with others (`summary+pools`). */
function partOfJoined(recording: Recording, exchange: WireExchange): RecordedAnswer | undefined {
  if (exchange.kind !== "rpc" || exchange.request.parameter !== undefined) return undefined
  const { command } = exchange.request
  for (const answer of recording.values()) {
    const asked = answer.exchange
    if (asked.kind !== "rpc" || !asked.request.command.split("+").includes(command)) continue
    const part = memberOf(answer.text, command)
    if (part !== undefined) return { ...answer, text: JSON.stringify(part) }
  }
  return undefined
}

function memberOf(text: string, command: string): unknown {
  try {
    const given = (JSON.parse(text.replaceAll("\0", "")) as Record<string, unknown>)[command]
    return Array.isArray(given) ? given[0] : given
  } catch {
    return undefined // not joined in JSON
  }
}
