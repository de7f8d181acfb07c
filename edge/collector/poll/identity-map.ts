import { randomUUID } from "node:crypto"
import type { Identity, MinerAddress } from "#edge/drivers/driver.ts"
import type { EdgeConfig } from "#server/contract/edge.ts"
import { openDatabase, transact } from "../state/open-database.ts"
import { compareIds, type HardwareIds, hardwareIds } from "./known-ids.ts"
import { addressKey } from "./targets.ts"

/** A machine of this site as the collector files it. `address` null: known, but nobody knows where it is now. */
export type KnownMiner = HardwareIds & {
  minerId: string
  address: MinerAddress | null
  /** What it said when it was identified last; null for a miner restored from the server and not met since. */
  identity: Identity | null
}

/**
 * Which machine is which. A `miner_id` is given at first sight (serial, else MAC, else a new id) and kept for ever, on
 * disk; a machine that comes back at another address is moved, not renamed.
 */
export type IdentityMap = {
  all: () => Iterable<KnownMiner>
  size: () => number
  byId: (minerId: string) => KnownMiner | null
  at: (address: Pick<MinerAddress, "host" | "rpcPort">) => KnownMiner | null
  /** Where a machine with these ids is filed now, when that is another address. */
  elsewhere: (address: MinerAddress, identity: Identity) => KnownMiner | null
  /**
   * Files who answered at an address, moving or making a row. `duplicateOf`: the machine of the same ids still
   * answers where it was, so this one gets an id of its own.
   */
  file: (address: MinerAddress, identity: Identity, duplicateOf?: KnownMiner | null) => KnownMiner
  /** Takes ids from the server that are unknown here (a lost disk). */
  restore: (miners: EdgeConfig["miners"]) => number
  close: () => void
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS miners (
  miner_id TEXT PRIMARY KEY COLLATE NOCASE,
  serial TEXT COLLATE NOCASE,
  mac TEXT,
  host TEXT,
  rpc_port INTEGER,
  web_port INTEGER,
  identity TEXT
) STRICT;
`
type Row = {
  miner_id: string
  serial: string | null
  mac: string | null
  host: string | null
  rpc_port: number | null
  web_port: number | null
  identity: string | null
}

export function openIdentityMap(file: string): { identities: IdentityMap; movedAside: string | null } {
  const { db, movedAside } = openDatabase(file, SCHEMA)
  const save = db.prepare(
    `INSERT INTO miners VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (miner_id) DO UPDATE SET serial = excluded.serial,
     mac = excluded.mac, host = excluded.host, rpc_port = excluded.rpc_port, web_port = excluded.web_port,
     identity = excluded.identity`,
  )
  const write = (...miners: KnownMiner[]) =>
    transact(db, () => {
      for (const m of miners)
        save.run(
          m.minerId,
          m.serial,
          m.mac,
          m.address?.host ?? null,
          m.address?.rpcPort ?? null,
          m.address?.webPort ?? null,
          m.identity === null ? null : JSON.stringify(m.identity),
        )
    })
  const map = createIdentityMap(write, randomUUID)
  for (const row of db.prepare("SELECT * FROM miners").all() as Row[]) map.load(fromRow(row))
  return { identities: { ...map.identities, close: () => db.close() }, movedAside }
}

function fromRow(row: Row): KnownMiner {
  return {
    minerId: row.miner_id,
    serial: row.serial,
    mac: row.mac,
    address:
      row.host === null
        ? null
        : { host: row.host, rpcPort: row.rpc_port ?? 4028, webPort: row.web_port ?? 80 },
    identity: row.identity === null ? null : (JSON.parse(row.identity) as Identity),
  }
}

/** The map in memory; `write` makes each change durable before it is used. */
export function createIdentityMap(write: (...miners: KnownMiner[]) => void, newId: () => string) {
  const byId = new Map<string, KnownMiner>()
  const byAddress = new Map<string, KnownMiner>()
  const bySerial = new Map<string, Set<KnownMiner>>()
  const byMac = new Map<string, Set<KnownMiner>>()
  const put = (index: Map<string, Set<KnownMiner>>, key: string | null, miner: KnownMiner) => {
    if (key !== null) index.set(key, (index.get(key) ?? new Set()).add(miner))
  }
  const load = (miner: KnownMiner) => {
    byId.set(miner.minerId.toLowerCase(), miner)
    if (miner.address !== null) byAddress.set(addressKey(miner.address), miner)
    put(bySerial, miner.serial?.toLowerCase() ?? null, miner)
    put(byMac, miner.mac, miner)
  }
  const withIds = (ids: HardwareIds): KnownMiner[] => {
    const found = [
      ...(bySerial.get(ids.serial?.toLowerCase() ?? "") ?? []),
      ...(byMac.get(ids.mac ?? "") ?? []),
    ]
    return found.filter((miner) => compareIds(miner, ids) === "same")
  }
  /** The row at this address when nothing speaks against its being the machine that answered. */
  const occupant = (address: MinerAddress, ids: HardwareIds): KnownMiner | null => {
    const restored = byAddress.get(`${address.host}:${RESTORED_PORT}`)
    const here =
      byAddress.get(addressKey(address)) ?? (restored?.identity === null ? restored : undefined) ?? null
    if (here === null || compareIds(here, ids) === "other") return null
    return here
  }
  const elsewhere = (address: MinerAddress, ids: HardwareIds): KnownMiner | null => {
    const here = occupant(address, ids)
    if (here !== null && compareIds(here, ids) === "same") return null
    return withIds(ids).find((miner) => miner !== here) ?? null
  }

  const identities: Omit<IdentityMap, "close"> = {
    all: () => byId.values(),
    size: () => byId.size,
    byId: (minerId) => byId.get(minerId.toLowerCase()) ?? null,
    at: (address) => byAddress.get(addressKey(address)) ?? null,
    elsewhere: (address, identity) => elsewhere(address, hardwareIds(identity)),
    file: (address, identity, duplicateOf = null) => {
      const ids = hardwareIds(identity)
      const moved = elsewhere(address, ids)
      const known = (moved === duplicateOf ? null : moved) ?? occupant(address, ids)
      const changed: KnownMiner[] = []
      const before = byAddress.get(addressKey(address))
      if (before !== undefined && before !== known) {
        before.address = null
        changed.push(before)
      }
      const miner = known ?? {
        minerId: firstId(ids, duplicateOf !== null),
        ...ids,
        address: null,
        identity: null,
      }
      if (miner.address !== null && byAddress.get(addressKey(miner.address)) === miner)
        byAddress.delete(addressKey(miner.address))
      miner.address = { host: address.host, rpcPort: address.rpcPort, webPort: address.webPort }
      miner.serial ??= ids.serial
      miner.mac ??= ids.mac
      miner.identity = identity
      load(miner)
      changed.push(miner)
      write(...changed)
      return miner
    },
    restore: (miners) => {
      const added: KnownMiner[] = []
      for (const told of miners) {
        if (byId.has(told.miner_id.toLowerCase())) continue
        const ids = hardwareIds(told)
        const host = told.ip_address
        const free = host !== null && !byAddress.has(`${host}:${RESTORED_PORT}`)
        added.push({
          minerId: told.miner_id,
          ...ids,
          address: free ? { host, rpcPort: RESTORED_PORT, webPort: 80 } : null,
          identity: null,
        })
        load(added.at(-1) as KnownMiner)
      }
      if (added.length > 0) write(...added)
      return added.length
    },
  }
  const firstId = (ids: HardwareIds, duplicate: boolean): string => {
    const natural = duplicate ? null : (ids.serial ?? ids.mac)
    return natural !== null && !byId.has(natural.toLowerCase()) ? natural : newId()
  }
  return { identities, load }
}

/** The server keeps no ports: a restored row waits at the port that nearly every miner has. */
const RESTORED_PORT = 4028
