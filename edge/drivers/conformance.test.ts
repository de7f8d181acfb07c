import { afterEach, describe, expect, it } from "vitest"
import { FAULT_KINDS } from "#server/contract/driver-faults.ts"
import { SAMPLE_FIELDS, sampleSchema } from "#server/contract/telemetry.ts"
import type { Driver, DriverAction, DriverContext, Identity } from "./driver.ts"
import { featureOfAction } from "./feature-of-action.ts"
import { driverFor, identifyMiner } from "./registry.ts"
import { closedPort, contextFor, type FakeRpc, fakeRpc, fakeWeb } from "./test/fake-miner.ts"
import { antminerRpc, antminerWeb, genericRpc, whatsminerRpc } from "./test/machines.ts"
import { seededRandom } from "./test/random.ts"
import { closeHttpSockets } from "./transport/http-client.ts"
import { forgetRefusedLogins } from "./transport/refused-logins.ts"

/** What every driver must do. A new family adds one line here. */
const MACHINES: { family: string; answers: () => FakeRpc["answers"]; web: boolean }[] = [
  { family: "antminer-stock", answers: antminerRpc, web: true },
  { family: "whatsminer-v2", answers: whatsminerRpc, web: false },
  { family: "generic-cgminer", answers: genericRpc, web: false },
]
const ACTIONS: DriverAction[] = [
  { type: "REBOOT", parameters: { mode: "soft" } },
  { type: "REBOOT", parameters: { mode: "hard" } },
  { type: "LED", parameters: { state: "on" } },
]

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  closeHttpSockets()
  forgetRefusedLogins()
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

const asSample = (reading: object) => ({ ...reading, miner_id: "x", collected_at: "2026-01-01T00:00:00Z" })

describe.each(MACHINES)("$family", ({ family, answers, web }) => {
  const driver = driverFor(family) as Driver

  async function machine(given = answers(), more: Partial<DriverContext> = {}) {
    const rpc = await fakeRpc(given)
    open.push(rpc)
    const page = web ? await fakeWeb(antminerWeb()) : null
    if (page) open.push(page)
    return { rpc, page, context: contextFor(rpc.port, page?.port ?? (await closedPort()), more) }
  }
  async function identityAt(context: DriverContext): Promise<Identity> {
    const identity = await identifyMiner(context)
    if (!identity.ok) throw new Error(identity.fault.message)
    return identity.value
  }

  it("is found by its signature and names itself", async () => {
    const { context } = await machine()
    const identity = await identityAt(context)
    expect(identity).toMatchObject({ family, make: driver.make })
    expect(identity.evidence.length).toBeGreaterThan(0)
    expect(await driver.identify(context)).toMatchObject({
      ok: true,
      value: { mac: identity.mac, serial: identity.serial },
    })
  })

  it("makes a valid sample with every field, rates in GH/s, boards in slot order", async () => {
    const { context } = await machine()
    const reading = await driver.read(context, await identityAt(context))
    if (!reading.ok) throw new Error(reading.fault.message)
    const sample = asSample(reading.value)
    expect(sampleSchema.safeParse(sample).error).toBeUndefined()
    expect(Object.keys(sample).sort()).toEqual([...SAMPLE_FIELDS].sort())
    expect(reading.value).toMatchObject({
      online: true,
      mining: true,
      ip_address: "127.0.0.1",
      overall_health: "healthy",
    })
    expect(reading.value.hashrate_5s_ghs).toBeGreaterThan(1_000)
    expect(reading.value.pools!.filter((pool) => pool.active)).toHaveLength(1)
    const slots = reading.value.boards!.map((board) => board.id)
    expect(slots).toEqual([...slots].sort((one, other) => one - other))
  })

  it("reads the same thing twice, and writes nothing while reading", async () => {
    const { context, rpc, page } = await machine()
    const identity = await identityAt(context)
    const once = await driver.read(context, identity)
    const twice = await driver.read(context, identity)
    const untimed = (outcome: typeof once) => (outcome.ok ? { ...outcome.value, latency_ms: null } : outcome)
    expect(untimed(once)).toEqual(untimed(twice))
    expect(page?.bodies ?? []).toEqual([])
    expect(rpc.asked.some((command) => /restart|quit|add|remove|set|save/.test(command))).toBe(false)
  })

  it.each<[string, FakeRpc["answers"][string], string[]]>([
    ["silence", () => undefined, ["timeout"]],
    ["an empty answer", (socket) => socket.end(), ["refused"]],
    ["a reset", (socket) => socket.resetAndDestroy(), ["busy"]],
    ["noise", (socket) => socket.end(Buffer.from([200, 1, 7, 255, 3])), ["garbled"]],
    ["half an answer", (socket) => socket.end('{"STATUS":[{"STATUS":"S","Code":11,"Msg":"Summ'), ["garbled"]],
  ])("answers %s with a fault, as data", async (_name, behaviour, kinds) => {
    const healthy = await machine()
    const identity = await identityAt(healthy.context)
    const all = Object.fromEntries(
      ["summary", "stats", "devs", "pools", "version", "devdetails", "summary+devs+pools"].map((command) => [
        command,
        behaviour,
      ]),
    )
    const rpc = await fakeRpc(all)
    open.push(rpc)
    const signal = _name === "silence" ? AbortSignal.timeout(50) : new AbortController().signal
    const context = contextFor(rpc.port, await closedPort(), { signal })
    const reading = await driver.read(context, identity)
    expect(reading.ok).toBe(false)
    if (!reading.ok) {
      expect(kinds).toContain(reading.fault.kind)
      expect(reading.fault.message.length).toBeGreaterThan(10)
    }
  })

  it("says of every action whether it can, and acts only on what it can", async () => {
    const { context } = await machine()
    const identity = await identityAt(context)
    for (const action of ACTIONS) {
      const can = driver.capabilities(identity).can(featureOfAction(action))
      const done = await driver.act(context, identity, action)
      if (done.ok) expect(can.ok).toBe(true)
      else {
        expect(FAULT_KINDS).toContain(done.fault.kind)
        expect(done.sent).toBe(false)
      }
      if (!can.ok) expect(done).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    }
  })

  it("makes a valid sample or a fault of whatever values stand in the replies (seed 11)", async () => {
    const random = seededRandom(11)
    const odd = [
      null,
      -1,
      0,
      1e300,
      -1e300,
      99999999,
      "",
      "nan",
      "-",
      "1,2,3",
      "x".repeat(5_000),
      [],
      {},
      true,
      "0-0-0-0",
      "78--5",
      [[]],
      "\u0000\u0007",
      3.7,
    ]
    const { rpc, context } = await machine()
    const identity = await identityAt(context)
    const mutate = (value: unknown): unknown => {
      if (random() < 0.12) return odd[Math.floor(random() * odd.length)]
      if (Array.isArray(value)) return value.map(mutate)
      if (typeof value === "object" && value !== null)
        return Object.fromEntries(
          Object.entries(value).map(([key, each]) => [key, key === "STATUS" ? each : mutate(each)]),
        )
      return value
    }
    for (let round = 0; round < 120; round += 1) {
      const whole = answers()
      rpc.answers = Object.fromEntries(
        Object.entries(whole).map(([command, answer]) => [
          command,
          typeof answer === "object" ? ((mutate(answer) as object) ?? {}) : answer,
        ]),
      )
      const reading = await driver.read(context, identity)
      if (reading.ok) expect(sampleSchema.safeParse(asSample(reading.value)).error).toBeUndefined()
      else expect(FAULT_KINDS).toContain(reading.fault.kind)
    }
  })
})
