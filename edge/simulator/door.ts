import type { IncomingHttpHeaders } from "node:http"
import type { Socket } from "node:net"
import type { SimulatedMiner } from "./miner.ts"
import type { Answer, CommandRequest } from "./rpc-protocol.ts"
import type { Upload } from "./upload.ts"

/**
 * What listens on a machine. `port` is the number that it has on a real one. A family lists its doors, and says
 * behind each what the machine answers; connections, faults and the log of acts are the farm's.
 */
export type Door = RpcDoor | WebDoor | RawDoor

/** cgminer's way: one request, one reply, then the machine closes. Shut while the mining process starts anew. */
export type RpcDoor = {
  kind: "rpc"
  port: number
  answer: (miner: SimulatedMiner, request: CommandRequest) => Answer
  /** Whether these commands are answered when they come joined (`summary+pools`). */
  mayJoin: (miner: SimulatedMiner, commands: readonly string[]) => boolean
  nulTerminated: boolean
  /** Whether this request would change something: then it meets the machine's fault of acts. */
  isAct: (miner: SimulatedMiner, request: CommandRequest) => boolean
  /** Opens an envelope that holds the command; an answer: what the machine says to it instead. Null: it is none. */
  unwrap?: (miner: SimulatedMiner, members: Record<string, unknown>) => CommandRequest | Answer | null
  /** How the machine says no to such a request; left out: cgminer's 45. */
  refusal?: (miner: SimulatedMiner, request: CommandRequest) => Answer
}

export type WebRequest = {
  method: string
  /** With its query. */
  url: string
  headers: IncomingHttpHeaders
  body: string
  upload: Upload | null
}
/** What a page answers; `after` runs when the reply has left. */
export type WebAnswer = {
  status: number
  /** A text and a `Buffer` go out as they are, anything else as JSON. */
  body: unknown
  headers?: Record<string, string | string[]>
  html?: boolean
  after?: () => void
  /** The connection is cut instead. */
  drop?: boolean
  /** Takes the request and never says a word, as the older blink script does. */
  hang?: boolean
}
export type WebDoor = {
  kind: "web"
  port: number
  /** Behind TLS, with a certificate of the machine's own. */
  tls?: boolean
  /** Null: the request is admitted; else what it is answered with (`digest.ts`, or tokens kept in `miner.memory`). */
  admit?: (miner: SimulatedMiner, request: WebRequest) => WebAnswer | null
  answer: (miner: SimulatedMiner, request: WebRequest) => WebAnswer
  /** The page's name and its refusal, when an admitted request would change something: it meets the fault of acts. */
  actOf: (miner: SimulatedMiner, request: WebRequest) => { name: string; refusal: WebAnswer } | null
  /** Bodies that are files (multipart, or the bare bytes), read without keeping them. */
  isUpload?: (request: { method: string; url: string }) => boolean
  /** Connections at a time; 4 when left out. */
  maxParallel?: number
  server?: string
  /** The web interface goes down with the mining process, as on boards where one program is both. */
  closesWithMining?: boolean
}

/** A protocol of the family's own; faults go through `delivery.ts` and `act-faults.ts`. */
export type RawDoor = {
  kind: "raw"
  port: number
  serve: (socket: Socket, miner: SimulatedMiner) => void
  closesWithMining: boolean
}

export const json = (body: unknown, status = 200): WebAnswer => ({ status, body })
export const html = (body: string, status = 200): WebAnswer => ({ status, body, html: true })
