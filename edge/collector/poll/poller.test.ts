import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { EdgeConfig } from "#server/contract/edge.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { silentLog } from "#server/log.ts"
import { createEdgeClock, systemClock } from "../clock.ts"
import { configOf, fakeDrivers } from "../testing/fakes.ts"
import { createIdentityMap, type IdentityMap } from "./identity-map.ts"
import { type Poller, startPoller } from "./poller.ts"

let farm: ReturnType<typeof fakeDrivers>
let identities: IdentityMap
let poller: Poller
let samples: TelemetrySample[]
let told: string[]

const config = (more: Partial<EdgeConfig> = {}): EdgeConfig =>
  configOf({ targets: [{ id: 1, value: "10.0.0.0/24", web_port: null, family: null }], ...more })
const of = (id: string) => samples.filter((sample) => sample.miner_id === id)

beforeEach(() => {
  vi.useFakeTimers()
  farm = fakeDrivers()
  samples = []
  told = []
  let next = 1
  identities = {
    ...createIdentityMap(
      () => {},
      () => `new-${next++}`,
    ).identities,
    close: () => {},
  }
  poller = startPoller({
    drivers: farm.drivers,
    identities,
    clock: createEdgeClock(systemClock),
    log: silentLog,
    concurrency: 16,
    random: () => 0,
    record: (sample) => void samples.push(sample),
    limitsOf: (minerId, site) => (minerId === "SN-COOL" ? { ...site, chipWarningC: 60 } : site),
    onSample: (identity, sample) => void told.push(`${identity.family} ${sample.miner_id}`),
  })
})
afterEach(async () => {
  const stopped = poller.stop(0)
  await vi.advanceTimersByTimeAsync(2_000)
  await stopped
  vi.useRealTimers()
})

describe("poller", () => {
  it("finds the miners of a range at once and reads each once an interval; silent addresses leave no trace", async () => {
    for (let n = 1; n <= 20; n += 1) farm.add(`10.0.0.${n}`, `SN-${1000 + n}`)
    poller.configure(config())
    await vi.advanceTimersByTimeAsync(1_000)
    expect(new Set(samples.map((s) => s.miner_id)).size).toBe(20)
    await vi.advanceTimersByTimeAsync(100_000)
    for (let n = 1; n <= 20; n += 1) {
      expect(of(`SN-${1000 + n}`).length).toBeGreaterThanOrEqual(10)
      expect(of(`SN-${1000 + n}`).length).toBeLessThanOrEqual(12)
    }
    expect(poller.counts()).toMatchObject({ known: 20, online: 20 })
  })
  it("reports a machine that died as offline at every turn, and sees it again within two", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    poller.configure(config())
    await vi.advanceTimersByTimeAsync(15_000)
    machine.down = true
    samples.length = 0
    await vi.advanceTimersByTimeAsync(100_000)
    expect(of("SN-0001").length).toBeGreaterThanOrEqual(9)
    expect(
      of("SN-0001")
        .slice(1)
        .every((sample) => !sample.online),
    ).toBe(true)
    machine.down = false
    samples.length = 0
    await vi.advanceTimersByTimeAsync(21_000)
    expect(of("SN-0001").some((sample) => sample.online)).toBe(true)
  })
  it("never asks one machine twice at a time: a slow one misses its turn", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    poller.configure(config())
    await vi.advanceTimersByTimeAsync(15_000)
    machine.readMs = 25_000
    await vi.advanceTimersByTimeAsync(100_000)
    expect(machine.mostAtOnce).toBe(1)
  })
  it("keeps readings apart when two machines swap addresses while they are off", async () => {
    const [a, b] = [farm.add("10.0.0.1", "SN-000A", 111), farm.add("10.0.0.2", "SN-000B", 222)]
    poller.configure(config())
    await vi.advanceTimersByTimeAsync(15_000)
    a.down = true
    b.down = true
    await vi.advanceTimersByTimeAsync(25_000)
    farm.add("10.0.0.1", "SN-000B", 222)
    farm.add("10.0.0.2", "SN-000A", 111)
    await vi.advanceTimersByTimeAsync(60_000)
    for (const sample of samples.filter((each) => each.online))
      expect([sample.miner_id, sample.uptime_seconds]).toEqual(
        sample.miner_id === "SN-000A" ? ["SN-000A", 111] : ["SN-000B", 222],
      )
    expect(of("SN-000A").at(-1)).toMatchObject({ online: true, ip_address: "10.0.0.2" })
    expect(identities.size()).toBe(2)
  })
  it("takes a machine along to its new address, and gives a twin an id of its own", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    poller.configure(config())
    await vi.advanceTimersByTimeAsync(15_000)
    machine.down = true
    farm.add("10.0.0.9", "SN-0001")
    await vi.advanceTimersByTimeAsync(11 * 60_000)
    expect(of("SN-0001").at(-1)).toMatchObject({ online: true, ip_address: "10.0.0.9" })
    farm.add("10.0.0.10", "SN-0001")
    await vi.advanceTimersByTimeAsync(11 * 60_000)
    expect(identities.at({ host: "10.0.0.10", rpcPort: 4028 })?.minerId).toBe("new-1")
    expect(of("SN-0001").at(-1)).toMatchObject({ online: true, ip_address: "10.0.0.9" })
  })
  it("stops asking what left the targets", async () => {
    farm.add("10.0.0.1", "SN-0001")
    farm.add("10.1.0.1", "SN-0002")
    poller.configure(config())
    await vi.advanceTimersByTimeAsync(15_000)
    poller.configure(
      config({ targets: [{ id: 2, value: "10.1.0.1", web_port: null, family: null }], version: 2 }),
    )
    await vi.advanceTimersByTimeAsync(1_000)
    samples.length = 0
    await vi.advanceTimersByTimeAsync(30_000)
    expect(new Set(samples.map((s) => s.miner_id))).toEqual(new Set(["SN-0002"]))
  })
  it("D16 judges a machine by limits of its own where it has them", async () => {
    for (const [host, serial] of [
      ["10.0.0.1", "SN-COOL"],
      ["10.0.0.2", "SN-0002"],
    ] as const)
      farm.add(host, serial).tempC = 70
    poller.configure(config())
    await vi.advanceTimersByTimeAsync(15_000)
    expect(of("SN-COOL").at(-1)?.overall_health).toBe("warning")
    expect(of("SN-0002").at(-1)?.overall_health).toBe("healthy")
    expect(told).toContain("fake SN-COOL")
  })
  it("reads a machine out of turn: a success is a sample, a failure leaves no trace, and never two at a time", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    poller.configure(config({ poll_interval_s: 600 }))
    await vi.advanceTimersByTimeAsync(15_000)
    const before = samples.length
    machine.readMs = 1_000
    const [first, second] = [poller.readNow("sn-0001"), poller.readNow("SN-0001")]
    expect(await second).toBeNull()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await first).toMatchObject({ miner_id: "SN-0001", online: true })
    expect(samples.length).toBe(before + 1)
    machine.identity = { ...machine.identity, firmwareVersion: "2" }
    const updated = poller.readNow("SN-0001")
    await vi.advanceTimersByTimeAsync(2_000)
    expect((await updated)?.firmware_version).toBe("2")
    machine.down = true
    expect(await poller.readNow("SN-0001")).toBeNull()
    expect(await poller.readNow("SN-NONE")).toBeNull()
    expect(samples.length).toBe(before + 2)
    expect(machine.mostAtOnce).toBe(1)
  })
})
