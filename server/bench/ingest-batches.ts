import { randomUUID } from "node:crypto"
import type { TelemetryBatch, TelemetrySample } from "../contract/telemetry.ts"

export const BATCH_SAMPLES = 500

/** A seeded generator, so that two runs send the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

/** One cycle of one collector: every numeric field of every sample differs from the cycle before, as in real life. */
export function makeBatch(device: number, cycle: number, at: Date, random: () => number): TelemetryBatch {
  const collected_at = at.toISOString()
  const samples = Array.from({ length: BATCH_SAMPLES }, (_, n) =>
    makeSample(`BENCH${String(device * BATCH_SAMPLES + n).padStart(8, "0")}`, cycle, collected_at, random),
  )
  return { batch_id: randomUUID(), collected_at, edge_version: "bench", samples }
}

function makeSample(
  miner_id: string,
  cycle: number,
  collected_at: string,
  random: () => number,
): TelemetrySample {
  const near = (middle: number, spread: number, digits: number) =>
    Number((middle + (random() - 0.5) * spread).toFixed(digits))
  const rate = near(104_000, 6_000, 2)
  const pool = { url: "stratum+tcp://pool.example:3333", user: `farm.${miner_id}` }
  return {
    miner_id,
    ip_address: `10.${miner_id.length}.${Number(miner_id.slice(-6, -3)) % 250}.${Number(miner_id.slice(-3)) % 250}`,
    online: true,
    hashrate_ghs: near(103_500, 500, 2),
    hashrate_5s_ghs: rate,
    hashrate_expected_ghs: near(104_000, 10, 1),
    temperature_avg: near(62, 6, 2),
    temperature_min: near(50, 6, 1),
    temperature_max: near(72, 6, 1),
    temperature_chips: [near(70, 6, 0), near(71, 6, 0), near(72, 6, 0)],
    temperature_inlet: near(24, 4, 1),
    temperature_outlet: near(45, 6, 1),
    fan_speeds: [near(5_900, 300, 0), near(5_900, 300, 0), near(5_900, 300, 0), near(5_900, 300, 0)],
    frequency_avg: near(545, 10, 2),
    voltage_avg: near(13.8, 0.2, 3),
    accepted_shares: 100_000 + cycle * 40 + Math.floor(random() * 20),
    rejected_shares: 100 + cycle + Math.floor(random() * 3),
    stale_shares: 50 + cycle + Math.floor(random() * 3),
    hardware_errors: 10 + cycle + Math.floor(random() * 3),
    uptime_seconds: 86_400 + cycle * 30 + Math.floor(random() * 5),
    power_consumption: near(3_250, 80, 1),
    power_estimated: true,
    efficiency: near(31.2, 1, 2),
    power_mode: "normal",
    mining: true,
    pool_url: pool.url,
    worker_name: pool.user,
    pool_latency_ms: near(25, 20, 1),
    pools: [
      { ...pool, status: "Alive", active: true },
      { url: "stratum+tcp://backup.example:3333", user: pool.user, status: "Alive", active: false },
    ],
    boards: [0, 1, 2].map((id) => ({
      id,
      hashrate: near(34_600, 1_500, 2),
      temp: near(62, 6, 1),
      temp_chip_max: near(72, 6, 1),
      frequency: near(545, 10, 1),
      voltage: near(13.8, 0.2, 2),
      chips_ok: 126,
      chips_total: 126,
      serial: `${miner_id}-${id}`,
    })),
    boards_total: 3,
    boards_healthy: 3,
    overall_health: "healthy",
    make: "Antminer",
    model: "S19 Pro",
    firmware: "stock",
    firmware_version: "2022-11-11",
    mac: null,
    serial: miner_id,
    errors: [],
    error_message: null,
    latency_ms: near(40, 30, 2),
    collected_at,
  }
}
