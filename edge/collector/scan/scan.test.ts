import { randomUUID } from "node:crypto"
import { afterEach, describe, expect, it } from "vitest"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import type { ScanJob } from "#server/contract/discovery.ts"
import { collectorRig } from "../testing/collector-rig.ts"

/** Scans through the whole collector: gateway on loopback, real drivers, simulated machines. */
const NETWORK = "127.86.0"
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const job = (ranges: string[]): ScanJob => ({
  id: randomUUID(),
  ranges,
  options: { ports: [], gpu: false, concurrency: null },
})

async function set(lasts: number[], more: { seed?: number } = {}) {
  const farm: Farm = await startFarm({
    seed: more.seed ?? 7,
    miners: lasts.map((last, at) => ({
      address: `${NETWORK}.${last}`,
      profile: at % 2 === 0 ? ("s19-pro" as const) : ("m30s" as const),
    })),
  })
  closing.push(() => farm.close())
  const rig = await collectorRig([])
  closing.push(() => rig.end())
  const { gateway } = rig
  const found = () => gateway.discovery.flatMap((told) => told.found)
  const ends = () =>
    gateway.discovery.flatMap((told) =>
      told.progress !== null && told.progress.state !== "running" ? [told.progress] : [],
    )
  return { farm, rig, gateway, found, ends }
}

describe("a scan by the collector", () => {
  it("A21 runs when the server asks, tells each machine once before its end, and writes to none", async () => {
    const { farm, gateway, found, ends } = await set([3, 9, 77])
    gateway.askFor(job([`${NETWORK}.1-${NETWORK}.254`]))
    await gateway.until(() => ends().length > 0)
    expect(
      found()
        .map((one) => one.machine.address)
        .toSorted(),
    ).toEqual([`${NETWORK}.3`, `${NETWORK}.77`, `${NETWORK}.9`])
    expect(found()[0]?.machine).toMatchObject({ rpc_port: 4028, needs_login: false })
    expect(ends()).toMatchObject([{ state: "done", total: 254, done: 254, found: 3 }])
    const last = gateway.discovery.findIndex((told) => told.progress?.state === "done")
    expect(gateway.discovery.slice(last + 1).flatMap((told) => told.found)).toEqual([])
    expect(farm.acts()).toEqual([])
  })
  it("keeps what it found while the line is cut, and tells it once", async () => {
    const { gateway, found, ends } = await set([3, 9])
    gateway.askFor(job([`${NETWORK}.1-${NETWORK}.254`]))
    await gateway.until(() => gateway.discovery.length > 0 && gateway.state.scan !== null)
    gateway.state.loseDiscovery = 2
    await gateway.until(() => ends().some((end) => end.state === "done") && gateway.state.scan === null)
    const told = new Map(found().map((one) => [one.machine.address, one]))
    expect(told.size).toBe(2)
    for (const one of found()) expect(one).toEqual(told.get(one.machine.address))
  })
  it("goes on after a restart where it stood", async () => {
    const { rig, gateway, found, ends } = await set([3, 200])
    const asked = job([`${NETWORK}.1-${NETWORK}.254`, "127.86.4.1-127.86.7.254"])
    gateway.askFor(asked)
    await gateway.until(() => gateway.discovery.some((told) => (told.progress?.done ?? 0) > 100))
    const before = Math.max(...gateway.discovery.map((told) => told.progress?.done ?? 0))
    await rig.restart()
    await gateway.until(() => ends().length > 0)
    const after = gateway.discovery.findLast((told) => told.progress?.state === "running")
    expect(before).toBeGreaterThan(100)
    expect(after?.progress?.done ?? before).toBeGreaterThan(100)
    expect(ends().at(-1)).toMatchObject({ scan_id: asked.id, state: "done", found: 2 })
    expect(new Set(found().map((one) => one.machine.address)).size).toBe(2)
  }, 30_000)
  it("ends when it is cancelled, and says so", async () => {
    const { gateway, ends } = await set([3])
    const asked = job(["127.86.16.1-127.86.95.254"])
    gateway.askFor(asked)
    await gateway.until(() => gateway.discovery.some((told) => (told.progress?.done ?? 0) > 0))
    gateway.state.cancelled = [asked.id]
    await gateway.until(() => ends().length > 0)
    expect(ends()).toMatchObject([{ scan_id: asked.id, state: "cancelled" }])
    expect(ends()[0]?.done).toBeLessThan(20_000)
  }, 30_000)
  it("ends a scan to cancel of which it knows nothing", async () => {
    const { gateway, ends } = await set([3])
    const id = randomUUID()
    gateway.state.cancelled = [id]
    gateway.askFor(job([`${NETWORK}.3`]))
    await gateway.until(() => ends().some((end) => end.scan_id === id))
    expect(ends().find((end) => end.scan_id === id)).toMatchObject({ state: "cancelled", total: 0 })
  })
  it("A21 never commands a stranger that answers at a known address", async () => {
    const address = `${NETWORK}.3`
    const { farm, rig } = await set([3])
    rig.gateway.state.config = {
      ...rig.gateway.state.config,
      targets: [{ id: 1, value: address, web_port: null, family: null }],
      version: 2,
    } as never
    await rig.restart()
    await rig.sample(address)
    await farm.close()
    const other = await startFarm({ seed: 99, miners: [{ address, profile: "s19-pro" }] })
    closing.push(() => other.close())
    const result = await rig.run(address, { type: "REBOOT", parameters: { mode: "hard" } })
    expect(result).toMatchObject({ result_code: 3, message: expect.stringContaining("another machine") })
    expect(other.acts()).toEqual([])
  })
})
