import { randomUUID } from "node:crypto"
import type { DatabaseHandle } from "#db/client.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import type { Actor, DeviceActor, UserActor } from "../../access/actor.ts"
import type { Context } from "../../context.ts"
import { silentLog } from "../../log.ts"
import type { Queue } from "../../queue.ts"

/** The instant at which the tests of this folder stand still. */
export const NOW = new Date("2031-05-06T12:02:30Z")

/** A site with one collector. */
export async function makeSite(
  database: DatabaseHandle,
  slug: string,
  settings: { timezone?: string; historyDays?: number } = {},
): Promise<DeviceActor> {
  const [site] = await database.sql<{ id: number }[]>`
    insert into hosting_sites (slug, name, timezone, history_days)
    values (${slug}, ${slug}, ${settings.timezone ?? "UTC"}, ${settings.historyDays ?? 30}) returning id`
  const siteId = site?.id ?? 0
  const [device] = await database.sql<{ id: number }[]>`
    insert into edge_devices (site_id, name) values (${siteId}, ${slug}) returning id`
  return { kind: "device", siteId, deviceId: device?.id ?? 0, keyId: 1, name: slug }
}

export function contextOf(database: DatabaseHandle, actor: Actor, now: Date | (() => Date) = NOW): Context {
  return {
    sql: database.sql,
    db: database.db,
    // Telemetry sends no jobs: a queue that is touched fails the test.
    queue: null as unknown as Queue,
    vault: null,
    actor,
    now: typeof now === "function" ? now : () => now,
    log: silentLog,
    requestId: randomUUID(),
    address: null,
    source: actor.kind === "device" ? "edge" : "manual",
  }
}

export const SYSTEM: Actor = { kind: "system", name: "test" }

export function staff(
  memberships: [number, "site_manager" | "operator" | "technician" | "auditor"][],
): UserActor {
  return {
    kind: "user",
    userId: 1,
    email: "staff@test",
    name: "Staff",
    account: "staff",
    globalRole: null,
    memberships: new Map(memberships),
    ownedSiteIds: [],
    sessionId: null,
  }
}
export function client(userId: number, ownedSiteIds: number[]): UserActor {
  return { ...staff([]), userId, account: "client", email: "client@test", ownedSiteIds }
}

/** A healthy sample with every field told; `secondsAgo` before `NOW`. */
export function sample(
  minerId: string,
  secondsAgo: number,
  changes: Partial<TelemetrySample> = {},
): TelemetrySample {
  return {
    miner_id: minerId,
    ip_address: "10.0.0.7",
    online: true,
    hashrate_ghs: 101_000.5,
    hashrate_5s_ghs: 102_000.25,
    hashrate_expected_ghs: 104_000,
    temperature_avg: 62.5,
    temperature_min: 55,
    temperature_max: 71.5,
    temperature_chips: [70, 71.5, null],
    temperature_inlet: 24,
    temperature_outlet: 48,
    fan_speeds: [5_880, 5_940, null],
    frequency_avg: 545,
    voltage_avg: 13.8,
    accepted_shares: 5_000_000_000,
    rejected_shares: 12,
    stale_shares: 3,
    hardware_errors: 0,
    uptime_seconds: 86_400,
    power_consumption: 3_250,
    power_estimated: true,
    efficiency: 31.8,
    power_mode: "normal",
    mining: true,
    pool_url: "stratum+tcp://pool.test:3333",
    worker_name: `farm.${minerId}`,
    pool_latency_ms: 21,
    pools: [{ url: "stratum+tcp://pool.test:3333", user: `farm.${minerId}`, status: "Alive", active: true }],
    boards: [0, 1, 2].map((id) => ({
      id,
      hashrate: 34_000 + id,
      temp: 60 + id,
      temp_chip_max: 70 + id,
      frequency: 545,
      voltage: 13.8,
      chips_ok: 114,
      chips_total: 114,
      serial: null,
    })),
    boards_total: 3,
    boards_healthy: 3,
    overall_health: "healthy",
    make: "Antminer",
    model: "S19",
    firmware: "stock",
    firmware_version: "2022-11",
    mac: "02:00:00:00:00:01",
    serial: null,
    errors: [],
    error_message: null,
    latency_ms: 42,
    collected_at: new Date(NOW.getTime() - secondsAgo * 1000).toISOString(),
    ...changes,
  }
}

export function offline(minerId: string, secondsAgo: number): TelemetrySample {
  return {
    miner_id: minerId,
    online: false,
    error_message: "connect timeout",
    collected_at: new Date(NOW.getTime() - secondsAgo * 1000).toISOString(),
  }
}

export function batch(samples: readonly unknown[], batchId: string = randomUUID()) {
  return {
    batch: { batch_id: batchId, collected_at: NOW.toISOString(), edge_version: "test", samples },
    wireBytes: 1_234,
  }
}
