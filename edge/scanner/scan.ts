import type { DriverContext, Identity, MinerAddress, TempLimits } from "#edge/drivers/driver.ts"
import { type AddressRange, countAddresses, formatIpv4 } from "#server/contract/address-ranges.ts"
import { fault, type Outcome } from "#server/contract/driver-faults.ts"
import { describeDevice } from "./describe-device.ts"
import { type HostSeen, type LookOptions, lookAtHost } from "./look-at-host.ts"
import { createPermits } from "./permits.ts"
import { GPU_PORTS, MINER_PORTS, RPC_PORT, WEB_PORTS } from "./ports.ts"
import { socketLimit } from "./socket-limit.ts"
import { type Step, walkAddresses } from "./walk.ts"

/** A machine that said what it is. */
export type FoundMachine = MinerAddress & { ports: number[]; identity: Identity; needsLogin: boolean }
/** Something that answers and is no machine that we know, with what was seen of it. */
export type UnknownDevice = { host: string; ports: number[]; seen: string[] }

export type ScanCounts = {
  total: number
  done: number
  found: number
  /** Answered, and is no known miner. */
  unknown: number
  /** There, with none of the ports open. */
  closed: number
  /** Nothing came back. */
  absent: number
}
export type ScanProgress = ScanCounts & {
  /** Where a scan of the same ranges and seed goes on after an interruption: everything before is done. */
  position: number
  seconds: number
  perSecond: number
  /** null: not yet known. */
  secondsLeft: number | null
}

export type ScanOptions = {
  /** Without overlaps (`mergeRanges`). */
  ranges: readonly AddressRange[]
  /** Empty or absent: those of all families. */
  ports?: readonly number[] | undefined
  /** Also the ports of GPU rigs' programs. */
  gpu?: boolean | undefined
  /** Bounds sockets, identification included. */
  sockets?: number | undefined
  connectTimeoutMs?: number | undefined
  /** How long an open port may keep silent. */
  speakTimeoutMs?: number | undefined
  identifyTimeoutMs?: number | undefined
  /** For scans that run beside other work; absent: as fast as the sockets allow. */
  addressesPerSecond?: number | undefined
  seed?: number | undefined
  /** Go on where an earlier scan stood, with its counts. */
  resume?: { position: number; counts: Partial<ScanCounts> } | undefined
  /** True for an address that need not be looked at. */
  skip?: ((host: string) => boolean) | undefined
  /** Reads only. */
  identify: (context: DriverContext) => Promise<Outcome<Identity>>
  limits: TempLimits
  signal?: AbortSignal | undefined
  onMachine?: ((machine: FoundMachine) => void) | undefined
  onDevice?: ((device: UnknownDevice) => void) | undefined
  onProgress?: ((progress: ScanProgress) => void) | undefined
  progressEveryMs?: number | undefined
}

export const CONNECT_TIMEOUT_MS = 1_000
const SPEAK_TIMEOUT_MS = 3_000
const IDENTIFY_TIMEOUT_MS = 10_000
const PROGRESS_MS = 500
/** What identifying one machine holds of the sockets: probes of several ports at once. */
const IDENTIFY_SOCKETS = 3

/**
 * Looks at every address of the ranges once and never writes to a machine. Resolves when all are done, or soon after
 * `signal`: what was looked at until then is counted, what runs is dropped.
 */
export async function scanAddresses(options: ScanOptions): Promise<ScanProgress> {
  const { ranges, signal } = options
  const sockets = createPermits(socketLimit(options.sockets))
  const hosts = createPermits(sockets.limit())
  const look = lookOptions(options, sockets)
  const counts: ScanCounts = {
    done: 0,
    found: 0,
    unknown: 0,
    closed: 0,
    absent: 0,
    ...options.resume?.counts,
    total: countAddresses(ranges),
  }
  const doneBefore = counts.done
  const started = performance.now()
  const inFlight = new Set<number>()
  let position = options.resume?.position ?? 0
  const progress = (): ScanProgress => {
    const seconds = (performance.now() - started) / 1000
    const perSecond = seconds > 0 ? (counts.done - doneBefore) / seconds : 0
    const [oldest = position] = inFlight
    const secondsLeft = perSecond > 0 && seconds >= 1 ? (counts.total - counts.done) / perSecond : null
    return { ...counts, position: oldest, seconds, perSecond, secondsLeft }
  }
  const ticker = setInterval(() => options.onProgress?.(progress()), options.progressEveryMs ?? PROGRESS_MS)

  const visit = async ({ address }: Step): Promise<void> => {
    const host = formatIpv4(address)
    if (options.skip?.(host)) {
      counts.done += 1
      return
    }
    const seen = await lookAtHost(host, look)
    const machine = seen.state === "speaks" && !signal?.aborted ? await whoIs(seen, options, sockets) : null
    if (signal?.aborted) return
    counts.done += 1
    if (seen.state === "absent" || seen.state === "closed") counts[seen.state] += 1
    else if (machine !== null) {
      counts.found += 1
      options.onMachine?.(machine)
    } else {
      counts.unknown += 1
      options.onDevice?.({ host, ports: seen.ports, seen: describeDevice(seen) })
    }
  }
  const visits = new Set<Promise<void>>()
  const paced = createPace(options.addressesPerSecond)
  let failure: { error: unknown } | null = null
  try {
    for (const step of walkAddresses(ranges, options.seed ?? 1, position)) {
      await hosts.take()
      await paced()
      if (signal?.aborted || failure !== null) break
      inFlight.add(step.position)
      position = step.position + 1
      const visiting = visit(step)
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => {
          // An address that was cut off by the signal is not done: a later scan begins with it.
          if (!signal?.aborted) inFlight.delete(step.position)
          visits.delete(visiting)
          hosts.give()
        })
      visits.add(visiting)
    }
    await Promise.all([...visits])
  } finally {
    clearInterval(ticker)
  }
  if (failure !== null) throw (failure as { error: unknown }).error
  const last = progress()
  options.onProgress?.(last)
  return last
}

function lookOptions(options: ScanOptions, sockets: LookOptions["sockets"]): LookOptions {
  const wanted = options.ports !== undefined && options.ports.length > 0 ? options.ports : MINER_PORTS
  return {
    ports: [...new Set([...wanted, ...(options.gpu ? GPU_PORTS : [])])],
    // A rig's system may drop what it does not expect, and answer at its program's port alone.
    thorough: options.gpu === true,
    sockets,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    speakTimeoutMs: options.speakTimeoutMs ?? SPEAK_TIMEOUT_MS,
  }
}

/** Asks the drivers at the ports that are open: the usual pair first, then what only a custom port can be. */
async function whoIs(
  seen: HostSeen,
  options: ScanOptions,
  sockets: LookOptions["sockets"],
): Promise<FoundMachine | null> {
  for (const address of addressesOf(seen)) {
    const abort = new AbortController()
    const stop = () => abort.abort()
    await sockets.take(IDENTIFY_SOCKETS)
    const timer = setTimeout(stop, options.identifyTimeoutMs ?? IDENTIFY_TIMEOUT_MS)
    options.signal?.addEventListener("abort", stop, { once: true })
    let needsLogin = false
    try {
      const answer = await options
        .identify({
          address,
          credentials: null,
          limits: options.limits,
          signal: abort.signal,
          loginRefused: () => {
            needsLogin = true
          },
          loginAccepted: () => {
            needsLogin = false
          },
        })
        // A driver that breaks its promise costs one address and not the scan.
        .catch((error: unknown) => fault("garbled", String(error)))
      if (answer.ok) return { ...address, ports: seen.ports, identity: answer.value, needsLogin }
      if (options.signal?.aborted) return null
    } finally {
      clearTimeout(timer)
      options.signal?.removeEventListener("abort", stop)
      sockets.give(IDENTIFY_SOCKETS)
    }
  }
  return null
}

/** Where the machine of a host may be asked, the likeliest first. */
export function addressesOf({ host, ports }: Pick<HostSeen, "host" | "ports">): MinerAddress[] {
  const webPort = WEB_PORTS.find((port) => ports.includes(port)) ?? 80
  const usual = ports.some((port) => MINER_PORTS.includes(port))
  const others = ports.filter((port) => !MINER_PORTS.includes(port))
  return [
    ...(usual ? [{ host, rpcPort: RPC_PORT, webPort }] : []),
    ...others.map((port) =>
      GPU_PORTS.includes(port)
        ? { host, rpcPort: RPC_PORT, webPort: port }
        : { host, rpcPort: port, webPort },
    ),
  ]
}

/** Resolves at most so often a second, without making up for time that was lost. */
function createPace(perSecond: number | undefined): () => Promise<void> {
  if (perSecond === undefined) return () => Promise.resolve()
  let next = 0
  return () => {
    const now = performance.now()
    const at = Math.max(now, next)
    next = at + 1000 / perSecond
    return at - now < 1 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, at - now))
  }
}
