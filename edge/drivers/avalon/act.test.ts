import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverAction, DriverContext, Identity } from "../driver.ts"
import { type Floor, NEW_SECRET, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"
import { avalonDriver } from "./driver.ts"

const [A15, A13, Q, LOCKED] = ["127.78.1.1", "127.78.1.2", "127.78.1.3", "127.78.1.4"]
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: A15, profile: "avalon-1566" },
    { address: A13, profile: "avalon-1346" },
    { address: Q, profile: "avalon-q" },
    { address: LOCKED, profile: "avalon-q" },
  ])
})
afterAll(() => floor.close())
beforeEach(async () => {
  for (const address of [A15, A13, Q, LOCKED]) await floor.reset(address)
})

async function run(
  address: string,
  action: Pick<DriverAction, "type"> & ({ parameters: object } | { settings: object }),
  more: Partial<DriverContext> = {},
  identity?: Partial<Identity>,
) {
  const known = { ...(await floor.known(address)), ...identity }
  return avalonDriver.act(
    { ...floor.at(address), pause: floor.passTime, ...more },
    known,
    action as DriverAction,
  )
}
const pool = (worker_name: string) => ({
  type: "CHANGE_POOL" as const,
  parameters: { pools: [{ url: "stratum+tcp://new.example:3333", worker_name, password: NEW_SECRET }] },
})

describe("sleep", () => {
  it("A21 is told by the machine's own clock, which may be years behind", async () => {
    const outcome = await run(A15, { type: "DISABLE", parameters: {} })
    expect(outcome).toMatchObject({ ok: true, value: { verified: true, after: { asleep: true } } })
    const [act] = floor.writes(A15).slice(-1)
    expect(Number(act!.detail.at)).toBeLessThan(1_000_000_000)
    expect(floor.farm.miner(A15).sleeping).toBe(false)
    await floor.passTime(6_000)
    expect(floor.farm.miner(A15).sleeping).toBe(true)
  })

  it("takes a connection that closes without an answer for the yes that it is when waking up", async () => {
    floor.farm.fault(A13, "asleep")
    floor.farm.fault(A13, "act-drop-after", 1)
    expect(await run(A13, { type: "ENABLE", parameters: {} })).toMatchObject({
      ok: true,
      value: { verified: true },
    })
    expect(floor.farm.miner(A13).sleeping).toBe(false)
  })

  it("wakes a sleeping machine for a mode that it mines in, and keeps the mode over a nap", async () => {
    await run(Q, { type: "POWER_MODE", parameters: { mode: "eco" } })
    expect(floor.farm.miner(Q).settings.mode).toBe(3)
    await run(Q, { type: "DISABLE", parameters: {} })
    await floor.settle()
    expect(floor.farm.miner(Q).sleeping).toBe(true)
    const outcome = await run(Q, { type: "POWER_MODE", parameters: { mode: "high" } })
    expect(outcome).toMatchObject({ ok: true })
    await floor.settle()
    expect(floor.farm.miner(Q).settings.mode).toBe(2)
  })
})

describe("pools", () => {
  it("A22 escapes a comma, restarts, and reads back so", async () => {
    expect(await run(A15, pool("acct,one.{worker}"))).toMatchObject({ ok: true, value: { verified: true } })
    const pools = floor.farm.miner(A15).settings.pools
    expect(pools[0]).toMatchObject({ url: "stratum+tcp://new.example:3333", pass: NEW_SECRET })
    expect(pools[0]!.user).toMatch(/^acct,one\.\S+$/)
    expect(pools[1]!.url).toBe("")
  })

  it("D20 asks for the assigned login, says when it is refused, and writes nothing", async () => {
    floor.farm.miner(LOCKED).password = "attic-password"
    const refused: string[] = []
    const loginRefused = (user: string) => void refused.push(user)
    const outcome = await run(LOCKED, pool("acct.one"), { loginRefused })
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "auth" } })
    expect(refused).toEqual(["admin"])
    expect(floor.writes(LOCKED)).toEqual([])
    const asked = floor.farm.acts(LOCKED).length
    expect(await run(LOCKED, pool("acct.one"))).toMatchObject({ ok: false, fault: { kind: "auth" } })
    expect(floor.farm.acts(LOCKED)).toHaveLength(asked)

    const credentials = { username: "admin", password: "attic-password" }
    const done = await run(LOCKED, pool("acct.one"), { credentials })
    expect(done).toMatchObject({ ok: true })
    expect(JSON.stringify([done, floor.farm.acts(LOCKED)])).not.toMatch(/attic-password|new-pool-secret/)
  })

  it("changes a password alone where the machine tells it", async () => {
    const { url, user } = floor.farm.miner(Q).settings.pools[0]!
    const change = (password: string) =>
      run(Q, {
        type: "CHANGE_POOL",
        parameters: { pools: [{ url, worker_name: user, password }], pool_number: 0 },
      })
    expect(await change(OLD_SECRET)).toMatchObject({ ok: true, value: { already: true } })
    expect(await change(NEW_SECRET)).toMatchObject({ ok: true, value: { ran: "setpool, restart" } })
  })
})

describe("what cannot be", () => {
  it("A26 sends no option that the firmware does not list", async () => {
    const outcome = await run(Q, { type: "LED", parameters: { state: "on" } }, {}, { model: "Mini3" })
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(outcome.ok ? "" : outcome.fault.message).toContain('lists no option "led"')
    expect(floor.farm.acts(Q).filter(({ kind }) => kind === "refused")).toEqual([])
  })

  it("A25 names the range of the fans, and sets nothing outside of it", async () => {
    const thermal = { fan_mode: "manual", fan_speed_pct: 10 }
    const outcome = await run(A15, { type: "THERMAL_POLICY", parameters: thermal })
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(outcome.ok ? "" : outcome.fault.message).toContain("15 to 100 %")
  })

  it("A30 does not take fans that ran so before for a lost request that arrived", async () => {
    const before = await avalonDriver.backup!(floor.at(A15), await floor.known(A15))
    const raw = before.ok ? before.value.config.raw : {}
    const fan_speed_pct = Number(raw.fan_speed_pct)
    expect(fan_speed_pct).toBeGreaterThan(15)
    floor.farm.fault(A15, "act-drop-before", 1)
    const signal = AbortSignal.timeout(500)
    const thermal = { type: "THERMAL_POLICY" as const, parameters: { fan_mode: "manual", fan_speed_pct } }
    expect(await run(A15, thermal, { signal })).toMatchObject({
      ok: false,
      sent: true,
      fault: { kind: "timeout" },
    })
    expect(await run(A15, thermal)).toMatchObject({ ok: true, value: { verified: true } })
  })

  it("A24 says no as the machine does, and settles a lost answer by reading", async () => {
    expect(await run(A15, { type: "SET_FREQ", parameters: { frequency_mhz: 1_400 } })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
    floor.farm.fault(A15, "act-drop-after", 1)
    expect(await run(A15, { type: "LED", parameters: { state: "on" } })).toMatchObject({
      ok: true,
      value: { verified: true, message: expect.stringContaining("lost") },
    })
    floor.farm.fault(A15, "act-drop-before", 1)
    expect(await run(A15, { type: "SET_FREQ", parameters: { frequency_mhz: 300 } })).toMatchObject({
      ok: false,
      sent: true,
      fault: { kind: "timeout" },
    })
  })
})

describe("restore", () => {
  it("B14 refuses another model's backup, and says what it put for unknown passwords", async () => {
    const taken = await avalonDriver.backup!(floor.at(A13), await floor.known(A13))
    if (!taken.ok) throw new Error(taken.fault.message)
    expect(taken.value.passwords).toEqual(["", ""])
    const settings = taken.value
    const foreign = { ...settings, config: { ...settings.config, model: "1246" } }
    const restoring = async (of: typeof settings) => run(A13, { type: "RESTORE_CONFIG", settings: of })
    expect(await restoring(foreign)).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })

    const miner = floor.farm.miner(A13)
    miner.settings = {
      ...miner.settings,
      pools: [{ url: "stratum+tcp://x.example:1", user: "a.b", pass: "c" }],
    }
    const done = await restoring(settings)
    expect(done.ok ? done.value.message : done.fault.message).toContain('"x" is set')
    await floor.settle()
    expect(miner.settings.pools.map(({ pass }) => pass)).toEqual(["x", "x", ""])
    const look = await avalonDriver.look!(floor.at(A13), await floor.known(A13), {
      type: "RESTORE_CONFIG",
      settings,
    })
    expect(look).toEqual({ ok: true, value: true })
  })
})
