import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { driverFor, identifyMiner } from "#edge/drivers/registry.ts"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import { silentLog } from "#server/log.ts"
import { createEdgeClock, systemClock } from "../clock.ts"
import { createIdentityMap, type IdentityMap } from "../poll/identity-map.ts"
import { type Poller, startPoller } from "../poll/poller.ts"
import type { Drivers } from "../ports.ts"
import { configOf, SITE_LIMITS } from "../testing/fakes.ts"
import { type DiscoveryStore, openDiscoveryStore } from "./discovery-store.ts"
import { type Healer, startHealer } from "./heal.ts"

const HOME = "127.87.0.5"
const AWAY = "127.87.0.200"
let dir: string
let farm: Farm
let poller: Poller
let identities: IdentityMap
let healer: Healer
let store: DiscoveryStore
let moved: number
let nowMs: number
let neighbours: Map<string, string>
let missing: string[]

const drivers: Drivers = {
  identify: (context, family) => identifyMiner(context, { family }),
  driverOf: driverFor,
}
const settingsAt = (address: string, seed = 7) => ({
  seed,
  miners: [{ address, profile: "s21" as const, seed: 4_711 }],
})
const target = (value: string) => ({ id: 1, value, web_port: null, family: null })
const known = () => [...identities.all()][0]

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "lamproom-heal-"))
  farm = await startFarm(settingsAt(HOME))
  store = openDiscoveryStore(join(dir, "discovery.db")).store
  identities = {
    ...createIdentityMap(
      () => {},
      () => "x",
    ).identities,
    close: () => {},
  }
  moved = 0
  nowMs = 0
  neighbours = new Map()
  missing = []
  const clock = createEdgeClock(systemClock)
  let sampled: () => void = () => {}
  const first = new Promise<void>((resolve) => {
    sampled = resolve
  })
  poller = startPoller({
    drivers,
    identities,
    clock,
    log: silentLog,
    concurrency: 4,
    random: () => 0,
    record: () => sampled(),
    limitsOf: (_, site) => site,
    moved: { targets: store.movedTargets, covered: store.dropMovedTargets },
    onSample: () => {},
  })
  poller.configure(configOf({ targets: [target(HOME)], poll_interval_s: 600 }))
  await first
  healer = startHealer({
    // Ten minutes of a dead machine are not waited for: the test says which ones are missing.
    poller: {
      ...poller,
      missing: () => [...identities.all()].filter((one) => missing.includes(one.minerId)),
    },
    identities,
    drivers,
    store,
    limits: () => SITE_LIMITS,
    log: silentLog,
    iso: clock.iso,
    monotonicMs: () => nowMs,
    onMoved: () => {
      moved += 1
    },
    neighbours: () => neighbours,
    addressesPerSecond: 2_000,
  })
})
afterEach(async () => {
  await healer.stop()
  await poller.stop(0)
  await farm.close()
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

async function moveTo(address: string): Promise<void> {
  await farm.close()
  farm = await startFarm(settingsAt(address))
  missing = [known()?.minerId as string]
}

describe("healing", () => {
  it("A21 finds a machine that moved by its MAC or serial, reads it there though no target says so, and tells the server", async () => {
    const minerId = known()?.minerId as string
    await healer.look()
    await moveTo(AWAY)
    await healer.look()
    expect(identities.byId(minerId)?.address).toMatchObject({ host: AWAY })
    expect(identities.size()).toBe(1)
    expect(await poller.readNow(minerId)).toMatchObject({ ip_address: AWAY, online: true })
    expect(moved).toBe(1)
    expect(store.moves(10).map((move) => move.body)).toMatchObject([
      { miner_id: minerId, from: HOME, from_rpc_port: 4028, to: { address: AWAY, rpc_port: 4028 } },
    ])
    expect(store.movedTargets()).toMatchObject([{ host: AWAY }])
    expect(farm.acts()).toEqual([])
  })
  it("reads it there after a restart too, until a target takes the address in", async () => {
    await healer.look()
    await moveTo(AWAY)
    await healer.look()
    store.close()
    store = openDiscoveryStore(join(dir, "discovery.db")).store
    expect(store.movedTargets()).toMatchObject([{ host: AWAY, rpcPort: 4028 }])
    const covered: string[] = []
    const again = startPoller({
      drivers,
      identities,
      clock: createEdgeClock(systemClock),
      log: silentLog,
      concurrency: 4,
      random: () => 0,
      record: () => {},
      limitsOf: (_, site) => site,
      moved: {
        targets: store.movedTargets,
        covered: (targets) => void covered.push(...targets.map((one) => one.host)),
      },
      onSample: () => {},
    })
    again.configure(configOf({ targets: [target(HOME)], poll_interval_s: 600 }))
    expect(await again.readNow(known()?.minerId as string)).toMatchObject({ ip_address: AWAY })
    expect(covered).toEqual([])
    again.configure(configOf({ targets: [target("127.87.0.0/24")], poll_interval_s: 600 }))
    expect(covered).toEqual([AWAY])
    await again.stop(0)
  })
  it("asks the neighbour table first, and believes only the machine itself", async () => {
    await healer.look()
    const mac = known()?.mac as string
    await moveTo("127.88.3.9")
    neighbours.set("127.88.3.9", mac)
    // The hour of the search is not over.
    await healer.look()
    expect(known()?.address).toMatchObject({ host: "127.88.3.9" })
    expect(moved).toBe(1)
    // An entry that leads to nobody moves nothing.
    neighbours.set("127.88.3.10", mac)
    neighbours.delete("127.88.3.9")
    await healer.look()
    expect(known()?.address).toMatchObject({ host: "127.88.3.9" })
  })
  it("leaves another machine in the subnet alone, and searches once an hour at most", async () => {
    await healer.look()
    await farm.close()
    farm = await startFarm({ seed: 1, miners: [{ address: AWAY, profile: "s21", seed: 1 }] })
    missing = [known()?.minerId as string]
    await healer.look()
    expect(known()?.address).toMatchObject({ host: HOME })
    await farm.close()
    farm = await startFarm(settingsAt(AWAY))
    await healer.look()
    expect(moved).toBe(0)
    nowMs += 3_600_000
    await healer.look()
    expect(moved).toBe(1)
  })
})
