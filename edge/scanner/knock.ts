import { Socket } from "node:net"

/**
 * One connection to one port. `reached` says soon whether the port is open; where it is, `hello` is said and `word` is
 * what came back: a text (perhaps empty: the connection was closed without one), or null after silence.
 */
export type Reach =
  | "open"
  /** The host is there, the port is not. */
  | "refused"
  /** Nothing came back in time. */
  | "silent"
  /** The network says that nobody is there. */
  | "unreachable"
  /** This system has no room for another socket. */
  | "no-room"
export type Knock = { reached: Promise<Reach>; word: Promise<string | null>; hangUp: () => void }

const WORD_MAX_BYTES = 4_096
/** What belongs to the first words comes within this. */
const WORD_REST_MS = 150

export function knock(input: {
  host: string
  port: number
  hello: Buffer
  connectTimeoutMs: number
  speakTimeoutMs: number
}): Knock {
  const socket = new Socket()
  let answer: (reach: Reach) => void = () => {}
  let say: (word: string | null) => void = () => {}
  const reached = new Promise<Reach>((resolve) => {
    answer = resolve
  })
  const word = new Promise<string | null>((resolve) => {
    say = resolve
  })
  const chunks: Buffer[] = []
  let bytes = 0
  let timer: NodeJS.Timeout
  const end = (reach: Reach, heard: string | null) => {
    clearTimeout(timer)
    socket.destroy()
    answer(reach)
    say(heard)
  }
  const heard = () => Buffer.concat(chunks).toString("latin1")
  timer = setTimeout(() => end("silent", null), input.connectTimeoutMs)
  socket.once("connect", () => {
    clearTimeout(timer)
    timer = setTimeout(() => end("open", null), input.speakTimeoutMs)
    answer("open")
    socket.write(input.hello)
  })
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk.length > WORD_MAX_BYTES ? chunk.subarray(0, WORD_MAX_BYTES) : chunk)
    bytes += chunk.length
    if (bytes >= WORD_MAX_BYTES) return end("open", heard())
    if (chunks.length > 1) return
    clearTimeout(timer)
    timer = setTimeout(() => end("open", heard()), WORD_REST_MS)
  })
  socket.once("end", () => end("open", heard()))
  // After a connect an error is a cut connection: `reached` stands, and what was heard counts.
  socket.once("error", (error: NodeJS.ErrnoException) => end(reachOf(error), heard()))
  socket.connect({ host: input.host, port: input.port, autoSelectFamily: false })
  return { reached, word, hangUp: () => end("open", null) }
}

function reachOf(error: NodeJS.ErrnoException): Reach {
  switch (error.code) {
    case "ECONNREFUSED":
    case "ECONNRESET":
      return "refused"
    case "EMFILE":
    case "ENFILE":
    case "ENOBUFS":
    case "ENOMEM":
    case "EADDRNOTAVAIL":
    case "EAGAIN":
      return "no-room"
    case "ETIMEDOUT":
      return "silent"
    default:
      return "unreachable"
  }
}
