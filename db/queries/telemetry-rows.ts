import {
  type BoardSample,
  OVERALL_HEALTH,
  POWER_MODES,
  type TelemetrySample,
} from "#server/contract/telemetry.ts"
import { type CopyColumn, column } from "./telemetry-copy.ts"

/** A sample with the rows it refers to, ready for `telemetry_raw_24h`. */
export type RawRow = {
  siteId: number
  minerId: number
  labelId: number | null
  collectedAtMs: number
  sample: TelemetrySample
}

/** The newest sample of a machine with its state, ready for `miner_telemetry_live`. */
export type LiveRow = RawRow & { receivedAtMs: number; misses: number; offlineSinceMs: number | null }

/** Member of every board as an array in the boards' order; NULL when no board tells it. */
const board = (
  name: string,
  kind: "int2[]" | "float4[]",
  member: Exclude<keyof BoardSample, "serial">,
): CopyColumn<RawRow> =>
  column(name, kind, ({ sample }) => {
    if (!sample.boards || sample.boards.length === 0) return null
    const values = sample.boards.map((one) => one[member])
    return values.some((value) => value != null) ? values : null
  })

/** Every value has a function of its own: reading members by a name in a variable is several times slower. */
const SHARED: CopyColumn<RawRow>[] = [
  column("site_id", "int4", (row) => row.siteId),
  column("miner_id", "int4", (row) => row.minerId),
  column("collected_at", "timestamptz", (row) => row.collectedAtMs),
  column("accepted_shares", "int8", ({ sample }) => sample.accepted_shares),
  column("rejected_shares", "int8", ({ sample }) => sample.rejected_shares),
  column("stale_shares", "int8", ({ sample }) => sample.stale_shares),
  column("hardware_errors", "int8", ({ sample }) => sample.hardware_errors),
  column("uptime_seconds", "int4", ({ sample }) => sample.uptime_seconds),
  column("temperature_avg", "float4", ({ sample }) => sample.temperature_avg),
  column("temperature_min", "float4", ({ sample }) => sample.temperature_min),
  column("temperature_max", "float4", ({ sample }) => sample.temperature_max),
  column("temperature_inlet", "float4", ({ sample }) => sample.temperature_inlet),
  column("temperature_outlet", "float4", ({ sample }) => sample.temperature_outlet),
  column("frequency_avg", "float4", ({ sample }) => sample.frequency_avg),
  column("voltage_avg", "float4", ({ sample }) => sample.voltage_avg),
  column("power_consumption", "float4", ({ sample }) => sample.power_consumption),
  column("efficiency", "float4", ({ sample }) => sample.efficiency),
  column("pool_latency_ms", "float4", ({ sample }) => sample.pool_latency_ms),
  column("latency_ms", "float4", ({ sample }) => sample.latency_ms),
  column("boards_total", "int2", ({ sample }) => sample.boards_total),
  column("boards_healthy", "int2", ({ sample }) => sample.boards_healthy),
  column("online", "bool", ({ sample }) => sample.online),
  column("mining", "bool", ({ sample }) => sample.mining),
  column("power_estimated", "bool", ({ sample }) => sample.power_estimated),
  column("fan_speeds", "int4[]", ({ sample }) => sample.fan_speeds?.map((rpm) => rpm && Math.round(rpm))),
  column("temperature_chips", "float4[]", ({ sample }) => sample.temperature_chips),
]

export const RAW_COLUMNS: CopyColumn<RawRow>[] = [
  ...SHARED,
  column("hashrate_ghs", "float4", ({ sample }) => sample.hashrate_ghs),
  column("hashrate_5s_ghs", "float4", ({ sample }) => sample.hashrate_5s_ghs),
  column("hashrate_expected_ghs", "float4", ({ sample }) => sample.hashrate_expected_ghs),
  column("label_id", "int4", (row) => row.labelId),
  column("power_mode", "int2", ({ sample }) => indexIn(POWER_MODES, sample.power_mode)),
  column("overall_health", "int2", ({ sample }) => indexIn(OVERALL_HEALTH, sample.overall_health)),
  board("board_ids", "int2[]", "id"),
  board("board_hashrate_ghs", "float4[]", "hashrate"),
  board("board_temp", "float4[]", "temp"),
  board("board_temp_chip_max", "float4[]", "temp_chip_max"),
  board("board_frequency", "float4[]", "frequency"),
  board("board_voltage", "float4[]", "voltage"),
  board("board_chips_ok", "int2[]", "chips_ok"),
  board("board_chips_total", "int2[]", "chips_total"),
  column("rare", "jsonb", ({ sample }) => {
    if (!sample.errors?.length && sample.error_message == null) return null
    return storableJson({ errors: sample.errors ?? [], error_message: sample.error_message ?? null })
  }),
]

export const LIVE_COLUMNS: CopyColumn<LiveRow>[] = [
  ...SHARED,
  column("received_at", "timestamptz", (row) => row.receivedAtMs),
  column("misses", "int2", (row) => row.misses),
  column("offline_since", "timestamptz", (row) => row.offlineSinceMs),
  column("hashrate_ghs", "float8", ({ sample }) => sample.hashrate_ghs),
  column("hashrate_5s_ghs", "float8", ({ sample }) => sample.hashrate_5s_ghs),
  column("hashrate_expected_ghs", "float8", ({ sample }) => sample.hashrate_expected_ghs),
  column("power_mode", "text", ({ sample }) => sample.power_mode),
  column("pool_url", "text", ({ sample }) => storableText(sample.pool_url)),
  column("worker_name", "text", ({ sample }) => storableText(sample.worker_name)),
  column("pools", "jsonb", ({ sample }) => sample.pools && storableJson(sample.pools)),
  column("boards", "jsonb", ({ sample }) => sample.boards && storableJson(sample.boards)),
  column("overall_health", "text", ({ sample }) => sample.overall_health),
  column("errors", "jsonb", ({ sample }) => (sample.errors?.length ? storableJson(sample.errors) : null)),
  column("error_message", "text", ({ sample }) => storableText(sample.error_message)),
]

function indexIn(names: readonly string[], name: string | null | undefined): number | null {
  return name == null ? null : names.indexOf(name)
}

/** Half of a surrogate pair, which is no UTF-8, and NUL, which PostgreSQL's text cannot hold. */
const UNSTORABLE = /\0|[\ud800-\udfff]/

/** Text as PostgreSQL can keep it: a miner's garbage must not cost the whole batch. */
export function storableText(text: string | null | undefined): string | null {
  if (text == null) return null
  return UNSTORABLE.test(text) ? text.toWellFormed().replaceAll("\0", "") : text
}

function storableJson(value: unknown): string {
  const json = JSON.stringify(value)
  if (!/\\u(0000|d[89a-f])/i.test(json)) return json
  return JSON.stringify(value, (_, member) => (typeof member === "string" ? storableText(member) : member))
}
