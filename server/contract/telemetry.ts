import { z } from "zod"
import { BATCH_MAX_SAMPLES } from "./budgets.ts"

/**
 * The telemetry sample: the one shape that the drivers make, the spool keeps, the gateway accepts and ingest
 * stores. Wire names are the mission's. Numbers are finite, rates GH/s, temperatures °C, power W at the
 * input side, unknown is null or absent, never 0.
 */
/** Far beyond any machine, and inside what a 4-byte float holds. */
const MAX_MAGNITUDE = 1e15
const num = z.number().finite().min(-MAX_MAGNITUDE).max(MAX_MAGNITUDE).nullish()
const positive = z.number().finite().min(0).max(MAX_MAGNITUDE).nullish()
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish()
const temp = z.number().finite().min(-60).max(250).nullish()
const text = (max: number) => z.string().max(max).nullish()

export const POWER_MODES = ["eco", "normal", "high", "sleep"] as const
export const OVERALL_HEALTH = ["healthy", "warning", "critical", "offline"] as const
export const BOARD_HEALTH = ["healthy", "warning", "critical", "offline"] as const
export type OverallHealth = (typeof OVERALL_HEALTH)[number]
export type BoardHealth = (typeof BOARD_HEALTH)[number]

export const boardSchema = z.object({
  /** Slot, from 0. */
  id: z.number().int().min(0).max(255),
  hashrate: positive,
  temp: temp,
  temp_chip_max: temp,
  frequency: positive,
  voltage: num,
  chips_ok: z.number().int().min(0).max(32_767).nullish(),
  chips_total: z.number().int().min(0).max(32_767).nullish(),
  serial: text(128),
})

export const poolSchema = z.object({
  url: z.string().max(512),
  user: text(256),
  status: text(32),
  active: z.boolean(),
})

export const minerErrorSchema = z.object({ code: z.string().max(64), message: z.string().max(512) })

export const minerIdSchema = z
  .string()
  .min(1)
  .max(128)
  .refine((id) => !/[\p{Cc}]/u.test(id), "holds control characters")

export const sampleSchema = z.object({
  miner_id: minerIdSchema,
  ip_address: text(64),
  online: z.boolean(),
  hashrate_ghs: positive,
  hashrate_5s_ghs: positive,
  hashrate_expected_ghs: positive,
  temperature_avg: temp,
  temperature_min: temp,
  temperature_max: temp,
  temperature_chips: z.array(z.number().finite().min(-60).max(250).nullable()).max(256).nullish(),
  temperature_inlet: temp,
  temperature_outlet: temp,
  fan_speeds: z.array(z.number().finite().min(0).max(100_000).nullable()).max(32).nullish(),
  frequency_avg: positive,
  voltage_avg: num,
  accepted_shares: count,
  rejected_shares: count,
  stale_shares: count,
  hardware_errors: count,
  uptime_seconds: z.number().int().min(0).max(2_147_483_647).nullish(),
  power_consumption: positive,
  power_estimated: z.boolean().nullish(),
  efficiency: positive,
  power_mode: z.enum(POWER_MODES).nullish(),
  mining: z.boolean().nullish(),
  pool_url: text(512),
  worker_name: text(256),
  pool_latency_ms: positive,
  pools: z.array(poolSchema).max(16).nullish(),
  boards: z.array(boardSchema).max(32).nullish(),
  boards_total: z.number().int().min(0).max(255).nullish(),
  boards_healthy: z.number().int().min(0).max(255).nullish(),
  overall_health: z.enum(OVERALL_HEALTH).nullish(),
  make: text(64),
  model: text(128),
  firmware: text(64),
  firmware_version: text(128),
  mac: text(32),
  serial: text(128),
  errors: z.array(minerErrorSchema).max(64).nullish(),
  error_message: text(512),
  latency_ms: positive,
  /** ISO 8601, the edge's clock, corrected by the offset that the heartbeat measured. */
  collected_at: z.iso.datetime({ offset: true }),
})
export type TelemetrySample = z.infer<typeof sampleSchema>
export type BoardSample = z.infer<typeof boardSchema>
export type PoolSample = z.infer<typeof poolSchema>
export type MinerError = z.infer<typeof minerErrorSchema>

/** Names every member of a sample, in wire order: tables and probe output follow it. */
export const SAMPLE_FIELDS = Object.keys(sampleSchema.shape) as (keyof TelemetrySample)[]

/** The envelope as the gateway reads it: samples are validated one by one, so that one bad one costs only itself. */
export const batchEnvelopeSchema = z.object({
  batch_id: z.uuid(),
  collected_at: z.iso.datetime({ offset: true }),
  edge_version: z.string().min(1).max(64),
  samples: z.array(z.unknown()).max(BATCH_MAX_SAMPLES),
})

/** What crosses collector/poll → spool → upload → gateway → ingest unchanged. `batch_id` is a UUID v7. */
export type TelemetryBatch = {
  batch_id: string
  collected_at: string
  edge_version: string
  samples: TelemetrySample[]
}

export const REJECT_REASONS = ["invalid", "clock_skew", "duplicate_miner"] as const
export type RejectReason = (typeof REJECT_REASONS)[number]

export const uploadAnswerSchema = z.object({
  processed: z.number().int(),
  online: z.number().int(),
  offline: z.number().int(),
  /** True when this batch id had been stored before; nothing was stored now. */
  duplicate: z.boolean(),
  processing_time_ms: z.number(),
  rejected: z.array(
    z.object({ index: z.number().int(), reason: z.enum(REJECT_REASONS), message: z.string() }),
  ),
})
export type UploadAnswer = z.infer<typeof uploadAnswerSchema>

/** Board health: all chips = healthy, at least 95 % = warning, else critical; 0 chips = offline; null when not told. */
export function boardHealth(
  chipsOk: number | null | undefined,
  chipsTotal: number | null | undefined,
): BoardHealth | null {
  if (chipsOk == null) return null
  if (chipsOk === 0) return "offline"
  if (chipsTotal == null || chipsTotal <= 0) return null
  if (chipsOk >= chipsTotal) return "healthy"
  return chipsOk >= chipsTotal * 0.95 ? "warning" : "critical"
}

/** The hashrate that counts in totals, alerts and charts: the shortest window, else the average since start. GH/s. */
export function currentHashrateGhs(
  sample: Pick<TelemetrySample, "hashrate_5s_ghs" | "hashrate_ghs">,
): number | null {
  return sample.hashrate_5s_ghs ?? sample.hashrate_ghs ?? null
}
