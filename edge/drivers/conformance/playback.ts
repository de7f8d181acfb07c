import { type HttpRequest, sizeOf } from "../transport/http-client.ts"
import { tapWire, type WireExchange } from "../transport/wire.ts"

/** One answer of a miner, as text; an HTTP one with its status and headers. */
export type RecordedAnswer = {
  kind: WireExchange["kind"]
  text: string
  status: number
  headers: Record<string, string | string[] | undefined>
}
/** The answers of one miner by what was asked for; of several to the same question, the last. */
export type Recording = Map<string, RecordedAnswer>

/** Names a question without what changes from time to time: logins, tokens, nonces. */
export function questionOf(exchange: WireExchange): string {
  if (exchange.kind === "rpc") return `rpc ${exchange.request.command}|${exchange.request.parameter ?? ""}`
  if (exchange.kind === "http") {
    const { method, path, body } = exchange.request
    return `http ${method} ${path} ${method === "GET" ? "" : bodyText(body)}`
  }
  return `frame ${String(exchange.request.cmd)} ${JSON.stringify(exchange.request.param ?? null)}`
}

function bodyText(body: HttpRequest["body"]): string {
  if (typeof body === "object") return `${sizeOf(body)} bytes`
  return body ?? ""
}

/** Runs `ask` against a real miner and keeps what it answered. */
export async function recorded<T>(ask: () => Promise<T>): Promise<{ value: T; recording: Recording }> {
  const recording: Recording = new Map()
  tapWire({
    heard: (exchange, answer) => {
      if (!answer.ok) return
      const status = "status" in answer ? answer.status : 200
      const headers = "headers" in answer ? answer.headers : {}
      if (status !== 401)
        recording.set(questionOf(exchange), { kind: exchange.kind, text: answer.text, status, headers })
    },
  })
  try {
    return { value: await ask(), recording }
  } finally {
    tapWire(null)
  }
}

const NOBODY = {
  ok: false,
  fault: { kind: "refused", message: "Nobody answers this question here." },
  sent: false,
  dropped: false,
} as const

/** Runs `ask` without a socket: every question gets its recorded answer, put through `change`. */
export async function playedBack<T>(
  recording: Recording,
  ask: () => Promise<T>,
  change: (answer: RecordedAnswer) => string = ({ text }) => text,
): Promise<T> {
  tapWire({
    instead: (exchange) => {
      const answer = recording.get(questionOf(exchange))
      if (answer === undefined) return NOBODY as never
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
