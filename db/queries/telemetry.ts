// path: telemetry 6/8
import type { SqlTransaction } from "../client.ts"
import { copyInto } from "./telemetry-copy.ts"
import { LIVE_COLUMNS, type LiveRow, RAW_COLUMNS, type RawRow } from "./telemetry-rows.ts"

/** A batch as it stands in `collector_upload_logs`. */
export type UploadRow = {
  siteId: number
  batchId: string
  deviceId: number
  receivedAt: Date
  collectedAt: Date
  /** Machines of the stored samples. */
  minerCount: number
  /** Stored samples with `online`, and without. */
  online: number
  offline: number
  rejected: number
  wireBytes: number | null
  edgeVersion: string
}

/** Claims a batch id: true for whoever is first. Another transaction with the same id waits for this one to end. */
export async function claimBatch(tx: SqlTransaction, upload: UploadRow): Promise<boolean> {
  const rows = await tx`
    insert into collector_upload_logs (site_id, batch_id, device_id, received_at, collected_at, miner_count,
      online, offline, rejected, wire_bytes, processing_ms, edge_version)
    values (${upload.siteId}, ${upload.batchId}, ${upload.deviceId}, ${upload.receivedAt}, ${upload.collectedAt},
      ${upload.minerCount}, ${upload.online}, ${upload.offline}, ${upload.rejected}, ${upload.wireBytes}, 0,
      ${upload.edgeVersion})
    on conflict (site_id, batch_id) do nothing
    returning 1`
  return rows.length === 1
}

export type StoredUpload = { receivedAt: Date; online: number; offline: number; processingMs: number }

/** A batch that was stored before. */
export async function findUpload(
  tx: SqlTransaction,
  siteId: number,
  batchId: string,
): Promise<StoredUpload | null> {
  const [row] = await tx<StoredUpload[]>`
    select received_at as "receivedAt", online, offline, processing_ms as "processingMs"
    from collector_upload_logs where site_id = ${siteId} and batch_id = ${batchId}`
  return row ?? null
}

/** The settings of a site that ingest needs. */
export async function findIngestSite(
  tx: SqlTransaction,
  siteId: number,
): Promise<{ slug: string; chipWarningC: number; chipCriticalC: number } | null> {
  const [row] = await tx<{ slug: string; chipWarningC: number; chipCriticalC: number }[]>`
    select slug, chip_warning_c as "chipWarningC", chip_critical_c as "chipCriticalC"
    from hosting_sites where id = ${siteId}`
  return row ?? null
}

/** Stores samples. Rejects with 23514 when a partition is missing. */
export async function copyRaw(tx: SqlTransaction, rows: readonly RawRow[]): Promise<void> {
  await copyInto(tx, "telemetry_raw_24h", RAW_COLUMNS, rows)
}
const LIVE_NAMES = LIVE_COLUMNS.map((one) => one.name)

export type LiveBefore = {
  minerId: number
  collectedAt: Date
  misses: number
  offlineSince: Date | null
  temperatureMax: number | null
  boardsHealthy: number | null
  /** Only for the machines asked for; else null. */
  deadBoards: number[] | null
}

/** From here to the end of the transaction, batches of one device take turns. */
export async function readLiveForUpdate(
  tx: SqlTransaction,
  siteId: number,
  deviceId: number,
  minerIds: readonly number[],
  withDeadBoards: readonly number[],
): Promise<LiveBefore[]> {
  await tx`select pg_advisory_xact_lock(hashtext('telemetry.live'), ${deviceId})`
  return tx<LiveBefore[]>`
    select miner_id as "minerId", collected_at as "collectedAt", misses, offline_since as "offlineSince",
      temperature_max as "temperatureMax", boards_healthy as "boardsHealthy",
      case when miner_id = any(${withDeadBoards as number[]}::int[]) then array(
        select (board->>'id')::int from jsonb_array_elements(coalesce(boards, '[]')) board
        where (board->>'chips_ok')::int = 0) end as "deadBoards"
    from miner_telemetry_live
    where site_id = ${siteId} and miner_id = any(${minerIds as number[]}::int[])`
}

/** Of these machines, those whose last thermal event says hot. */
export async function findHotMiners(
  tx: SqlTransaction,
  siteId: number,
  minerIds: readonly number[],
): Promise<number[]> {
  const rows = await tx<{ minerId: number }[]>`
    select m.id as "minerId" from unnest(${minerIds as number[]}::int[]) m(id)
    cross join lateral (
      select kind from fleet_events e
      where e.site_id = ${siteId} and e.miner_id = m.id and e.kind in ('hot', 'cooled')
      order by e.at desc, e.id desc limit 1) last
    where last.kind = 'hot'`
  return rows.map((row) => row.minerId)
}

/**
 * Writes live rows where they are newer than what is there. The rows cross by COPY into a table of the session, then
 * in one statement, in order of machine, so that no two transactions wait for each other.
 */
export async function upsertLive(tx: SqlTransaction, rows: readonly LiveRow[]): Promise<void> {
  await tx`create temp table if not exists live_incoming (like miner_telemetry_live) on commit delete rows`
  await copyInto(tx, "live_incoming", LIVE_COLUMNS, rows)
  await tx.unsafe(UPSERT_LIVE, [], { prepare: true })
}
const UPSERT_LIVE = `
  insert into miner_telemetry_live as live (${LIVE_NAMES.join(", ")})
  select ${LIVE_NAMES.join(", ")} from live_incoming order by miner_id
  on conflict (site_id, miner_id) do update set
    ${LIVE_NAMES.filter((name) => name !== "site_id" && name !== "miner_id")
      .map((name) => `${name} = excluded.${name}`)
      .join(", ")}
  where live.collected_at < excluded.collected_at`

export type FleetEventRow = {
  minerId: number
  kind: string
  severity: "info" | "warning" | "critical"
  message: string
  at: Date
}

export async function insertFleetEvents(
  tx: SqlTransaction,
  siteId: number,
  deviceId: number,
  events: readonly FleetEventRow[],
): Promise<void> {
  await tx`
    insert into fleet_events (site_id, device_id, miner_id, kind, severity, message, at)
    select ${siteId}, ${deviceId}, e."minerId", e.kind, e.severity, e.message, e.at
    from jsonb_to_recordset(${JSON.stringify(events)}::text::jsonb)
      as e("minerId" int, kind text, severity text, message text, at timestamptz)`
}

/**
 * Ends a batch: marks its buckets for the roll-up, tells the pages, notes how long it took. Last in the transaction,
 * because the marks of a site are shared by all its batches. `touched_at` grows with every mark, even within one
 * microsecond: the roll-up removes a mark only if nobody touched it since.
 */
export async function finishBatch(
  tx: SqlTransaction,
  batch: { siteId: number; batchId: string; buckets: readonly Date[]; processingMs: number },
  channel: string,
  messages: readonly string[],
): Promise<void> {
  await tx`
    with timed as (
      update collector_upload_logs set processing_ms = ${batch.processingMs}
      where site_id = ${batch.siteId} and batch_id = ${batch.batchId}
    ), told as (
      select pg_notify(${channel}, message) from unnest(${messages as string[]}::text[]) m(message)
    ), marked as (
      insert into rollup_pending as pending (site_id, bucket_at, touched_at)
      select ${batch.siteId}, bucket_at::timestamptz, clock_timestamp()
      from unnest(${batch.buckets.map((at) => at.toISOString())}::text[]) b(bucket_at) order by bucket_at
      on conflict (site_id, bucket_at) do update
        set touched_at = greatest(clock_timestamp(), pending.touched_at + interval '1 microsecond')
    )
    select count(*) from told`
}
