import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { DriverContext, Identity } from "../driver.ts"
import { identifyMiner } from "../registry.ts"
import { closedPort } from "../test/fake-miner.ts"
import { type Floor, NEW_SECRET, simulatedFloor } from "../test/simulated.ts"
import { forgetTokens } from "../transport/token-session.ts"
import { vnishDriver } from "./driver.ts"

/** An open build of 1.2, and one of 1.3 whose reads are closed and whose `mining/*` wants the bare token. */
const OPEN = "127.80.1.1"
const CLOSED = "127.80.1.2"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: OPEN, profile: "vnish-s21-pro" },
    { address: CLOSED, profile: "vnish-s19j-pro" },
  ])
})
afterAll(() => floor.close())

let identity: Identity
beforeEach(async () => {
  forgetTokens()
  for (const address of [OPEN, CLOSED]) await floor.reset(address)
  identity = await floor.known(OPEN)
})
const act = (
  address: string,
  action: Parameters<typeof vnishDriver.act>[2],
  more: Partial<DriverContext> = {},
) => vnishDriver.act({ ...floor.at(address), ...more }, identity, action)
const read = async (context: DriverContext) => {
  const reading = await vnishDriver.read(context, identity)
  if (!reading.ok) throw new Error(reading.fault.message)
  return reading.value
}

describe("the token", () => {
  it("is not asked for where reads are open", async () => {
    const accepted: string[] = []
    await read({ ...floor.at(OPEN), loginAccepted: () => void accepted.push("yes") })
    expect(accepted).toEqual([])
    await read({ ...floor.at(CLOSED), loginAccepted: () => void accepted.push("yes") })
    expect(accepted.length).toBeGreaterThan(0)
  })

  it("D18 is fetched anew after a reboot forgot it", async () => {
    await read(floor.at(CLOSED))
    floor.farm.miner(CLOSED).rebootHard()
    await floor.settle()
    expect((await read(floor.at(CLOSED))).mining).toBe(true)
  })

  it("goes bare where mining/* wants it so, without a second login", async () => {
    expect(await act(CLOSED, { type: "DISABLE", parameters: {} })).toMatchObject({
      ok: true,
      value: { verified: true },
    })
    expect(floor.farm.miner(CLOSED).sleeping).toBe(true)
  })

  it("B13 refused: port 4028 tells the sample, and the refusal is told", async () => {
    floor.farm.fault(CLOSED, "other-password")
    floor.farm.miner(CLOSED).memory.clear()
    const refused: string[] = []
    const context = { ...floor.at(CLOSED), loginRefused: (user: string) => void refused.push(user) }
    expect(await read(context)).toMatchObject({ mining: true, power_estimated: true, boards_total: 3 })
    expect(refused).toEqual([""])
    expect(await act(CLOSED, { type: "DISABLE", parameters: {} })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "auth" },
    })
  })
})

it("C01 is known and read by port 4028 alone", async () => {
  const context = floor.at(OPEN)
  context.address = { ...context.address, webPort: await closedPort() }
  const found = await identifyMiner(context)
  expect(found).toMatchObject({
    ok: true,
    value: { family: "vnish", model: "S21 Pro", firmwareVersion: "1.2.7" },
  })
  expect(await read(context)).toMatchObject({ mining: true, power_estimated: true })
})

describe("presets", () => {
  it("A23 a limit takes the greatest preset within it, and says so", async () => {
    const outcome = await act(OPEN, { type: "POWER_MODE", parameters: { power_limit_w: 3_000 } })
    expect(outcome).toMatchObject({ ok: true, value: { verified: true, after: { preset: "2800" } } })
    if (outcome.ok) expect(outcome.value.message).toContain("limit of 3000 W")
    expect(floor.farm.miner(OPEN).settings.powerLimitW).toBe(2_800)
  })

  it("a limit under the least preset is refused with the range, and nothing is written", async () => {
    const before = floor.writes(OPEN).length
    const outcome = await act(OPEN, { type: "POWER_MODE", parameters: { power_limit_w: 900 } })
    expect(outcome).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported", message: expect.stringContaining("2100") },
    })
    expect(floor.writes(OPEN)).toHaveLength(before)
  })

  it("high power never takes a preset that wants another power supply", async () => {
    expect(await act(OPEN, { type: "POWER_MODE", parameters: { mode: "high" } })).toMatchObject({ ok: true })
    expect(floor.farm.miner(OPEN).settings.powerLimitW).toBe(3_500)
  })
})

describe("settings", () => {
  const pools = {
    pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password: NEW_SECRET }],
  }

  it("A21 restarts mining when the machine asks for it, and not while it is stopped", async () => {
    await act(OPEN, { type: "CHANGE_POOL", parameters: pools })
    expect(
      floor
        .writes(OPEN)
        .slice(-2)
        .map(({ kind }) => kind),
    ).toEqual(["conf", "reboot-soft"])
    await floor.reset(OPEN)
    floor.farm.miner(OPEN).settings.mode = 1
    const asleep = await act(OPEN, { type: "CHANGE_POOL", parameters: pools })
    expect(floor.writes(OPEN).at(-1)!.kind).toBe("conf")
    if (asleep.ok) expect(asleep.value.message).toContain("when mining starts")
  })

  it("only the slot that was named changes", async () => {
    const one = { ...pools, pool_number: 1 }
    await act(OPEN, { type: "CHANGE_POOL", parameters: one })
    const { pools: now } = floor.farm.miner(OPEN).settings
    expect(now.map(({ url }) => url)).toEqual([
      "stratum+tcp://btc.meridianpool.example:3333",
      "stratum+tcp://new.example:3333",
    ])
    expect(now[1]!.user).toMatch(/^acct\..+/)
  })

  it.each([
    [
      "act-drop-after",
      { ok: true, value: { verified: true, message: expect.stringContaining("answer was lost") } },
    ],
    ["act-refuse", { ok: false, sent: false, fault: { kind: "refused" } }],
    ["act-drop-before", { ok: false, sent: true, fault: { kind: "timeout" } }],
  ] as const)("A26 %s is settled by what reads back", async (fault, expected) => {
    floor.farm.fault(OPEN, fault, 1)
    const action = { type: "THERMAL_POLICY", parameters: { fan_mode: "manual", fan_speed_pct: 70 } } as const
    expect(await act(OPEN, action)).toMatchObject(expected)
  })

  it("a frequency outside the machine's range is refused with the range", async () => {
    const outcome = await act(OPEN, { type: "SET_FREQ", parameters: { frequency_mhz: 1_200 } })
    expect(outcome).toMatchObject({
      ok: false,
      fault: { kind: "unsupported", message: expect.stringContaining("100 to 800") },
    })
  })

  it("E22 a backup holds no secret, and is of one model", async () => {
    const taken = await vnishDriver.backup!(floor.at(OPEN), identity)
    if (!taken.ok) throw new Error(taken.fault.message)
    expect(JSON.stringify(taken.value.config.raw)).toContain('"***"')
    const other = { ...taken.value, config: { ...taken.value.config, model: "S9" } }
    expect(await act(OPEN, { type: "RESTORE_CONFIG", settings: other })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported" },
    })
  })
})

it("paused and stopped are two things: sleep stops a paused machine, a paused one resumes", async () => {
  await act(OPEN, { type: "DISABLE", parameters: {} })
  expect(await read(floor.at(OPEN))).toMatchObject({ mining: false, power_mode: "sleep" })
  const slept = await act(OPEN, { type: "POWER_MODE", parameters: { mode: "sleep" } })
  expect(slept).toMatchObject({ ok: true, value: { ran: "mining/stop", before: { miner_state: "paused" } } })
  await act(OPEN, { type: "ENABLE", parameters: {} })
  await floor.settle()
  expect(await act(OPEN, { type: "DISABLE", parameters: {} })).toMatchObject({
    ok: true,
    value: { ran: "mining/pause" },
  })
  expect(await act(OPEN, { type: "ENABLE", parameters: {} })).toMatchObject({
    ok: true,
    value: { ran: "mining/resume" },
  })
})
