import type { Socket } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { MINER_REPLY_MAX_BYTES } from "#server/contract/budgets.ts"
import { closedPort, type FakeRpc, fakeRpc, type RpcAnswerer } from "../test/fake-miner.ts"
import { type RpcOptions, requestRpc } from "./cgminer-client.ts"

const open: FakeRpc[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

async function ask(answer: RpcAnswerer, options: RpcOptions = {}, command = "summary", signal?: AbortSignal) {
  const fake = await fakeRpc({ [command]: answer })
  open.push(fake)
  const target = { host: "127.0.0.1", port: fake.port, signal: signal ?? new AbortController().signal }
  return { fake, answer: await requestRpc(target, { command }, options) }
}

const REPLY = '{"STATUS":[{"STATUS":"S"}],"SUMMARY":[{"a":"}"}],"id":1}'
const keptOpen =
  (write: (socket: Socket) => void): RpcAnswerer =>
  (socket) =>
    write(socket)

describe("the end of a reply", () => {
  it.each<[string, RpcAnswerer]>([
    ["NUL, connection left open", keptOpen((socket) => socket.write(`${REPLY}\0`))],
    ["NUL and newline", keptOpen((socket) => socket.write(`${REPLY}\0\n`))],
    ["FIN alone", keptOpen((socket) => socket.end(REPLY))],
    ["newline, then FIN", keptOpen((socket) => socket.end(`${REPLY}\n`))],
    ["balanced brackets and silence", keptOpen((socket) => socket.write(`${REPLY}\n`))],
    [
      "reset after a whole reply",
      keptOpen((socket) => socket.write(REPLY, () => setImmediate(() => socket.resetAndDestroy()))),
    ],
  ])("is %s", async (_name, behaviour) => {
    const { answer } = await ask(behaviour)
    expect(answer).toMatchObject({ ok: true })
    expect(answer.ok && JSON.parse(answer.text)).toMatchObject({ id: 1 })
  })

  it("is found however the reply is cut into pieces", async () => {
    const pieces = ['{"SUMMARY":[{"a":"', '}"}', "],", '"id":1', "}"]
    const { answer } = await ask((socket) => {
      const next = () => {
        const piece = pieces.shift()
        if (piece !== undefined) socket.write(piece, () => setImmediate(next))
      }
      next()
    })
    expect(answer.ok && JSON.parse(answer.text)).toEqual({ SUMMARY: [{ a: "}" }], id: 1 })
  })
})

describe("faults", () => {
  it.each<[string, RpcAnswerer, string, boolean]>([
    ["nothing, then FIN", keptOpen((socket) => socket.end()), "refused", true],
    ["nothing, then reset", keptOpen((socket) => socket.resetAndDestroy()), "busy", true],
    [
      "half a reply, then reset",
      keptOpen((socket) =>
        socket.write(REPLY.slice(0, 20), () => setImmediate(() => socket.resetAndDestroy())),
      ),
      "garbled",
      false,
    ],
  ])("%s", async (_name, behaviour, kind, dropped) => {
    const { answer } = await ask(behaviour)
    expect(answer).toMatchObject({ ok: false, fault: { kind }, sent: true, dropped })
  })

  it("silence is a timeout, also after half a reply", async () => {
    const { answer } = await ask(() => undefined, { readTimeoutMs: 40 })
    expect(answer).toMatchObject({ ok: false, fault: { kind: "timeout" }, sent: true, dropped: false })
    const half = await ask((socket) => socket.write('{"a":'), { readTimeoutMs: 40 })
    expect(half.answer).toMatchObject({ ok: false, fault: { kind: "timeout" } })
  })

  it("a closed port is refused and nothing was sent", async () => {
    const target = { host: "127.0.0.1", port: await closedPort(), signal: new AbortController().signal }
    expect(await requestRpc(target, { command: "summary" })).toMatchObject({
      ok: false,
      fault: { kind: "refused" },
      sent: false,
    })
  })

  it("a flood is cut off at the cap", async () => {
    const { answer } = await ask((socket) => socket.write(" ".repeat(MINER_REPLY_MAX_BYTES + 1)))
    expect(answer).toMatchObject({ ok: false, fault: { kind: "garbled" } })
  })

  it("the signal ends it, before and during", async () => {
    const early = await ask(REPLY, {}, "summary", AbortSignal.abort())
    expect(early.answer).toMatchObject({ ok: false, fault: { kind: "timeout" }, sent: false })
    expect(early.fake.asked).toEqual([])
    const controller = new AbortController()
    const late = await ask(() => controller.abort(), {}, "summary", controller.signal)
    expect(late.answer).toMatchObject({ ok: false, fault: { kind: "timeout" }, sent: true })
  })
})

describe("the white-list", () => {
  it.each([
    "restart",
    "quit",
    "addpool",
    "ascset",
    "save",
    "summary+restart",
    "Summary",
    "",
  ])("refuses %j", async (command) => {
    const fake = await fakeRpc({})
    open.push(fake)
    const target = { host: "127.0.0.1", port: fake.port, signal: new AbortController().signal }
    expect(await requestRpc(target, { command })).toMatchObject({
      ok: false,
      fault: { kind: "unsupported" },
      sent: false,
    })
    expect(fake.asked).toEqual([])
  })

  it("lets through what the driver's own table allows", async () => {
    const { answer } = await ask("RESTART", { writes: new Set(["restart"]) }, "restart")
    expect(answer).toMatchObject({ ok: true, text: "RESTART" })
  })

  it.each([
    ["0.0.0.0", 4028],
    ["x y", 4028],
    ["127.0.0.1", 0],
  ])("and a bad address %s:%i", async (host, port) => {
    const target = { host, port, signal: new AbortController().signal }
    expect(await requestRpc(target, { command: "summary" })).toMatchObject({ ok: false, sent: false })
  })
})
