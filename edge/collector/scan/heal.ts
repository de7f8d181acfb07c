import type { TempLimits } from "#edge/drivers/driver.ts"
import { readNeighbours } from "#edge/scanner/neighbours.ts"
import { MINER_PORTS } from "#edge/scanner/ports.ts"
import { type FoundMachine as Scanned, scanAddresses } from "#edge/scanner/scan.ts"
import { type AddressRange, mergeRanges, parseIpv4 } from "#server/contract/address-ranges.ts"
import type { Log } from "#server/log.ts"
import type { KnownMiner } from "../poll/identity-map.ts"
import { compareIds, hardwareIds } from "../poll/known-ids.ts"
import type { Poller } from "../poll/poller.ts"
import { identifyAt } from "../poll/read-miner.ts"
import type { TargetAddress } from "../poll/targets.ts"
import type { Drivers } from "../ports.ts"
import type { DiscoveryStore } from "./discovery-store.ts"
import { reportedMachine } from "./found-machine.ts"

const LOOK_MS = 30_000
const SEARCH_AGAIN_MS = 3_600_000
/** A machine that stayed away for a day of searches was taken away. */
const SEARCHES_MOST = 24
/** In the background: a /24 in 13 s, with a few sockets. */
const ADDRESSES_PER_SECOND = 20
const SOCKETS = 16
/** Of subnets, when nobody knows where a machine was. */
const SUBNETS_MOST = 16

/**
 * Looks for machines that vanished from their address, by MAC in the system's neighbour table, then by MAC or serial in
 * a slow scan of the subnet where they were. A machine that is found is read at its new address from then on, and the
 * server is told. Never writes to a machine.
 */
export type Healer = {
  /** One round, as the timer makes them. */
  look: () => Promise<void>
  stop: () => Promise<void>
}

export function startHealer(options: {
  poller: Pick<Poller, "missing" | "onlineHosts" | "adopt">
  identities: { all: () => Iterable<KnownMiner> }
  drivers: Drivers
  store: DiscoveryStore
  limits: () => TempLimits
  log: Log
  iso: () => string
  monotonicMs: () => number
  onMoved: () => void
  neighbours?: () => Map<string, string>
  addressesPerSecond?: number
  connectTimeoutMs?: number
}): Healer {
  const { poller, log } = options
  const stop = new AbortController()
  const neighbours = options.neighbours ?? (() => readNeighbours())
  const searched = new Map<string, { at: number; times: number }>()
  const lastHost = new Map<string, { host: string; rpcPort: number }>()
  const keyOf = (miner: KnownMiner) => miner.minerId.toLowerCase()

  const remember = () => {
    for (const miner of options.identities.all())
      if (miner.address !== null)
        lastHost.set(keyOf(miner), { host: miner.address.host, rpcPort: miner.address.rpcPort })
  }
  const findable = () => poller.missing().filter((miner) => miner.serial !== null || miner.mac !== null)

  /** Reads it at its new address, when it is the one that is missing and nothing speaks against it. */
  const move = async (miner: KnownMiner, found: Scanned, mac: string | null): Promise<boolean> => {
    const told = hardwareIds({ serial: found.identity.serial, mac: found.identity.mac ?? mac })
    const from = lastHost.get(keyOf(miner)) ?? null
    if (compareIds(miner, told) !== "same" || stop.signal.aborted) return false
    if (from !== null && from.host === found.host && from.rpcPort === found.rpcPort) return false
    const target: TargetAddress = {
      host: found.host,
      rpcPort: found.rpcPort,
      webPort: found.webPort,
      family: null,
    }
    const identity = { ...found.identity, serial: told.serial, mac: told.mac }
    const filed = await poller.adopt(target, identity)
    if (keyOf(filed) !== keyOf(miner)) return false
    const to = reportedMachine({ ...found, identity }, mac)
    const moved = { miner_id: miner.minerId, from: from?.host ?? null, from_rpc_port: from?.rpcPort ?? null }
    options.store.addMove({ ...moved, from: ipv4(moved.from), to, at: options.iso() }, target)
    log.info(
      { miner_id: miner.minerId, from: from?.host ?? null, to: found.host },
      "a missing miner was found",
    )
    searched.delete(keyOf(miner))
    remember()
    options.onMoved()
    return true
  }
  const byNeighbour = async (): Promise<void> => {
    const table = neighbours()
    const hostOf = new Map([...table].map(([host, mac]) => [mac, host]))
    for (const miner of findable()) {
      const host = miner.mac === null ? undefined : hostOf.get(miner.mac)
      const before = lastHost.get(keyOf(miner))
      if (host === undefined || host === before?.host) continue
      const address = { host, rpcPort: before?.rpcPort ?? 4028, webPort: miner.address?.webPort ?? 80 }
      const answer = await identifyAt({
        drivers: options.drivers,
        address,
        family: null,
        limits: options.limits(),
        stop: stop.signal,
      })
      if (answer.ok)
        await move(miner, { ...address, ports: [], identity: answer.value, needsLogin: false }, miner.mac)
    }
  }
  const bySearch = async (): Promise<void> => {
    const now = options.monotonicMs()
    const due = findable().filter((miner) => {
      const before = searched.get(keyOf(miner))
      return before === undefined || (before.times < SEARCHES_MOST && now - before.at >= SEARCH_AGAIN_MS)
    })
    if (due.length === 0) return
    for (const miner of due)
      searched.set(keyOf(miner), { at: now, times: (searched.get(keyOf(miner))?.times ?? 0) + 1 })
    const ranges = subnetsOf(due)
    if (ranges.length === 0) return
    log.info({ missing: due.length, subnets: ranges.length }, "looking for missing miners")
    const healthy = poller.onlineHosts()
    const found: Scanned[] = []
    await scanAddresses({
      ranges,
      ports: [
        ...new Set([...due.map((miner) => lastHost.get(keyOf(miner))?.rpcPort ?? 4028), ...MINER_PORTS]),
      ],
      sockets: SOCKETS,
      addressesPerSecond: options.addressesPerSecond ?? ADDRESSES_PER_SECOND,
      connectTimeoutMs: options.connectTimeoutMs,
      skip: (host) => healthy.has(host),
      identify: (context) => options.drivers.identify(context, null),
      limits: options.limits(),
      signal: stop.signal,
      onMachine: (machine) => found.push(machine),
    })
    const table = neighbours()
    for (const machine of found)
      for (const miner of findable()) if (await move(miner, machine, table.get(machine.host) ?? null)) break
  }
  /** The /24 where each was; where nobody knows, those of the machines that are known. */
  const subnetsOf = (due: KnownMiner[]): AddressRange[] => {
    const hosts = due.map((miner) => lastHost.get(keyOf(miner))?.host)
    const known = hosts.filter((host): host is string => host !== undefined)
    const all =
      hosts.length > known.length ? [...known, ...[...lastHost.values()].map((one) => one.host)] : known
    const bases = new Set(
      all
        .map((host) => parseIpv4(host))
        .filter((address) => address !== null)
        .map((n) => n >>> 8),
    )
    return mergeRanges(
      [...bases].slice(0, SUBNETS_MOST).map((base) => ({ from: base * 256 + 1, to: base * 256 + 254 })),
    )
  }

  let round: Promise<void> | null = null
  const look = (): Promise<void> => {
    round ??= (async () => {
      remember()
      await byNeighbour()
      await bySearch()
    })().finally(() => {
      round = null
    })
    return round
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) => log.error({ err: error }, "missing miners could not be looked for"))
  }, LOOK_MS)
  return {
    look,
    stop: async () => {
      clearInterval(timer)
      stop.abort()
      await round?.catch(() => undefined)
    },
  }
}

function ipv4(host: string | null): string | null {
  return host !== null && parseIpv4(host) !== null ? host : null
}
