import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import type { DriverAction } from "../driver.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { axeosDriver } from "./driver.ts"

const SUPRA = "127.79.9.1"
const GAMMA = "127.79.9.2"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: SUPRA, profile: "bitaxe-supra" },
    { address: GAMMA, profile: "bitaxe-gamma" },
  ])
})
afterAll(() => floor.close())
beforeEach(async () => {
  await floor.reset(SUPRA)
  await floor.reset(GAMMA)
})
const act = async (address: string, action: DriverAction) =>
  axeosDriver.act(floor.at(address), await floor.known(address), action)

it("A23 stores a pool, restarts the board to use it, and leaves the other slot alone", async () => {
  const before = floor.farm.miner(SUPRA).settings.pools[1]
  const outcome = await act(SUPRA, {
    type: "CHANGE_POOL",
    parameters: {
      pools: [{ url: "stratum+tcp://new.example:4444", worker_name: "acct.{worker}", password: "x" }],
      pool_number: 0,
    },
  })
  expect(outcome).toMatchObject({ ok: true, value: { verified: true } })
  const miner = floor.farm.miner(SUPRA)
  expect(miner.settings.pools[0]).toMatchObject({ url: "stratum+tcp://new.example:4444" })
  expect(miner.settings.pools[1]).toEqual(before)
  expect(
    floor
      .writes(SUPRA)
      .map(({ kind }) => kind)
      .slice(-2),
  ).toEqual(["conf", "reboot-hard"])
  expect(miner.state()).toBe("booting")
})

it("A23 has two slots, and no third", async () => {
  const pool = { url: "stratum+tcp://new.example:4444", worker_name: "acct.one", password: "x" }
  const three = await act(SUPRA, { type: "CHANGE_POOL", parameters: { pools: [pool, pool, pool] } })
  expect(three).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
  const third = await act(SUPRA, { type: "CHANGE_POOL", parameters: { pools: [pool], pool_number: 2 } })
  expect(third).toMatchObject({ ok: false, sent: false })
})

it("A24 a clock that changes while it runs needs no restart", async () => {
  const outcome = await act(GAMMA, { type: "SET_FREQ", parameters: { frequency_mhz: 500 } })
  expect(outcome).toMatchObject({ ok: true, value: { verified: true, after: { frequency_mhz: 490 } } })
  if (outcome.ok) expect(outcome.value.message).toContain("500 MHz")
  expect(floor.writes(GAMMA).at(-1)!.kind).toBe("conf")
})

it("A26 lets the display greet once, and does not end it by asking twice", async () => {
  const on: DriverAction = { type: "LED", parameters: { state: "on" } }
  const off: DriverAction = { type: "LED", parameters: { state: "off" } }
  const nowMs = { value: 1e9 }
  const led = async (action: DriverAction) =>
    axeosDriver.act({ ...floor.at(GAMMA), now: () => nowMs.value }, await floor.known(GAMMA), action)
  expect(await led(off)).toMatchObject({ ok: true, value: { already: true } })
  expect(await led(on)).toMatchObject({ ok: true, value: { verified: false } })
  expect(await led(on)).toMatchObject({ ok: true, value: { already: true } })
  nowMs.value += 31_000
  await floor.farm.advance(31_000)
  expect(await led(on)).toMatchObject({ ok: true, value: { verified: false } })
  expect(await led(off)).toMatchObject({ ok: true, value: { verified: false } })
  expect(floor.writes(GAMMA).flatMap(({ kind, detail }) => (kind === "blink" ? [detail.on] : []))).toEqual([
    true,
    true,
    false,
  ])
})

it("D20 keeps the password of a pool that stays, and sets any where it changes", async () => {
  const identity = await floor.known(GAMMA)
  const taken = await axeosDriver.backup!(floor.at(GAMMA), identity)
  if (!taken.ok) throw new Error(taken.fault.message)
  const miner = floor.farm.miner(GAMMA)
  const kept = miner.settings.pools[1]!.pass
  miner.settings.pools[0] = { url: "stratum+tcp://other.example:1", user: "else", pass: "y" }
  const outcome = await axeosDriver.act(floor.at(GAMMA), identity, {
    type: "RESTORE_CONFIG",
    settings: taken.value,
  })
  expect(outcome).toMatchObject({ ok: true, value: { verified: true } })
  if (outcome.ok) expect(outcome.value.message).toContain("no passwords")
  expect(miner.settings.pools.map(({ pass }) => pass)).toEqual(["x", kept])
})
