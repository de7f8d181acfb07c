import type { RpcAnswer, RpcRequest } from "./cgminer-client.ts"
import type { FrameText } from "./framed-client.ts"
import type { HttpAnswer, HttpRequest } from "./http-client.ts"
import type { Row } from "./reply.ts"

/**
 * What goes over the wires of this process, for tools that record a miner or play one back (`edge/capture.ts`, the
 * benchmark of parsing). Nothing is tapped unless a tool asks for it.
 */
export type WireExchange =
  | { kind: "rpc"; host: string; port: number; request: RpcRequest; asText: boolean }
  | { kind: "http"; host: string; port: number; request: HttpRequest }
  | { kind: "frame"; host: string; port: number; request: Row }
type AnswerOf = { rpc: RpcAnswer; http: HttpAnswer; frame: FrameText }

export type WireTap = {
  /** Answers in the machine's place; undefined: the machine is asked. */
  instead?: <K extends WireExchange["kind"]>(
    exchange: Extract<WireExchange, { kind: K }>,
  ) => AnswerOf[K] | undefined
  /** Told of every answer, failures included. */
  heard?: <K extends WireExchange["kind"]>(
    exchange: Extract<WireExchange, { kind: K }>,
    answer: AnswerOf[K],
  ) => void
}

let tap: WireTap | null = null

/** One tap at a time for the whole process; null ends it. */
export function tapWire(next: WireTap | null): void {
  tap = next
}

/** Sends by `ask`, unless the tap answers; the tap hears the answer. */
export function overWire<K extends WireExchange["kind"]>(
  describe: () => Extract<WireExchange, { kind: K }>,
  ask: () => Promise<AnswerOf[K]>,
): Promise<AnswerOf[K]> {
  if (tap === null) return ask()
  const { instead, heard } = tap
  const exchange = describe()
  const given = instead?.<K>(exchange)
  if (given !== undefined) return Promise.resolve(given)
  return ask().then((answer) => {
    heard?.<K>(exchange, answer)
    return answer
  })
}
