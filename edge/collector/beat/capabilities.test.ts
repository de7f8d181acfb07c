import { beforeEach, describe, expect, it } from "vitest"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import { capabilitiesInputSchema } from "#server/contract/edge.ts"
import { silentLog } from "#server/log.ts"
import { GatewayError } from "../client/gateway-error.ts"
import { fakeDrivers, fakeGateway, identityOf } from "../testing/fakes.ts"
import { type CapabilityReport, createCapabilityReport } from "./capabilities.ts"

let farm: ReturnType<typeof fakeDrivers>
let gateway: ReturnType<typeof fakeGateway>
let report: CapabilityReport
let nowMs = 0
const sampleOf = (model: string, more = {}) => ({
  miner_id: "m",
  online: true,
  collected_at: "2026-01-01T00:00:00Z",
  make: "Fake",
  model,
  firmware: "stock",
  firmware_version: "1",
  ...more,
})

beforeEach(() => {
  farm = fakeDrivers()
  gateway = fakeGateway()
  nowMs = 0
  report = createCapabilityReport({
    drivers: farm.drivers,
    gateway: () => gateway.api,
    log: silentLog,
    monotonicMs: () => nowMs,
    random: () => 1,
  })
})

describe("capabilities", () => {
  it("are told once for each model and firmware, under the names of its samples", async () => {
    farm.driver.capabilities = () => ({
      can: (feature) =>
        feature === "LED"
          ? { ok: false, fault: { kind: "unsupported", message: "F1 has no lamp." } }
          : { ok: true, value: true },
    })
    for (const model of ["F1", "F1", "F2"]) report.see(identityOf("a"), sampleOf(model))
    await report.flush()
    report.see(identityOf("b"), sampleOf("F1"))
    await report.flush()
    expect(gateway.profiles.map((profile) => profile.model)).toEqual(["F1", "F2"])
    const [profile] = gateway.profiles
    expect(Object.keys(profile?.features ?? {})).toEqual([...COMMAND_FEATURES])
    expect(profile).toMatchObject({ make: "Fake", firmware: "stock", firmware_version: "1" })
    expect(profile?.features).toMatchObject({ LED: "F1 has no lamp.", ENABLE: null })
    report.see(identityOf("a"), sampleOf("F1", { firmware_version: "2" }))
    await report.flush()
    expect(gateway.profiles).toHaveLength(3)
  })
  it("of a family without a driver are none, with the reason", async () => {
    report.see({ ...identityOf("a"), family: "strange" }, sampleOf("S"))
    await report.flush()
    expect(new Set(Object.values(gateway.profiles[0]?.features ?? {}))).toEqual(
      new Set(["There is no driver for strange."]),
    )
  })
  it("wait for a server that does not answer, longer each time", async () => {
    gateway.state.down = true
    report.see(identityOf("a"), sampleOf("F1"))
    await report.flush()
    gateway.state.down = false
    nowMs = 4_999
    await report.flush()
    expect(gateway.profiles).toEqual([])
    nowMs = 5_000
    await report.flush()
    expect(gateway.profiles).toHaveLength(1)
  })
  it("go in requests that the gateway takes, however many and wordy; what it refuses does not hold the rest", async () => {
    const sizes: number[] = []
    let refuse = true
    gateway.api.capabilities = async (profiles) => {
      const input = { instance_id: "11111111-1111-4111-8111-111111111111", profiles }
      capabilitiesInputSchema.parse(input)
      expect(JSON.stringify(input).length).toBeLessThan(65_536)
      sizes.push(profiles.length)
      if (refuse) {
        refuse = false
        throw new GatewayError("INVALID", "no")
      }
    }
    farm.driver.capabilities = () => ({
      can: () => ({ ok: false, fault: { kind: "unsupported", message: "x".repeat(500) } }),
    })
    for (let n = 0; n < 50; n += 1) report.see(identityOf("a"), sampleOf(`F${n}`, { make: "M".repeat(90) }))
    await report.flush()
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(50)
    expect(sizes.length).toBeGreaterThan(1)
  })
})
