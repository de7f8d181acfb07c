// path: telemetry 3/8
import type { UploadAnswer } from "#server/contract/telemetry.ts"
import type { Log } from "#server/log.ts"
import { collectorUploadLatencyMs, collectorUploadTotal } from "#server/metrics.ts"
import type { EdgeEvents } from "../beat/events.ts"
import { createBackoff } from "../client/backoff.ts"
import { asGatewayError, GatewayError, isRevoked } from "../client/gateway-error.ts"
import { createPause } from "../client/pause.ts"
import type { GatewayApi } from "../ports.ts"
import { freshHorizonMs, LANES, type Lane } from "../spool/lanes.ts"
import type { Spool, SpooledBatch } from "../spool/spool.ts"

/** At most about seven uploads a second: heartbeats and commands keep their share of 600 requests a minute. */
const MIN_GAP_MS = 140
const IDLE_WAIT_MS = 10_000
const DISK_RETRY_MS = 5_000
const SLOW_RETRY_MS = 60_000
const CONFLICT_RETRY_MS = 15_000
/** A batch that the server cannot take for reasons of its own steps aside after this many tries. */
const STEP_ASIDE_AFTER = 8
const STEP_ASIDE_MS = 15 * 60_000

export type Uploader = {
  /** There is something new, or the uplink is back: look now. */
  wake: () => void
  /** A heartbeat came through: a wait for the network is over. */
  uplinkSeen: () => void
  healthy: () => boolean
  setPollInterval: (intervalMs: number) => void
  /** Batches on their way; they must not be dropped. */
  inFlight: () => ReadonlySet<number>
  /** One more try for what is left, then ends; resolves when both lanes stand still. */
  finish: (withinMs: number) => Promise<void>
}

/**
 * Drains the spool through two lanes (`spool/lanes.ts`). A batch leaves the spool only after the gateway's answer;
 * an answer that got lost is asked for again with the same id, and the gateway then says `duplicate`. What it refuses as a
 * whole is split until the bad sample stands alone, and that one goes to quarantine: nothing is tried for ever.
 */
export function startUploader(options: {
  spool: Spool
  gateway: () => GatewayApi
  events: EdgeEvents
  log: Log
  nowMs: () => number
  random: () => number
  signal: AbortSignal
  siteLabel: () => string
}): Uploader {
  const { spool, log, signal } = options
  const sending = new Set<number>()
  const abort = new AbortController()
  const pauses = new Map(LANES.map((lane) => [lane, createPause(abort.signal)]))
  const backoff = createBackoff({ baseMs: 1_000, maxMs: 30_000, random: options.random })
  let horizonMs = freshHorizonMs(60_000)
  let blockedUntil = 0
  let blockedByNetwork = false
  let lastSentAt = 0
  let finishing = false

  const wake = () => {
    for (const pause of pauses.values()) pause.wake()
  }
  const block = (ms: number, byNetwork: boolean) => {
    blockedUntil = performance.now() + ms
    blockedByNetwork = byNetwork
  }
  const sendOne = async (lane: Lane): Promise<boolean> => {
    const entry = spool.next(lane, horizonMs)
    if (entry === null || sending.has(entry.seq)) return false
    sending.add(entry.seq)
    const began = performance.now()
    lastSentAt = began
    try {
      const answer = await options
        .gateway()
        .upload(entry.batch, abort.signal)
        .catch((error) => asGatewayError(error))
      if (answer instanceof GatewayError) refuse(entry, answer)
      else settle(entry, answer, performance.now() - began)
      return true
    } finally {
      sending.delete(entry.seq)
    }
  }
  const settle = (entry: SpooledBatch, answer: UploadAnswer, tookMs: number) => {
    spool.finish(entry, answer.rejected)
    if (backoff.failures() > 0) log.info("uploads go through again")
    backoff.reset()
    blockedUntil = 0
    for (const item of answer.rejected) options.events.countQuarantined(1, item.reason)
    const labels = { site: options.siteLabel() }
    collectorUploadTotal.inc({ ...labels, outcome: answer.duplicate ? "duplicate" : "stored" })
    collectorUploadLatencyMs.observe(labels, tookMs)
    log.debug(
      {
        batch: entry.batch.batch_id,
        samples: entry.batch.samples.length,
        rejected: answer.rejected.length,
        duplicate: answer.duplicate,
        took_ms: Math.round(tookMs),
      },
      "batch uploaded",
    )
  }
  const refuse = (entry: SpooledBatch, error: GatewayError) => {
    if (error.code === "ABORTED") return
    const detail = { batch: entry.batch.batch_id, error_code: error.code, reason: error.message }
    collectorUploadTotal.inc({ site: options.siteLabel(), outcome: "refused" })
    if (error.code === "INVALID" || error.code === "PAYLOAD_TOO_LARGE") {
      log.warn({ ...detail, samples: entry.batch.samples.length }, "the server refused a batch; it is split")
      spool.splitOrQuarantine(entry, error.code.toLowerCase(), error.message)
      if (entry.batch.samples.length <= 1) options.events.countQuarantined(1, error.message)
      return
    }
    if (error.code === "INTERNAL" && entry.attempts + 1 >= STEP_ASIDE_AFTER) {
      log.error(detail, "the server fails on this batch; it steps aside for a while")
      spool.postpone(entry, options.nowMs() + STEP_ASIDE_MS)
      return
    }
    if (error.code === "INTERNAL") spool.postpone(entry, 0)
    const first = backoff.failures() === 0
    const network = error.code === "UNREACHABLE" || error.code === "UNAVAILABLE"
    const waitMs = isRevoked(error) ? SLOW_RETRY_MS : error.code === "CONFLICT" ? CONFLICT_RETRY_MS : 0
    const ms = backoff.nextMs(Math.max(waitMs, error.retryAfterMs ?? 0))
    block(ms, network && error.retryAfterMs === null)
    const line = { ...detail, failures: backoff.failures(), retry_in_ms: ms }
    if (first) log.warn(line, "upload failed; the spool keeps what is read")
    else log.debug(line, "upload failed again")
  }
  const runLane = async (lane: Lane) => {
    const pause = pauses.get(lane) as ReturnType<typeof createPause>
    while (!signal.aborted && !finishing) {
      const blockedMs = blockedUntil - performance.now()
      if (blockedMs > 0) {
        await pause.wait(blockedMs)
        continue
      }
      const gapMs = lastSentAt + MIN_GAP_MS - performance.now()
      if (gapMs > 0) {
        await pause.wait(gapMs)
        if (lastSentAt + MIN_GAP_MS > performance.now()) continue
      }
      try {
        if (!(await sendOne(lane))) await pause.wait(IDLE_WAIT_MS)
      } catch (error) {
        log.error({ err: error, lane }, "the spool cannot be read or written; uploads wait")
        block(DISK_RETRY_MS, false)
      }
    }
  }
  const lanes = Promise.all(LANES.map(runLane))

  return {
    wake,
    uplinkSeen: () => {
      if (!blockedByNetwork) return
      blockedByNetwork = false
      blockedUntil = 0
      wake()
    },
    healthy: () => backoff.failures() === 0,
    setPollInterval: (intervalMs) => {
      horizonMs = freshHorizonMs(intervalMs)
    },
    inFlight: () => sending,
    finish: async (withinMs) => {
      finishing = true
      wake()
      const timer = setTimeout(() => abort.abort(), withinMs)
      await lanes
      while (!abort.signal.aborted && backoff.failures() === 0)
        if (!(await sendOne("fresh")) && !(await sendOne("backlog"))) break
      clearTimeout(timer)
      abort.abort()
    },
  }
}
