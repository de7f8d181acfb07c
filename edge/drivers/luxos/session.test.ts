import type { Socket } from "node:net"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { sessionId } from "#edge/simulator/families/luxos/session.ts"
import type { FaultKind } from "#edge/simulator/faults.ts"
import type { DriverContext } from "../driver.ts"
import { contextFor, errorReply, fakeRpc, section } from "../test/fake-miner.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { requestRpc } from "../transport/cgminer-client.ts"
import { luxosDriver } from "./driver.ts"
import { WRITES } from "./rpc.ts"
import { withSession } from "./session.ts"

/** The machine's one session: had by whoever logs on first, and never left behind. */
const KPRO = "127.80.1.1"
const S21 = "127.80.1.2"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: KPRO, profile: "luxos-s19k-pro" },
    { address: S21, profile: "luxos-s21" },
  ])
})
afterAll(() => floor.close())
beforeEach(async () => {
  for (const address of [KPRO, S21]) await floor.reset(address)
})

const held = (address = KPRO) => sessionId(floor.farm.miner(address))
const raw = (command: string, parameter?: string) => {
  const { host, rpcPort } = floor.farm.target(KPRO)
  const target = { host, port: rpcPort, signal: AbortSignal.timeout(5_000) }
  return requestRpc(target, parameter === undefined ? { command } : { command, parameter }, {
    writes: WRITES,
  })
}
const sleep = { type: "DISABLE", parameters: {} } as const
const since = (address: string) => {
  const before = floor.writes(address).length
  return () => floor.writes(address).slice(before)
}

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

/** A machine that resets the connection of every `logoff` until it is told to hear it. */
async function deafMachine() {
  const ids = ["AAAA1111", "BBBB2222"]
  const machine = { context: {} as DriverContext, given: [] as string[], session: "", hearsLogoff: false }
  const reply = (socket: Socket, body: object) => void socket.end(`${JSON.stringify(body)}\0`)
  const rpc = await fakeRpc({
    logon: (socket) => {
      machine.given.push("logon")
      if (machine.session !== "") return reply(socket, errorReply(317, "Another session is active"))
      machine.session = ids.shift() ?? "LATE0000"
      reply(socket, section("SESSION", [{ SessionID: machine.session }], 316))
    },
    logoff: (socket, { parameter }) => {
      machine.given.push(`logoff ${String(parameter)}`)
      if (!machine.hearsLogoff) return void socket.resetAndDestroy()
      if (parameter === machine.session) machine.session = ""
      reply(socket, section("SESSION", [], 315))
    },
    session: (socket) => reply(socket, section("SESSION", [{ SessionID: machine.session }], 319)),
    ledset: section("LED", [], 331),
  })
  open.push(rpc)
  machine.context = contextFor(rpc.port, 1)
  return machine
}
const blinkOnce = (context: DriverContext) =>
  withSession(context, (session) => session.send("ledset", ["red", "blink"]), [])

describe("a session", () => {
  it.each<[string, FaultKind | null]>([
    ["a write that was taken", null],
    ["a write that was refused", "act-refuse"],
    ["a write whose answer was lost", "act-drop-after"],
    ["a write that was cut off", "act-drop-before"],
  ])("A30 is given back after %s", async (_what, fault) => {
    if (fault !== null) floor.farm.fault(KPRO, fault)
    const outcome = await luxosDriver.act(floor.at(KPRO), await floor.known(KPRO), sleep)
    expect(outcome.ok).toBe(fault === null || fault === "act-drop-after")
    if (!outcome.ok) expect(outcome.sent).toBe(fault === "act-drop-before")
    expect(held()).toBeNull()
  })

  it("A30 is given back when the command's own time runs out in the middle of a write", async () => {
    const identity = await floor.known(KPRO)
    floor.farm.fault(KPRO, "act-silent")
    const outcome = await luxosDriver.act(floor.at(KPRO, AbortSignal.timeout(300)), identity, sleep)
    expect(outcome).toMatchObject({ ok: false, sent: true, fault: { kind: "timeout" } })
    expect(held()).toBeNull()
    expect(floor.farm.miner(KPRO).sleeping).toBe(false)
  })

  it("is given back when what ran under it throws", async () => {
    const broken = withSession(floor.at(KPRO), async () => {
      throw new Error("broken")
    })
    await expect(broken).rejects.toThrow("broken")
    expect(held()).toBeNull()
  })

  it("of another tool is waited for, and never ended", async () => {
    const written = since(KPRO)
    await raw("logon")
    const other = held()
    const sent = await withSession(floor.at(KPRO), (session) => session.send("curtail", ["sleep"]), [1, 1])
    expect(sent).toMatchObject({ kind: "unsent", fault: { kind: "busy" } })
    expect(held()).toBe(other)
    expect(written()).toEqual([])
  })

  it("of a collector that died lapses a minute later, and then is had", async () => {
    await raw("logon")
    await floor.farm.advance(59_000)
    expect(held()).not.toBeNull()
    await floor.farm.advance(2_000)
    const sent = await withSession(floor.at(KPRO), (session) => session.send("curtail", ["sleep"]), [])
    expect(sent).toMatchObject({ kind: "accepted" })
    expect(held()).toBeNull()
  })

  it("that could not be given back is ours to end before the next, by its very id", async () => {
    const machine = await deafMachine()
    expect(await blinkOnce(machine.context)).toMatchObject({ kind: "accepted" })
    expect(machine.given).toEqual(["logon", "logoff AAAA1111", "logoff AAAA1111"])
    machine.hearsLogoff = true
    expect(await blinkOnce(machine.context)).toMatchObject({ kind: "accepted" })
    expect(machine.given.slice(3)).toEqual(["logoff AAAA1111", "logon", "logoff BBBB2222"])
    expect(machine.session).toBe("")
  })

  it("that could not be given back is left alone once another tool has one", async () => {
    const machine = await deafMachine()
    await blinkOnce(machine.context)
    machine.session = "OTHER999"
    machine.hearsLogoff = true
    expect(await blinkOnce(machine.context)).toMatchObject({ kind: "unsent", fault: { kind: "busy" } })
    expect(machine.given.slice(3)).toEqual(["logon"])
    expect(machine.session).toBe("OTHER999")
  })

  it("A21 goes down with the machine that it rebooted", async () => {
    const written = since(KPRO)
    const reboot = { type: "REBOOT", parameters: { mode: "hard" } } as const
    const outcome = await luxosDriver.act(floor.at(KPRO), await floor.known(KPRO), reboot)
    expect(outcome).toMatchObject({ ok: true, value: { ran: "rebootdevice", verified: false } })
    expect(held()).toBeNull()
    expect(written().map(({ kind }) => kind)).toEqual(["reboot-hard"])
  })

  it("A23 comes before pools only where the firmware wants it", async () => {
    const action = {
      type: "CHANGE_POOL",
      parameters: { pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "a.b", password: "p,q" }] },
    } as const
    for (const address of [KPRO, S21]) {
      const before = floor.farm.acts(address).length
      const outcome = await luxosDriver.act(floor.at(address), await floor.known(address), {
        ...action,
        parameters: { pools: [...action.parameters.pools] },
      })
      expect(outcome).toMatchObject({ ok: true, value: { verified: true } })
      const refused = floor.farm
        .acts(address)
        .slice(before)
        .filter(({ kind }) => kind === "refused")
      expect(refused).toHaveLength(address === S21 ? 1 : 0)
      expect(floor.farm.miner(address).settings.pools).toEqual([
        { url: "stratum+tcp://new.example:3333", user: "a.b", pass: "p,q" },
      ])
      expect(held(address)).toBeNull()
    }
  })
})
