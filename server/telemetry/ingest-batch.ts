// path: telemetry 5/8
import type { SqlTransaction } from "#db/client.ts"
import { ensurePartitions } from "#db/partitions.ts"
import {
  claimBatch,
  copyRaw,
  findIngestSite,
  findUpload,
  finishBatch,
  type StoredUpload,
} from "#db/queries/telemetry.ts"
import type { RawRow } from "#db/queries/telemetry-rows.ts"
import { DomainError } from "#server/contract/errors.ts"
import { LIVE_CHANNEL, type LiveEvent } from "#server/contract/live-events.ts"
import type { TelemetryBatch, UploadAnswer } from "#server/contract/telemetry.ts"
import { collectorUploadLatencyMs, collectorUploadTotal } from "#server/metrics.ts"
import type { DeviceActor } from "../access/actor.ts"
import type { Context } from "../context.ts"
import { inParts } from "../live/notify-live.ts"
import { bucketOf } from "./bucket.ts"
import { countReadings } from "./count-readings.ts"
import { type IdentityCache, identityCacheOf } from "./identity-cache.ts"
import { resolveIdentities } from "./resolve-identities.ts"
import { updateLive } from "./update-live.ts"
import { validateSamples } from "./validate-samples.ts"

export type IngestInput = {
  /** The envelope as `batchEnvelopeSchema` parsed it: the samples are judged here, one by one. */
  batch: Omit<TelemetryBatch, "samples"> & { samples: readonly unknown[] }
  /** Size of the request's body as it came over the wire. */
  wireBytes: number | null
  /** `performance.now()` at the first byte of the request; the verb's own start when absent. */
  startedMs?: number
}

/** Partition missing; deadlock with another writer of live rows. Both are over after one more try. */
const RETRIED = new Set(["23514", "40P01"])

/**
 * Stores a batch of a collector, once, in one transaction: claims the batch id (a known one is acknowledged and not
 * stored again), provisions unknown machines, stores the samples, brings the live rows up to date, marks the buckets
 * for the roll-up and tells the pages. A bad sample is rejected by index; the rest are stored.
 * Throws FORBIDDEN for anybody but a collector.
 */
export async function ingestBatch(ctx: Context, input: IngestInput): Promise<UploadAnswer> {
  const startedMs = input.startedMs ?? performance.now()
  if (ctx.actor.kind !== "device")
    throw new DomainError("FORBIDDEN", "Only a collector may upload telemetry.")
  const actor = ctx.actor
  const receivedAt = ctx.now()
  const verdicts = validateSamples(input.batch.samples, receivedAt)
  const cache = identityCacheOf(ctx.sql)
  const attempt = () =>
    ctx.sql.begin((tx) => storeBatch(tx, { cache, actor, input, receivedAt, verdicts, startedMs }))
  const stored = await attempt().catch(async (error: unknown) => {
    const code = (error as { code?: unknown }).code
    if (typeof code !== "string" || !RETRIED.has(code)) throw error
    if (code === "23514") await ensurePartitions(ctx.sql, ctx.now())
    return attempt()
  })
  stored.keep()
  const { answer, site } = stored
  collectorUploadTotal.inc({ site, outcome: answer.duplicate ? "duplicate" : "stored" })
  if (!answer.duplicate) countReadings(verdicts.valid.map(({ sample }) => sample))
  collectorUploadLatencyMs.observe({ site }, performance.now() - startedMs)
  return answer
}

type Attempt = {
  cache: IdentityCache
  actor: DeviceActor
  input: IngestInput
  receivedAt: Date
  verdicts: ReturnType<typeof validateSamples>
  startedMs: number
}
type Stored = { answer: UploadAnswer; site: string; keep: () => void }

async function storeBatch(tx: SqlTransaction, attempt: Attempt): Promise<Stored> {
  const { actor, input, receivedAt, startedMs } = attempt
  const { siteId, deviceId } = actor
  const { batch } = input
  const { valid, rejected } = attempt.verdicts
  const online = valid.reduce((count, { sample }) => count + (sample.online ? 1 : 0), 0)
  const upload = {
    siteId,
    batchId: batch.batch_id,
    deviceId,
    receivedAt,
    collectedAt: new Date(batch.collected_at),
    minerCount: new Set(valid.map(({ sample }) => sample.miner_id.toLowerCase())).size,
    online,
    offline: valid.length - online,
    rejected: rejected.length,
    wireBytes: input.wireBytes,
    edgeVersion: batch.edge_version,
  }
  const [site, first] = await Promise.all([findIngestSite(tx, siteId), claimBatch(tx, upload)])
  if (!site) throw new DomainError("NOT_FOUND", "There is no such site.")
  if (!first) {
    const before = await findUpload(tx, siteId, batch.batch_id)
    if (!before) throw new DomainError("UNAVAILABLE", "The batch is being removed; send it again.")
    return { answer: duplicateAnswer(batch.samples, before), site: site.slug, keep: () => {} }
  }
  const events: LiveEvent[] = [{ kind: "telemetry", siteId, deviceId, at: receivedAt.toISOString() }]
  let keep = () => {}
  if (valid.length > 0) {
    const identities = await resolveIdentities(tx, attempt.cache, { siteId, deviceId, at: receivedAt }, valid)
    const rows: RawRow[] = valid.map(({ sample, collectedAtMs }) => ({
      siteId,
      minerId: identities.minerIdOf(sample),
      labelId: identities.labelIdOf(sample),
      collectedAtMs,
      sample,
    }))
    rows.sort((one, other) => one.minerId - other.minerId)
    await copyRaw(tx, rows)
    const update = await updateLive(
      tx,
      { siteId, deviceId, receivedAt, limits: site },
      rows,
      identities.added,
    )
    const told = (change: "added" | "offline" | "online", minerIds: number[]) => {
      if (minerIds.length > 0)
        events.push({ kind: "miners", siteId, minerIds, change, at: receivedAt.toISOString() })
    }
    told("added", identities.added)
    told("offline", update.wentOffline)
    told("online", update.cameOnline)
    keep = identities.keep
  }
  const processingMs = Math.round(performance.now() - startedMs)
  const buckets = [...new Set(valid.map((one) => bucketOf(one.collectedAtMs)))]
  await finishBatch(
    tx,
    {
      siteId,
      batchId: batch.batch_id,
      processingMs,
      buckets: buckets.map((ms) => new Date(ms)),
    },
    LIVE_CHANNEL,
    events.flatMap(inParts).map((event) => JSON.stringify(event)),
  )
  const answer: UploadAnswer = {
    processed: valid.length,
    online,
    offline: valid.length - online,
    duplicate: false,
    processing_time_ms: processingMs,
    rejected,
  }
  return { answer, site: site.slug, keep }
}

/** What the first delivery was answered: the verdicts are made again by its clock. */
function duplicateAnswer(samples: readonly unknown[], before: StoredUpload): UploadAnswer {
  return {
    processed: before.online + before.offline,
    online: before.online,
    offline: before.offline,
    duplicate: true,
    processing_time_ms: before.processingMs,
    rejected: validateSamples(samples, before.receivedAt).rejected,
  }
}
