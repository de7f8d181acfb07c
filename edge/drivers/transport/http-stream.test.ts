import { createServer, type Server } from "node:http"
import {
  type AddressInfo,
  createServer as createRawServer,
  type Server as RawServer,
  type Socket,
} from "node:net"
import { Readable } from "node:stream"
import { afterEach, describe, expect, it } from "vitest"
import { requestHttp, type StreamedBody } from "./http-client.ts"

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})
async function listen(server: Server | RawServer): Promise<number> {
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)))
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const PIECE = Buffer.alloc(65_536, 1)
type Counted = StreamedBody & { taken: number; ended: Promise<void> }
function body(pieces: number, harm?: Error): Counted {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  async function* all() {
    try {
      for (let piece = 0; piece < pieces; piece += 1) {
        counted.taken += 1
        yield PIECE
        if (harm) throw harm
      }
    } finally {
      resolve()
    }
  }
  const counted: Counted = {
    sizeBytes: pieces * PIECE.length,
    taken: 0,
    ended,
    open: () => Readable.from(all(), { objectMode: false }),
  }
  return counted
}
const send = (port: number, streamed: StreamedBody, timeoutMs = 5_000) =>
  requestHttp(
    { host: "127.0.0.1", port, signal: new AbortController().signal },
    { method: "POST", path: "/x", body: streamed, timeoutMs, fresh: true },
  )

describe("streamed bodies", () => {
  it("arrive whole, their size told before", async () => {
    const port = await listen(
      createServer(async (request, response) => {
        let bytes = 0
        for await (const chunk of request) bytes += chunk.length
        response.end(`${request.headers["content-length"]} ${bytes}`)
      }),
    )
    const streamed = body(100)
    expect(await send(port, streamed)).toMatchObject({
      ok: true,
      status: 200,
      text: `${streamed.sizeBytes} ${streamed.sizeBytes}`,
    })
  })

  it("stop when the answer comes before they are taken", async () => {
    const port = await listen(
      createRawServer((socket) => {
        socket.once("data", () => {
          socket.pause()
          socket.write("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
        })
      }),
    )
    const streamed = body(2_000)
    expect(await send(port, streamed)).toMatchObject({ ok: true, status: 401 })
    await streamed.ended
    expect(streamed.taken).toBeLessThan(2_000)
  })

  it("are not pulled faster than they are taken, and standing still is a timeout", async () => {
    const port = await listen(createRawServer((socket) => void socket.pause()))
    const streamed = body(8_000)
    expect(await send(port, streamed, 300)).toMatchObject({
      ok: false,
      sent: true,
      fault: { kind: "timeout", message: expect.stringContaining("upload") },
    })
    await streamed.ended
    expect(streamed.taken).toBeLessThan(1_000)
  })

  it("that cannot be read are a fault", async () => {
    const port = await listen(createServer(() => undefined))
    const harm = Object.assign(new Error("read"), { code: "EIO" })
    expect(await send(port, body(3, harm))).toMatchObject({
      ok: false,
      fault: { message: expect.stringContaining("EIO") },
    })
  })
})
