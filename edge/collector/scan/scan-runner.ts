import { randomInt } from "node:crypto"
import type { TempLimits } from "#edge/drivers/driver.ts"
import { readNeighbours } from "#edge/scanner/neighbours.ts"
import { type ScanCounts, type ScanProgress, scanAddresses } from "#edge/scanner/scan.ts"
import {
  type AddressRange,
  countAddresses,
  mergeRanges,
  parseAddressRange,
} from "#server/contract/address-ranges.ts"
import type { ScanJob } from "#server/contract/discovery.ts"
import type { Log } from "#server/log.ts"
import type { Drivers } from "../ports.ts"
import type { DiscoveryStore, EdgeScanState, Finding, KeptScan } from "./discovery-store.ts"
import { reportedDevice, reportedMachine } from "./found-machine.ts"

/** A scan runs beside the readings of known machines: a quarter of a core, and sockets to spare. */
const SOCKETS = 256
const ADDRESSES_PER_SECOND = 500
const CHECKPOINT_MS = 1_000

/** Runs one scan at a time, on disk as it goes: after a restart it goes on where it stood. */
export type ScanRunner = {
  /** The same scan again is none; another one takes the place of one whose end was told. */
  run: (job: ScanJob) => void
  cancel: (scanId: string) => void
  running: () => boolean
  /** Stops without an end: the next process goes on. */
  stop: () => Promise<void>
}

export function createScanRunner(options: {
  store: DiscoveryStore
  drivers: Drivers
  limits: () => TempLimits
  log: Log
  /** A scan ended: that is told at once, progress in its turn. */
  onNews: () => void
  addressesPerSecond?: number
}): ScanRunner {
  const { store, log } = options
  let abort: AbortController | null = null
  let stopping = false
  let current: Promise<void> = Promise.resolve()

  const work = async (kept: KeptScan, signal: AbortSignal): Promise<void> => {
    const { job } = kept
    let found: Finding[] = []
    const checkpoint = (progress: ScanProgress, state?: EdgeScanState, error: string | null = null) => {
      const batch = found
      found = []
      const { position, perSecond, seconds: _, secondsLeft: __, ...counts } = progress
      store.checkpoint(batch, { position, counts, perSecond, ...(state ? { state } : {}), error })
      if (state !== undefined) options.onNews()
    }
    let last: ScanProgress = {
      ...kept.counts,
      position: kept.position,
      seconds: 0,
      perSecond: 0,
      secondsLeft: null,
    }
    try {
      last = await scanAddresses({
        ranges: rangesOf(job),
        ports: job.options.ports,
        gpu: job.options.gpu,
        sockets: job.options.concurrency ?? SOCKETS,
        addressesPerSecond: options.addressesPerSecond ?? ADDRESSES_PER_SECOND,
        seed: kept.seed,
        resume: { position: kept.position, counts: resumed(kept, store) },
        identify: (context) => options.drivers.identify(context, null),
        limits: options.limits(),
        signal,
        progressEveryMs: CHECKPOINT_MS,
        onMachine: (machine) => {
          const mac = readNeighbours().get(machine.host) ?? null
          found.push({ kind: "machine", body: reportedMachine(machine, mac) })
        },
        onDevice: (device) => found.push({ kind: "device", body: reportedDevice(device) }),
        onProgress: (progress) => {
          last = progress
          if (!signal.aborted) checkpoint(progress)
        },
      })
      const state = signal.aborted ? (stopping ? undefined : "cancelled") : "done"
      checkpoint(last, state)
      log.info({ scan: job.id, state: state ?? "stopped", found: last.found, done: last.done }, "scan ended")
    } catch (error) {
      log.error({ err: error, scan: job.id }, "a scan failed")
      checkpoint(last, "failed", (error as Error).message.slice(0, 500))
    }
  }
  const start = (kept: KeptScan) => {
    const mine = new AbortController()
    abort = mine
    log.info({ scan: kept.job.id, addresses: kept.counts.total, from: kept.position }, "scan begins")
    current = work(kept, mine.signal).finally(() => {
      if (abort === mine) abort = null
    })
  }
  const interrupted = store.scan()
  if (interrupted?.state === "running") start(interrupted)
  return {
    run: (job) => {
      const kept = store.scan()
      if (stopping || abort !== null || (kept?.job.id === job.id && !kept.told)) return
      const total = countAddresses(rangesOf(job))
      store.begin(job, randomInt(2 ** 31), total)
      start(store.scan() as KeptScan)
    },
    cancel: (scanId) => {
      if (store.scan()?.job.id === scanId) abort?.abort()
    },
    running: () => abort !== null,
    stop: async () => {
      stopping = true
      abort?.abort()
      await current
    },
  }
}

/** What was read from this disk or told by the gateway was checked where it came from. */
function rangesOf(job: ScanJob): AddressRange[] {
  return mergeRanges(
    job.ranges.map((text) => parseAddressRange(text)).filter((one) => typeof one !== "string"),
  )
}

/** Findings are counted on disk: addresses that were under way at the interruption come again. */
function resumed(kept: KeptScan, store: DiscoveryStore): Partial<ScanCounts> {
  if (kept.position === 0) return {}
  const { machines, devices } = store.countFindings()
  return { ...kept.counts, found: machines, unknown: devices }
}
