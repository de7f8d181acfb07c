import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import type { ThermalPolicy } from "#server/contract/thermal.ts"
import { collectorRig } from "../testing/collector-rig.ts"
import { poolChange } from "../testing/fakes.ts"
import { startFastTime } from "../testing/fast-time.ts"

/** The guard through the whole collector: gateway on loopback, real drivers, simulated machines. */
const S19 = "127.75.0.1"
const S21 = "127.75.0.2"
const POLICY: ThermalPolicy = {
  armed: true,
  warning_c: 85,
  critical_c: 95,
  resume_c: 76,
  actions: ["eco", "sleep"],
  cool_down_s: { fan_up: 1, eco: 1, sleep: 1, off: 1 },
  max_actions_per_minute: 30,
}
let farm: Farm
let rig: Awaited<ReturnType<typeof collectorRig>>
let endFastTime: () => void
const within = { timeout: 60_000, interval: 50 }
const begin = async (policy: ThermalPolicy) => {
  farm = await startFarm(
    {
      seed: 7,
      miners: [
        { address: S19, profile: "s19-pro" },
        { address: S21, profile: "s21" },
      ],
    },
    // So fast that no reading falls into the minutes in which a machine heats up.
    { rpcPort: 0, webPort: 0, speed: 3_000 },
  )
  rig = await collectorRig(
    [S19, S21].map((address) => farm.target(address)),
    { poll_interval_s: 10, thermal: policy },
  )
  await rig.sample(S19)
  await rig.sample(S21)
}
beforeEach(() => {
  endFastTime = startFastTime()
  farm = undefined as unknown as Farm
})
afterEach(async () => {
  await rig?.end()
  await farm?.close()
  endFastTime()
})

const events = (address: string) => {
  const id = rig.samplesOf(address).at(-1)?.miner_id
  return [...rig.gateway.thermal.events.values()].filter((event) => event.miner_id === id)
}
const mode = (address: string) => farm.miner(address).settings.mode
const writes = (address: string) => farm.acts(address).filter((act) => act.kind === "conf")

describe("the guard of a collector", { timeout: 180_000 }, () => {
  it("C08 sends a machine with a dead fan to low power, then to sleep, and brings it back, all without uplink and over a restart", async () => {
    await begin(POLICY)
    await vi.waitFor(() => expect(rig.gateway.beats.at(-1)?.config_version).toBe(1), within)
    rig.gateway.state.down = true
    farm.fault(S19, "fan-failure")
    await vi.waitFor(() => expect(mode(S19)).toBe(3), within)
    await vi.waitFor(() => expect(mode(S19)).toBe(1), within)
    farm.fault(S19, "clear")
    await rig.restart()
    await vi.waitFor(() => expect(mode(S19)).toBe(0), within)
    expect(rig.gateway.thermal.events.size).toBe(0)

    rig.gateway.state.loseAnswers = 1
    rig.gateway.state.down = false
    await vi.waitFor(() => {
      expect(rig.gateway.thermal.holds).toEqual([])
      expect(events(S19).at(-1)?.kind).toBe("cleared")
    }, within)
    const told = events(S19).map((event) => `${event.kind} ${event.action ?? ""}`.trim())
    expect(told.slice(0, 4)).toEqual(["warning", "action eco", "held", "action sleep"])
    expect(told.filter((each) => each.startsWith("resumed")).slice(-2)).toEqual([
      "resumed sleep",
      "resumed eco",
    ])
    expect(events(S21)).toEqual([])
    expect(writes(S21)).toEqual([])
    const at = events(S19).map((event) => event.at)
    expect(at).toEqual([...at].sort())
  })

  it("C08 answers commands on a machine that it holds with code 3, but finds it, backs it up and lets it be switched off", async () => {
    await begin({ ...POLICY, cool_down_s: { fan_up: 600, eco: 600, sleep: 600, off: 600 } })
    farm.fault(S19, "fan-failure")
    await vi.waitFor(() => expect(rig.gateway.thermal.holds).toHaveLength(1), within)
    expect(rig.gateway.thermal.holds[0]).toMatchObject({
      actions: ["eco"],
      temperature_c: expect.any(Number),
    })
    const before = writes(S19).length
    const refused = await rig.run(S19, poolChange(rig.keys(), "x"))
    expect(refused).toMatchObject({ result_code: 3, ran: null })
    expect(refused.message).toContain("thermal hold")
    expect(await rig.run(S19, { type: "POWER_MODE", parameters: { mode: "normal" } })).toMatchObject({
      result_code: 3,
    })
    expect(writes(S19)).toHaveLength(before)
    expect(await rig.run(S19, { type: "LED", parameters: { state: "on" } })).toMatchObject({ result_code: 0 })
    expect(await rig.run(S19, { type: "BACKUP_CONFIG", parameters: { name: "b" } })).toMatchObject({
      result_code: 0,
    })
    expect(await rig.run(S19, { type: "DISABLE", parameters: {} })).toMatchObject({ result_code: 0 })
    expect(mode(S19)).toBe(1)
    // The other machine is nobody's concern.
    expect(await rig.run(S21, { type: "DISABLE", parameters: {} })).toMatchObject({ result_code: 0 })
  })

  it("C08 acts while commands are paused, skips what a machine cannot, and goes on to the next step", async () => {
    await begin({ ...POLICY, cool_down_s: { ...POLICY.cool_down_s, sleep: 600 } })
    rig.gateway.state.paused = true
    // No low power on the S21.
    farm.fault(S21, "fan-failure")
    await vi.waitFor(() => expect(mode(S21)).toBe(1), within)
    await vi.waitFor(() => expect(rig.gateway.thermal.holds).toHaveLength(1), within)
    const told = events(S21).map((event) => `${event.kind} ${event.action ?? ""}`.trim())
    expect(told).toEqual(["warning", "skipped eco", "action sleep", "held"])
  })

  it("C08 warns and never acts while it is not armed", async () => {
    await begin({ ...POLICY, armed: false })
    farm.fault(S19, "fan-failure")
    await vi.waitFor(() => expect(events(S19).map((event) => event.kind)).toEqual(["warning"]), within)
    await rig.sample(S19, (sample) => (sample.temperature_max ?? 0) >= 95)
    await rig.run(S21, { type: "LED", parameters: { state: "on" } })
    expect(writes(S19)).toEqual([])
    expect(events(S19).at(-1)?.message).toContain("not armed")
  })
})
