import type { TelemetrySample } from "#server/contract/telemetry.ts"
import type { Log } from "#server/log.ts"
import type { EdgeEvents } from "../beat/events.ts"
import { isDiskFull } from "../state/open-database.ts"
import type { Spool } from "./spool.ts"

/** Samples of this long share one disk commit. What a kill can cost is the reads of this moment. */
const GROUP_COMMIT_MS = 200
const DISK_RETRY_MS = 5_000
/** Kept in memory while the disk takes nothing; beyond it the oldest go. About 60 MB. */
const MEMORY_MAX_SAMPLES = 20_000

/** From a sample in memory to a batch on disk. */
export type Recorder = {
  record: (sample: TelemetrySample) => void
  /** How often open samples become a batch; longer intervals make fewer, fuller batches. */
  setPollInterval: (intervalMs: number) => void
  /** Writes and seals everything now. Returns false when the disk did not take it. */
  flush: () => boolean
  /** Samples lost from memory because the disk was full for too long. */
  droppedFromMemory: () => number
  stop: () => void
}

export function createRecorder(options: {
  spool: Spool
  log: Log
  events: EdgeEvents
  nowMs: () => number
  /** While false, batches wait until they are full: after an outage few fat batches drain faster than many thin ones. */
  uplinkHealthy: () => boolean
  onSealed: () => void
}): Recorder {
  const { spool, log } = options
  let waiting: TelemetrySample[] = []
  let timer: NodeJS.Timeout | null = null
  let diskFull = false
  let dropped = 0
  let sealWindowMs = 1_000
  let openSince: number | null = spool.openCount() > 0 ? Number.NEGATIVE_INFINITY : null

  const later = (ms: number) => {
    if (timer === null) timer = setTimeout(tick, ms)
  }
  const writeWaiting = (): boolean => {
    if (waiting.length === 0) return true
    try {
      spool.write(waiting)
      if (openSince === null) openSince = options.nowMs()
      waiting = []
      if (diskFull) log.info("the disk takes writes again")
      diskFull = false
      return true
    } catch (error) {
      if (!isDiskFull(error)) throw error
      noteDiskFull(error as Error)
      return false
    }
  }
  const noteDiskFull = (error: Error) => {
    if (!diskFull) {
      log.error({ err: error }, "the disk does not take the spool's writes; samples stay in memory for now")
      options.events.tell("disk_full", "critical", `The spool cannot be written: ${error.message}`)
    }
    diskFull = true
    const excess = waiting.length - MEMORY_MAX_SAMPLES
    if (excess > 0) {
      waiting.splice(0, excess)
      dropped += excess
      options.events.countDropped(excess)
    }
  }
  const seal = (onlyFull: boolean): boolean => {
    try {
      if (spool.seal({ onlyFull }) > 0) options.onSealed()
      if (spool.openCount() === 0) openSince = null
      return true
    } catch (error) {
      if (!isDiskFull(error)) throw error
      noteDiskFull(error as Error)
      return false
    }
  }
  function tick(): void {
    timer = null
    const written = writeWaiting()
    const waited = openSince === null ? 0 : options.nowMs() - openSince
    const ripe = waited >= sealWindowMs || waited < 0
    const sealed = seal(!(ripe && options.uplinkHealthy()))
    if (!written || !sealed) later(DISK_RETRY_MS)
    else if (openSince !== null) later(ripe ? sealWindowMs : Math.max(GROUP_COMMIT_MS, sealWindowMs - waited))
  }
  if (openSince !== null) later(0)

  return {
    record: (sample) => {
      waiting.push(sample)
      if (timer !== null && !diskFull && waiting.length === 1) {
        clearTimeout(timer)
        timer = null
      }
      later(GROUP_COMMIT_MS)
    },
    setPollInterval: (intervalMs) => {
      sealWindowMs = Math.min(5_000, Math.max(1_000, intervalMs / 12))
    },
    flush: () => writeWaiting() && seal(false),
    droppedFromMemory: () => dropped,
    stop: () => {
      if (timer !== null) clearTimeout(timer)
      timer = null
    },
  }
}
