import type { SqlTransaction } from "../client.ts"

/** What an upload says about a machine besides its readings (`decisions.md` 8); null: it does not say. */
export type UploadedIdentity = {
  minerId: string
  ipAddress: string | null
  make: string | null
  model: string | null
  firmware: string | null
  firmwareVersion: string | null
  mac: string | null
  serial: string | null
}
export type KnownIdentity = UploadedIdentity & { id: number; deviceId: number | null }

/** Makes the machines of a site that are not there yet. Returns the new ids. In order of key, so that two batches never deadlock. */
export async function insertUnknownMiners(
  tx: SqlTransaction,
  siteId: number,
  deviceId: number,
  minerIds: readonly string[],
  at: Date,
): Promise<number[]> {
  const rows = await tx<{ id: number }[]>`
    insert into hosting_miners (site_id, device_id, miner_id, first_seen_at)
    select ${siteId}, ${deviceId}, miner_id, ${at}
    from unnest(${minerIds as string[]}::text[]) u(miner_id)
    where not exists (select 1 from hosting_miners m where m.site_id = ${siteId} and m.miner_key = lower(u.miner_id))
    order by lower(miner_id)
    on conflict (site_id, miner_key) do nothing
    returning id`
  return rows.map((row) => row.id)
}

/** The machines behind wire ids, in any case: one row an id that is known. `wireId` is the id as asked. */
export async function findMiners(
  tx: SqlTransaction,
  siteId: number,
  minerIds: readonly string[],
): Promise<(KnownIdentity & { wireId: string })[]> {
  return tx<(KnownIdentity & { wireId: string })[]>`
    select u.wire_id as "wireId", m.id, m.miner_id as "minerId", m.device_id as "deviceId",
           m.ip_address as "ipAddress", m.make, m.model, m.firmware, m.firmware_version as "firmwareVersion",
           m.mac, m.serial
    from unnest(${minerIds as string[]}::text[]) u(wire_id)
    join hosting_miners m on m.site_id = ${siteId} and m.miner_key = lower(u.wire_id)`
}

/** Writes what uploads own, for machines where it changed. A null leaves what is there. */
export async function updateIdentities(
  tx: SqlTransaction,
  siteId: number,
  deviceId: number,
  changed: readonly (UploadedIdentity & { id: number })[],
): Promise<void> {
  await tx`
    with changed as (
      select * from jsonb_to_recordset(${JSON.stringify(changed)}::text::jsonb) as c(
        id int, "ipAddress" text, make text, model text, firmware text, "firmwareVersion" text, mac text, serial text)
    ), locked as (
      select m.id from hosting_miners m join changed c on c.id = m.id
      where m.site_id = ${siteId} order by m.id for update of m
    )
    update hosting_miners m set
      device_id = ${deviceId},
      ip_address = coalesce(c."ipAddress", m.ip_address),
      make = coalesce(c.make, m.make),
      model = coalesce(c.model, m.model),
      firmware = coalesce(c.firmware, m.firmware),
      firmware_version = coalesce(c."firmwareVersion", m.firmware_version),
      mac = coalesce(c.mac, m.mac),
      serial = coalesce(c.serial, m.serial)
    from changed c join locked l on l.id = c.id
    where m.site_id = ${siteId} and m.id = c.id`
}

export type Label = { poolUrl: string; workerName: string }

/** The ids of pool and worker names, made where they are new. */
export async function findOrCreateLabels(
  tx: SqlTransaction,
  siteId: number,
  labels: readonly Label[],
): Promise<(Label & { id: number })[]> {
  const pools = labels.map((label) => label.poolUrl)
  const workers = labels.map((label) => label.workerName)
  await tx`
    insert into telemetry_labels (site_id, pool_url, worker_name)
    select ${siteId}, pool_url, worker_name
    from unnest(${pools}::text[], ${workers}::text[]) u(pool_url, worker_name)
    where not exists (select 1 from telemetry_labels l
      where l.site_id = ${siteId} and l.pool_url = u.pool_url and l.worker_name = u.worker_name)
    order by pool_url, worker_name
    on conflict do nothing`
  return tx<(Label & { id: number })[]>`
    select l.pool_url as "poolUrl", l.worker_name as "workerName", l.id
    from unnest(${pools}::text[], ${workers}::text[]) u(pool_url, worker_name)
    join telemetry_labels l
      on l.site_id = ${siteId} and l.pool_url = u.pool_url and l.worker_name = u.worker_name`
}
