import { sql } from "drizzle-orm"
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
} from "drizzle-orm/pg-core"

const at = (name: string) => timestamp(name, { withTimezone: true })

/** One row a machine: its last sample in full, and since when it is in its state. `miner_id` is `hosting_miners.id`. */
export const minerTelemetryLive = pgTable(
  "miner_telemetry_live",
  {
    siteId: integer("site_id").notNull(),
    minerId: integer("miner_id").notNull(),
    collectedAt: at("collected_at").notNull(),
    receivedAt: at("received_at").notNull(),
    online: boolean().notNull(),
    /** `online: false` in a row; 0 when the last one was online. */
    misses: smallint().notNull().default(0),
    /** Since when it counts as offline (`decisions.md` 2); null: it does not. */
    offlineSince: at("offline_since"),
    mining: boolean(),
    hashrateGhs: doublePrecision("hashrate_ghs"),
    hashrate5sGhs: doublePrecision("hashrate_5s_ghs"),
    hashrateExpectedGhs: doublePrecision("hashrate_expected_ghs"),
    temperatureAvg: real("temperature_avg"),
    temperatureMin: real("temperature_min"),
    temperatureMax: real("temperature_max"),
    temperatureChips: real("temperature_chips").array(),
    temperatureInlet: real("temperature_inlet"),
    temperatureOutlet: real("temperature_outlet"),
    fanSpeeds: integer("fan_speeds").array(),
    frequencyAvg: real("frequency_avg"),
    voltageAvg: real("voltage_avg"),
    acceptedShares: bigint("accepted_shares", { mode: "number" }),
    rejectedShares: bigint("rejected_shares", { mode: "number" }),
    staleShares: bigint("stale_shares", { mode: "number" }),
    hardwareErrors: bigint("hardware_errors", { mode: "number" }),
    uptimeSeconds: integer("uptime_seconds"),
    powerConsumption: real("power_consumption"),
    powerEstimated: boolean("power_estimated"),
    efficiency: real(),
    powerMode: text("power_mode", { enum: ["eco", "normal", "high", "sleep"] }),
    poolUrl: text("pool_url"),
    workerName: text("worker_name"),
    poolLatencyMs: real("pool_latency_ms"),
    pools: jsonb(),
    boards: jsonb(),
    boardsTotal: smallint("boards_total"),
    boardsHealthy: smallint("boards_healthy"),
    overallHealth: text("overall_health", { enum: ["healthy", "warning", "critical", "offline"] }),
    errors: jsonb(),
    errorMessage: text("error_message"),
    latencyMs: real("latency_ms"),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.minerId] }),
    index("miner_telemetry_live_online_idx").on(t.siteId, t.online),
    // Search by worker. A worker's name rarely changes, so an upsert still touches no index (the table's fillfactor
    // leaves room for its new version on the same page).
    index("miner_telemetry_live_worker_idx").using("gin", sql`lower(${t.workerName}) gin_trgm_ops`),
  ],
)

/** Every sample, 24 hours, in hourly partitions by `collected_at` (the partitions are made by `db/partitions.ts`). */
export const telemetryRaw24h = pgTable(
  "telemetry_raw_24h",
  {
    siteId: integer("site_id").notNull(),
    minerId: integer("miner_id").notNull(),
    collectedAt: at("collected_at").notNull(),
    acceptedShares: bigint("accepted_shares", { mode: "number" }),
    rejectedShares: bigint("rejected_shares", { mode: "number" }),
    staleShares: bigint("stale_shares", { mode: "number" }),
    hardwareErrors: bigint("hardware_errors", { mode: "number" }),
    uptimeSeconds: integer("uptime_seconds"),
    hashrateGhs: real("hashrate_ghs"),
    hashrate5sGhs: real("hashrate_5s_ghs"),
    hashrateExpectedGhs: real("hashrate_expected_ghs"),
    temperatureAvg: real("temperature_avg"),
    temperatureMin: real("temperature_min"),
    temperatureMax: real("temperature_max"),
    temperatureInlet: real("temperature_inlet"),
    temperatureOutlet: real("temperature_outlet"),
    frequencyAvg: real("frequency_avg"),
    voltageAvg: real("voltage_avg"),
    powerConsumption: real("power_consumption"),
    efficiency: real(),
    poolLatencyMs: real("pool_latency_ms"),
    latencyMs: real("latency_ms"),
    /** `telemetry_labels.id`: pool and worker. */
    labelId: integer("label_id"),
    boardsTotal: smallint("boards_total"),
    boardsHealthy: smallint("boards_healthy"),
    online: boolean().notNull(),
    mining: boolean(),
    powerEstimated: boolean("power_estimated"),
    /** Index into `POWER_MODES` and `OVERALL_HEALTH` of the contract. */
    powerMode: smallint("power_mode"),
    overallHealth: smallint("overall_health"),
    fanSpeeds: integer("fan_speeds").array(),
    temperatureChips: real("temperature_chips").array(),
    boardIds: smallint("board_ids").array(),
    boardHashrateGhs: real("board_hashrate_ghs").array(),
    boardTemp: real("board_temp").array(),
    boardTempChipMax: real("board_temp_chip_max").array(),
    boardFrequency: real("board_frequency").array(),
    boardVoltage: real("board_voltage").array(),
    boardChipsOk: smallint("board_chips_ok").array(),
    boardChipsTotal: smallint("board_chips_total").array(),
    /** `errors`, `error_message` and what else is rare: null on a healthy sample. */
    rare: jsonb(),
  },
  (t) => [index("telemetry_raw_24h_miner_idx").on(t.siteId, t.minerId, t.collectedAt)],
)

/** Pool and worker names of samples, once each. */
export const telemetryLabels = pgTable(
  "telemetry_labels",
  {
    siteId: integer("site_id").notNull(),
    id: integer().notNull().generatedAlwaysAsIdentity(),
    poolUrl: text("pool_url").notNull(),
    workerName: text("worker_name").notNull(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.poolUrl, t.workerName] })],
)

/** Five-minute buckets of a machine; averages unless the name says otherwise. Partitioned by day on `bucket_at`. */
export const minerTelemetryHistory = pgTable(
  "miner_telemetry_history",
  {
    siteId: integer("site_id").notNull(),
    minerId: integer("miner_id").notNull(),
    bucketAt: at("bucket_at").notNull(),
    samples: smallint().notNull(),
    samplesOnline: smallint("samples_online").notNull(),
    samplesMining: smallint("samples_mining").notNull(),
    /** By the rate that counts: shortest window, else average since start. */
    hashrateGhs: real("hashrate_ghs"),
    hashrateMinGhs: real("hashrate_min_ghs"),
    hashrateMaxGhs: real("hashrate_max_ghs"),
    hashrateExpectedGhs: real("hashrate_expected_ghs"),
    temperatureAvg: real("temperature_avg"),
    temperatureMin: real("temperature_min"),
    temperatureMax: real("temperature_max"),
    temperatureInlet: real("temperature_inlet"),
    temperatureOutlet: real("temperature_outlet"),
    fanSpeed: real("fan_speed"),
    frequencyAvg: real("frequency_avg"),
    voltageAvg: real("voltage_avg"),
    powerConsumption: real("power_consumption"),
    powerMax: real("power_max"),
    efficiency: real(),
    poolLatencyMs: real("pool_latency_ms"),
    latencyMs: real("latency_ms"),
    /** Counters as they stood at the bucket's last sample. */
    acceptedShares: bigint("accepted_shares", { mode: "number" }),
    rejectedShares: bigint("rejected_shares", { mode: "number" }),
    staleShares: bigint("stale_shares", { mode: "number" }),
    hardwareErrors: bigint("hardware_errors", { mode: "number" }),
    uptimeSeconds: integer("uptime_seconds"),
    overallHealth: smallint("overall_health"),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.minerId, t.bucketAt] }),
    index("miner_telemetry_history_site_idx").on(t.siteId, t.bucketAt),
  ],
)

/** Five-minute buckets of a board. Partitioned by day like the history. */
export const minerBoardTelemetry = pgTable(
  "miner_board_telemetry",
  {
    siteId: integer("site_id").notNull(),
    minerId: integer("miner_id").notNull(),
    bucketAt: at("bucket_at").notNull(),
    board: smallint().notNull(),
    samples: smallint().notNull(),
    hashrateGhs: real("hashrate_ghs"),
    temp: real(),
    tempChipMax: real("temp_chip_max"),
    frequency: real(),
    voltage: real(),
    chipsOk: smallint("chips_ok"),
    chipsTotal: smallint("chips_total"),
    /** Index into `BOARD_HEALTH`, of the last sample. */
    health: smallint(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.minerId, t.bucketAt, t.board] })],
)

/** Five-minute totals of a site over the samples of its machines; rates are sums of the machines' averages. */
export const siteTelemetryHistory = pgTable(
  "site_telemetry_history",
  {
    siteId: integer("site_id").notNull(),
    bucketAt: at("bucket_at").notNull(),
    miners: integer().notNull(),
    minersOnline: integer("miners_online").notNull(),
    hashrateGhs: doublePrecision("hashrate_ghs"),
    hashrateExpectedGhs: doublePrecision("hashrate_expected_ghs"),
    powerConsumption: doublePrecision("power_consumption"),
    temperatureMax: real("temperature_max"),
    samples: integer().notNull(),
    samplesOnline: integer("samples_online").notNull(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.bucketAt] })],
)

/**
 * Five-minute totals of a client's machines at a site: of those that were his when the bucket began. The same sums as the
 * site's, always those of the machines' buckets, and kept as long.
 */
export const ownerTelemetryHistory = pgTable(
  "owner_telemetry_history",
  {
    siteId: integer("site_id").notNull(),
    userId: integer("user_id").notNull(),
    bucketAt: at("bucket_at").notNull(),
    miners: integer().notNull(),
    minersOnline: integer("miners_online").notNull(),
    hashrateGhs: doublePrecision("hashrate_ghs"),
    hashrateExpectedGhs: doublePrecision("hashrate_expected_ghs"),
    powerConsumption: doublePrecision("power_consumption"),
    temperatureMax: real("temperature_max"),
    samples: integer().notNull(),
    samplesOnline: integer("samples_online").notNull(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.userId, t.bucketAt] })],
)

/** Days (UTC) of an owner's totals that a change of ownership took away: the roll-up computes them again. */
export const ownerRollupPending = pgTable(
  "owner_rollup_pending",
  {
    siteId: integer("site_id").notNull(),
    userId: integer("user_id").notNull(),
    day: date().notNull(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.userId, t.day] })],
)

/** A site's uptime a day (in the site's zone): samples online of all samples of its active machines. Kept for good. */
export const siteUptimeDaily = pgTable(
  "site_uptime_daily",
  {
    siteId: integer("site_id").notNull(),
    day: date().notNull(),
    samples: bigint({ mode: "number" }).notNull(),
    samplesOnline: bigint("samples_online", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.day] })],
)

/** Buckets that changed since they were rolled up: ingest writes one row a site and bucket, the roll-up takes them. */
export const rollupPending = pgTable(
  "rollup_pending",
  {
    siteId: integer("site_id").notNull(),
    bucketAt: at("bucket_at").notNull(),
    touchedAt: at("touched_at").notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.bucketAt] })],
)

/** Last run of each job, for the metric and the doctor. */
export const jobRuns = pgTable("job_runs", {
  name: text().primaryKey(),
  lastSuccessAt: at("last_success_at"),
  lastStartedAt: at("last_started_at"),
  lastDurationMs: integer("last_duration_ms"),
  lastError: text("last_error"),
  lastErrorAt: at("last_error_at"),
})
