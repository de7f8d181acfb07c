import { createHash, randomBytes } from "node:crypto"
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http"
import { type AddressInfo, createServer, type Server, type Socket } from "node:net"
import type { DriverContext } from "../driver.ts"
import { DEFAULT_TEMP_LIMITS } from "../limits.ts"

/** What a fake miner does with one command: answer, answer by hand, or a reply in the common error envelope. */
export type RpcAnswerer = string | object | ((socket: Socket, request: Record<string, unknown>) => void)

export type FakeRpc = {
  port: number
  /** Commands in the order they came, one connection each. */
  asked: string[]
  answers: Record<string, RpcAnswerer>
  close: () => Promise<void>
}

export const errorReply = (code: number, message: string) => ({
  STATUS: [{ STATUS: "E", When: 1, Code: code, Msg: message, Description: "fake" }],
  id: 1,
})
export const section = (name: string, rows: object[], code = 11) => ({
  STATUS: [{ STATUS: "S", When: 1, Code: code, Msg: name, Description: "fake" }],
  [name]: rows,
  id: 1,
})

/** A cgminer port on loopback that closes after each reply, as the real one does. */
export async function fakeRpc(answers: Record<string, RpcAnswerer>): Promise<FakeRpc> {
  const sockets = new Set<Socket>()
  const fake: FakeRpc = { port: 0, asked: [], answers, close: () => stop(server, sockets) }
  const server = createServer((socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => undefined))
    socket.once("data", (bytes) => {
      const request = parsed(bytes)
      if (request === null) return void socket.end(`${JSON.stringify(errorReply(23, "Invalid JSON"))}\0`)
      const command = String(request.command)
      fake.asked.push(command)
      const answer =
        fake.answers[command] ?? joined(fake.answers, command) ?? errorReply(14, "Invalid command")
      if (typeof answer === "function") answer(socket, request)
      else socket.end(`${typeof answer === "string" ? answer : JSON.stringify(answer)}\0`)
    })
  })
  fake.port = await listen(server)
  return fake
}

function parsed(bytes: Buffer): Record<string, unknown> | null {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return null // a web request or a frame at the wrong door
  }
}

/** `a+b` answered from its members, where the fake allows it with an entry `+`. */
function joined(answers: Record<string, RpcAnswerer>, command: string): object | null {
  if (!command.includes("+") || !("+" in answers)) return null
  const names = command.split("+")
  return {
    ...Object.fromEntries(names.map((name) => [name, [answers[name] ?? errorReply(14, "Invalid command")]])),
    id: 1,
  }
}

export type WebRoute = {
  status?: number
  body?: unknown
  drop?: boolean
  act?: (request: IncomingMessage, body: string) => void
}
export type FakeWeb = {
  port: number
  /** `GET /path` of the requests that passed the login, and the bodies of the POSTs. */
  asked: string[]
  bodies: string[]
  /** Requests without or with a wrong login. */
  challenges: number
  password: string
  realm: string
  /** Every `Authorization` that came, the refused too. */
  shown: string[]
  /** Calls the nonce of a refused request too old. */
  stale: boolean
  /** After each challenge. */
  challenged: () => void
  /** Forgets its nonces, as a restarted server does. */
  forget: () => void
  routes: Record<string, WebRoute | (() => WebRoute)>
  close: () => Promise<void>
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex")

/** A web interface behind digest authentication, root/root unless changed. */
export async function fakeWeb(routes: FakeWeb["routes"]): Promise<FakeWeb> {
  const sockets = new Set<Socket>()
  const uses = new Map<string, number>()
  const fake: FakeWeb = {
    port: 0,
    asked: [],
    bodies: [],
    challenges: 0,
    password: "root",
    realm: "antMiner Configuration",
    shown: [],
    stale: false,
    challenged: () => undefined,
    forget: () => uses.clear(),
    routes,
    close: () => stop(server, sockets),
  }
  const allowed = (request: IncomingMessage) => {
    const header = request.headers.authorization ?? ""
    const field = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)`).exec(header)?.[1] ?? ""
    const count = Number.parseInt(field("nc"), 16)
    const known = uses.get(field("nonce"))
    if (known === undefined || count <= known) return false
    const who = md5(`${field("username")}:${fake.realm}:${fake.password}`)
    const what = md5(`${request.method}:${request.url}`)
    const wanted = md5(`${who}:${field("nonce")}:${field("nc")}:${field("cnonce")}:auth:${what}`)
    if (field("username") !== "root" || field("response") !== wanted) return false
    uses.set(field("nonce"), count)
    return true
  }
  const server = createHttpServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    if (request.headers.authorization !== undefined) fake.shown.push(request.headers.authorization)
    if (!allowed(request)) {
      fake.challenges += 1
      const nonce = randomBytes(8).toString("hex")
      uses.set(nonce, 0)
      const header = `Digest realm="${fake.realm}", nonce="${nonce}", qop="auth"${fake.stale ? ", stale=true" : ""}`
      response.writeHead(401, { "WWW-Authenticate": header }).end("<html>401</html>")
      fake.challenged()
      return
    }
    fake.asked.push(`${request.method} ${request.url}`)
    if (request.method === "POST") fake.bodies.push(body)
    const given = fake.routes[request.url ?? ""]
    const route = typeof given === "function" ? given() : given
    route?.act?.(request, body)
    if (route?.drop) request.socket.destroy()
    else
      response
        .writeHead(route?.status ?? (route ? 200 : 404))
        .end(route ? JSON.stringify(route.body ?? {}) : "<html>404</html>")
  })
  server.on("connection", (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => undefined))
  })
  fake.port = await listen(server)
  return fake
}

async function listen(server: Server | HttpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return (server.address() as AddressInfo).port
}

function stop(server: Server | HttpServer, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** A port on loopback where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await stop(server, new Set())
  return port
}

/** A context against loopback, without repetitions unless told. */
export function contextFor(
  rpcPort: number,
  webPort: number,
  more: Partial<DriverContext> = {},
): DriverContext {
  return {
    address: { host: "127.0.0.1", rpcPort, webPort },
    credentials: null,
    limits: DEFAULT_TEMP_LIMITS,
    signal: new AbortController().signal,
    retry: [],
    ...more,
  }
}
