import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { intArray } from "./scope.ts"

/** What a collector found, as the inbox takes it. */
export type FoundRow = {
  identityKey: string
  address: string
  addressNumber: number
  rpcPort: number
  webPort: number
  ports: number[]
  family: string
  make: string | null
  model: string | null
  firmware: string | null
  firmwareVersion: string | null
  mac: string | null
  serial: string | null
  confidence: number
  evidence: string[]
  needsLogin: boolean
}

/** Keys of the inbox that this scan found at another address before: two machines with the same number on them. */
export async function selectTwins(
  tx: Executor,
  siteId: number,
  scanId: string,
  rows: readonly { identityKey: string; address: string }[],
): Promise<Set<string>> {
  const twins = await tx.execute<{ identityKey: string }>(sql`
    select d.identity_key as "identityKey" from discovered_miners d
    join jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g("identityKey" text, address text)
      on d.identity_key = g."identityKey" and d.address <> g.address
    where d.site_id = ${siteId} and d.scan_id = ${scanId}::uuid`)
  return new Set(twins.map((row) => row.identityKey))
}

/**
 * Puts found machines into the inbox, each key once: as new, as known where the site's list has the machine (by serial,
 * MAC or id; one that tells neither by its address), with where that one is read when it is elsewhere. What was ignored
 * stays ignored.
 */
export async function upsertDiscovered(
  tx: Executor,
  input: { siteId: number; deviceId: number; scanId: string; at: Date },
  rows: readonly FoundRow[],
): Promise<{ id: number; address: string }[]> {
  if (rows.length === 0) return []
  const at = sql`${input.at.toISOString()}::timestamptz`
  return tx.execute<{ id: number; address: string }>(sql`
    with given as (
      select g.*, lower(g.serial) as serial_key, lower(g.mac) as mac_key
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g(
        "identityKey" text, address text, "addressNumber" bigint, "rpcPort" int, "webPort" int, ports jsonb, family text,
        make text, model text, firmware text, "firmwareVersion" text, mac text, serial text, confidence real,
        evidence jsonb, "needsLogin" boolean)
    ), miners as (
      select id, ip_address, miner_key, lower(serial) as serial_key, lower(replace(mac, '-', ':')) as mac_key
      from hosting_miners where site_id = ${input.siteId}
    ), matches as (
      select g."identityKey", m.id, m.ip_address, 1 as rank from given g join miners m on m.serial_key = g.serial_key
      union all
      select g."identityKey", m.id, m.ip_address, 2 from given g join miners m on m.miner_key = g.serial_key
      union all
      select g."identityKey", m.id, m.ip_address, 3 from given g join miners m on m.mac_key = g.mac_key
        where g.serial_key is null or m.serial_key is null or m.serial_key = g.serial_key
      union all
      select g."identityKey", m.id, m.ip_address, 4 from given g join miners m on m.miner_key = g.mac_key
        where g.serial_key is null or m.serial_key is null or m.serial_key = g.serial_key
      union all
      select g."identityKey", m.id, m.ip_address, 5 from given g join miners m on m.ip_address = g.address
        where g.serial_key is null and g.mac_key is null
    ), best as (
      select distinct on ("identityKey") "identityKey", id, ip_address from matches order by "identityKey", rank, id
    )
    insert into discovered_miners as d (site_id, device_id, scan_id, identity_key, address, address_number, rpc_port,
      web_port, ports, family, make, model, firmware, firmware_version, mac, serial, confidence, evidence, needs_login,
      state, miner_id, moved_from, first_seen_at, last_seen_at)
    select ${input.siteId}, ${input.deviceId}, ${input.scanId}::uuid, g."identityKey", g.address, g."addressNumber",
      g."rpcPort", g."webPort", coalesce((select array_agg(p::int) from jsonb_array_elements_text(g.ports) p), '{}'),
      g.family, g.make, g.model, g.firmware, g."firmwareVersion", g.mac, g.serial, g.confidence,
      coalesce((select array_agg(e) from jsonb_array_elements_text(g.evidence) e), '{}'), g."needsLogin",
      case when b.id is null then 'new' else 'known' end, b.id,
      case when b.ip_address is distinct from g.address then b.ip_address end, ${at}, ${at}
    from given g left join best b on b."identityKey" = g."identityKey"
    order by g."identityKey"
    on conflict (site_id, identity_key) do update set
      device_id = excluded.device_id, scan_id = excluded.scan_id, address = excluded.address,
      address_number = excluded.address_number, rpc_port = excluded.rpc_port, web_port = excluded.web_port,
      ports = excluded.ports, family = excluded.family, make = excluded.make, model = excluded.model,
      firmware = excluded.firmware, firmware_version = excluded.firmware_version, mac = excluded.mac,
      serial = excluded.serial, confidence = excluded.confidence, evidence = excluded.evidence,
      needs_login = excluded.needs_login, miner_id = excluded.miner_id, moved_from = excluded.moved_from,
      last_seen_at = excluded.last_seen_at,
      state = case
        when d.state = 'ignored' or excluded.state = 'known' and d.state = 'accepted' and excluded.moved_from is not null
          then d.state
        when excluded.state = 'known' then 'known'
        when d.state = 'accepted' and d.address = excluded.address then 'accepted'
        else 'new' end
    returning d.id, d.address`)
}

/** New machines of a device that it saw last before an instant: candidates for having gone. */
export async function selectUnseen(
  tx: Executor,
  deviceId: number,
  before: Date,
): Promise<{ id: number; addressNumber: number }[]> {
  return tx.execute<{ id: number; addressNumber: number }>(sql`
    select id, address_number::float8 as "addressNumber" from discovered_miners
    where device_id = ${deviceId} and state = 'new' and last_seen_at < ${before.toISOString()}::timestamptz`)
}

export async function markGone(tx: Executor, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await tx.execute(
    sql`update discovered_miners set state = 'gone' where id = any(${intArray(ids)}) and state = 'new'`,
  )
}

/** The new ones that a scan found. */
export async function selectNewOfScan(tx: Executor, scanId: string): Promise<number[]> {
  const rows = await tx.execute<{ id: number }>(sql`
    select d.id from discovered_miners d join discovery_findings f on f.discovered_id = d.id
    where f.scan_id = ${scanId}::uuid and d.state = 'new' order by d.id`)
  return rows.map((row) => row.id)
}
