import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import type { FaultKind } from "#edge/simulator/faults.ts"
import { sampleSchema } from "#server/contract/telemetry.ts"
import type { DriverContext, Identity, Reading } from "./driver.ts"
import { DEFAULT_TEMP_LIMITS } from "./limits.ts"
import { driverFor, identifyMiner, readMiner } from "./registry.ts"
import { closedPort } from "./test/fake-miner.ts"
import { closeHttpSockets } from "./transport/http-client.ts"
import { NO_RETRY } from "./transport/retry.ts"

/** The drivers against machines that somebody else built from the same papers. */
const MACHINES = [
  { address: "127.78.0.1", profile: "s19-pro", family: "antminer-stock" },
  { address: "127.78.0.2", profile: "s21", family: "antminer-stock" },
  { address: "127.78.0.3", profile: "s9", family: "antminer-legacy-web" },
  { address: "127.78.0.4", profile: "m50s", family: "whatsminer-v2" },
  { address: "127.78.0.5", profile: "ebit-e12", family: "generic-cgminer", privileged: true },
] as const
const [s19, s21, s9, m50s, ebit] = MACHINES.map((machine) => machine.address) as [
  string,
  string,
  string,
  string,
  string,
]

let farm: Farm
let nowhere: number
beforeAll(async () => {
  nowhere = await closedPort()
  const miners = MACHINES.map(({ family: _, ...machine }) => ({ ...machine, uptimeS: 50_000 }))
  farm = await startFarm({ seed: 5, miners }, { rpcPort: 0, webPort: 0, speed: 100_000 })
})
afterAll(async () => {
  closeHttpSockets()
  await farm.close()
})
beforeEach(async () => {
  for (const { address } of MACHINES) farm.fault(address, "clear")
  await farm.settled()
})

function at(address: string, timeoutMs = 5_000): DriverContext {
  const { host, rpcPort, webPort } = farm.target(address)
  return {
    address: { host, rpcPort, webPort: webPort ?? nowhere },
    credentials: null,
    limits: DEFAULT_TEMP_LIMITS,
    signal: AbortSignal.timeout(timeoutMs),
    retry: NO_RETRY,
  }
}
async function known(address: string): Promise<Identity> {
  const identity = await identifyMiner(at(address))
  if (!identity.ok) throw new Error(identity.fault.message)
  return identity.value
}
async function readingOf(address: string): Promise<Reading> {
  const reading = await readMiner(at(address), await known(address))
  if (!reading.ok) throw new Error(reading.fault.message)
  return reading.value
}

describe.each(MACHINES)("$profile", ({ address, family }) => {
  it("is known and makes a valid sample", async () => {
    expect((await known(address)).family).toBe(family)
    const reading = await readingOf(address)
    const sample = { ...reading, miner_id: "x", collected_at: "2026-01-01T00:00:00Z" }
    expect(sampleSchema.safeParse(sample).error).toBeUndefined()
    expect(reading).toMatchObject({ mining: true, uptime_seconds: expect.any(Number) })
  })

  it.each<FaultKind>([
    "truncated",
    "garbage",
    "reset",
    "silent",
    "offline",
  ])("%s is a fault", async (kind) => {
    const identity = await known(address)
    farm.fault(address, kind)
    await farm.settled()
    const reading = await readMiner(at(address, kind === "silent" ? 200 : 5_000), identity)
    expect(reading.ok).toBe(false)
  })

  it.each<FaultKind>(["nul-missing", "split"])("%s changes nothing", async (kind) => {
    const plain = await readingOf(address)
    farm.fault(address, kind)
    const reading = await readingOf(address)
    expect(reading.boards?.map((board) => board.id)).toEqual(plain.boards?.map((board) => board.id))
    expect(reading.worker_name).toBe(plain.worker_name)
  })
})

it("sees a dead board, heat and sleep", async () => {
  farm.fault(s19, "dead-board")
  farm.fault(s21, "hot")
  farm.fault(s9, "asleep")
  farm.fault(m50s, "dead-board")
  await farm.settled()
  expect(await readingOf(s19)).toMatchObject({
    boards_total: 3,
    boards_healthy: 2,
    overall_health: "critical",
  })
  expect(await readingOf(m50s)).toMatchObject({
    boards_total: 3,
    boards_healthy: 2,
    overall_health: "critical",
  })
  expect(await readingOf(s9)).toMatchObject({ mining: false, power_mode: "sleep", overall_health: "healthy" })
  const hot = await readingOf(s21)
  expect(hot.temperature_max).toBeGreaterThan(85)
  expect(hot.overall_health).not.toBe("healthy")
})

describe("acts", () => {
  const done = (address: string) =>
    farm
      .acts(address)
      .filter((act) => act.kind !== "fault")
      .map((act) => act.kind)
  const run = async (
    address: string,
    action: Parameters<NonNullable<ReturnType<typeof driverFor>>["act"]>[2],
  ) => {
    const identity = await known(address)
    return driverFor(identity.family)!.act(at(address), identity, action)
  }
  const led = (state: "on" | "off") => ({ type: "LED", parameters: { state } }) as const
  const reboot = (mode: "soft" | "hard") => ({ type: "REBOOT", parameters: { mode } }) as const

  it.each([s19, s9])("lights %s", async (address) => {
    expect(await run(address, led("on"))).toMatchObject({
      ok: true,
      value: { verified: true, after: { blink: true } },
    })
    expect(await run(address, led("off"))).toMatchObject({
      ok: true,
      value: { verified: true, after: { blink: false } },
    })
  })

  it.each([
    [s19, "hard", "reboot-hard"],
    [s21, "soft", "reboot-soft"],
    [m50s, "hard", "reboot-hard"],
    [ebit, "soft", "reboot-soft"],
  ] as const)("reboots %s %s, once", async (address, mode, kind) => {
    const before = farm.acts(address).length
    expect(await run(address, reboot(mode))).toMatchObject({ ok: true })
    await farm.settled()
    expect(
      farm
        .acts(address)
        .slice(before)
        .map((act) => act.kind),
    ).toEqual([kind])
  })

  it("leaves alone what it cannot do", async () => {
    expect(await run(s9, reboot("soft"))).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported" },
    })
    expect(done(s9).filter((kind) => kind.startsWith("reboot"))).toEqual([])
  })
})
