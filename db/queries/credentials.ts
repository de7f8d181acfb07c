import { type SQL, sql } from "drizzle-orm"
import type { CredentialScope, EdgeCredential } from "#server/contract/miner-credentials.ts"
import type { Executor } from "../client.ts"
import { timestamp, uuidArray } from "./commands.ts"
import { intArray } from "./scope.ts"
import type { SealedFor } from "./sealed-secrets.ts"

/** Logins of machines and their sealed texts; what machines refuse is `credentials-refused.ts`. */
export type CredentialSubject = { scope: CredentialScope; family: string | null; minerId: number | null }

export type PutCredential = CredentialSubject & { username: string }
export type PutResult = CredentialSubject & {
  id: string
  username: string
  version: number
  /** Null: it is new. */
  usernameBefore: string | null
}

/** Makes or replaces logins, one a subject; a replaced one has a higher version and no seals until they are put. */
export async function putCredentials(
  tx: Executor,
  siteId: number,
  credentials: readonly PutCredential[],
  by: { userId: number | null; at: Date; commandId: string | null },
): Promise<PutResult[]> {
  const rows = await tx.execute<PutResult>(sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(credentials)}::jsonb)
        as g(scope text, family text, "minerId" int, username text)
    ), before as (
      select c.* from given g join miner_credentials c on c.site_id = ${siteId} and c.scope = g.scope
        and coalesce(c.family, '') = coalesce(g.family, '') and coalesce(c.miner_id, 0) = coalesce(g."minerId", 0)
    ), put as (
      insert into miner_credentials as c
        (site_id, id, scope, family, miner_id, username, version, set_by, set_at, command_id)
      select ${siteId}, gen_random_uuid(), g.scope, g.family, g."minerId", g.username, 1, ${by.userId}::int,
        ${timestamp(by.at)}, ${by.commandId}::uuid
      from given g order by g."minerId"
      on conflict (site_id, scope, coalesce(family, ''), coalesce(miner_id, 0)) do update set
        username = excluded.username, version = c.version + 1, set_by = excluded.set_by, set_at = excluded.set_at,
        command_id = excluded.command_id
      returning *
    )
    select put.id, put.scope, put.family, put.miner_id as "minerId", put.username, put.version,
      before.username as "usernameBefore"
    from put left join before on before.id = put.id order by put.miner_id`)
  await tx.execute(sql`delete from miner_credential_seals
    where site_id = ${siteId} and credential_id = any(${uuidArray(rows.map((row) => row.id))})`)
  return [...rows]
}

/** The same password for several logins: each gets every seal. */
export async function putSeals(
  tx: Executor,
  siteId: number,
  credentialIds: readonly string[],
  seals: readonly SealedFor[],
): Promise<void> {
  await tx.execute(sql`
    insert into miner_credential_seals (site_id, credential_id, device_id, sealed)
    select ${siteId}, id, s."deviceId", s.sealed
    from unnest(${uuidArray(credentialIds)}) id,
      jsonb_to_recordset(${JSON.stringify(seals)}::jsonb) as s("deviceId" int, sealed text)`)
}

/** What was removed; null: there was no such login at the site. */
export async function deleteCredential(
  tx: Executor,
  siteId: number,
  id: string,
): Promise<(CredentialSubject & { username: string; version: number }) | null> {
  await tx.execute(
    sql`delete from miner_credential_seals where site_id = ${siteId} and credential_id = ${id}::uuid`,
  )
  const [row] = await tx.execute<CredentialSubject & { username: string; version: number }>(sql`
    delete from miner_credentials where site_id = ${siteId} and id = ${id}::uuid
    returning scope, family, miner_id as "minerId", username, version`)
  return row ?? null
}

/** A collector that was revoked or enrols anew opens what was sealed to its old key no more. */
export async function deleteSealsOf(
  tx: Executor,
  device: { siteId: number; deviceId: number },
): Promise<void> {
  await tx.execute(sql`delete from miner_credential_seals
    where site_id = ${device.siteId} and device_id = ${device.deviceId}`)
}

/** Seals that the collector says it cannot open, as far as they are still those of that version. Returns how many. */
export async function deleteUnopened(
  tx: Executor,
  device: { siteId: number; deviceId: number },
  unopened: readonly { id: string; version: number }[],
): Promise<number> {
  const rows = await tx.execute(sql`
    delete from miner_credential_seals s
    using jsonb_to_recordset(${JSON.stringify(unopened)}::jsonb) as u(id uuid, version int), miner_credentials c
    where s.site_id = ${device.siteId} and s.device_id = ${device.deviceId} and s.credential_id = u.id
      and c.site_id = s.site_id and c.id = u.id and c.version = u.version returning 1`)
  return rows.length
}

/** A login as pages list it. */
export type CredentialRow = CredentialSubject & {
  id: string
  username: string
  version: number
  setAt: Date
  setByName: string | null
  commandId: string | null
  /** Of scope `miner`. */
  minerName: string | null
  /** Collectors that have its password. */
  holders: number[]
}

const CREDENTIAL_COLUMNS = sql`c.id, c.scope, c.family, c.miner_id as "minerId", c.username, c.version,
  c.set_at as "setAt", u.name as "setByName", c.command_id as "commandId", coalesce(m.label, m.miner_id) as "minerName",
  array(select s.device_id from miner_credential_seals s where s.site_id = c.site_id and s.credential_id = c.id
    order by s.device_id) as holders`

function credentialsFrom(where: SQL): SQL {
  return sql`from miner_credentials c left join user_access u on u.id = c.set_by
    left join hosting_miners m on m.site_id = c.site_id and m.id = c.miner_id where ${where}`
}

/** Those of the site and of families, then a page of those of single machines by name, and how many these are. */
export async function selectCredentials(
  db: Executor,
  siteId: number,
  page: { limit: number; offset: number },
): Promise<{ shared: CredentialRow[]; machines: CredentialRow[]; machineCount: number }> {
  const [shared, machines, [counted]] = await Promise.all([
    db.execute<CredentialRow>(sql`select ${CREDENTIAL_COLUMNS}
      ${credentialsFrom(sql`c.site_id = ${siteId} and c.scope <> 'miner'`)} order by c.scope desc, c.family`),
    db.execute<CredentialRow>(sql`select ${CREDENTIAL_COLUMNS}
      ${credentialsFrom(sql`c.site_id = ${siteId} and c.scope = 'miner'`)}
      order by lower(coalesce(m.label, m.miner_id)), c.miner_id limit ${page.limit} offset ${page.offset}`),
    db.execute<{ count: number }>(
      sql`select count(*)::int as count from miner_credentials where site_id = ${siteId} and scope = 'miner'`,
    ),
  ])
  return { shared: [...shared], machines: [...machines], machineCount: counted?.count ?? 0 }
}

/** The login assigned to one machine itself, and those that would count without it. */
export async function selectCredentialsFor(
  db: Executor,
  siteId: number,
  minerId: number,
): Promise<CredentialRow[]> {
  return db.execute<CredentialRow>(sql`select ${CREDENTIAL_COLUMNS}
    ${credentialsFrom(sql`c.site_id = ${siteId} and (c.scope <> 'miner' or c.miner_id = ${minerId})`)}
    order by c.scope, c.family`)
}

/** Collectors of a site that are not revoked; one without a public key cannot be given a password. */
export async function selectHolders(
  db: Executor,
  siteId: number,
): Promise<{ deviceId: number; name: string; hasKey: boolean }[]> {
  return db.execute<{ deviceId: number; name: string; hasKey: boolean }>(sql`
    select id as "deviceId", name, public_key is not null as "hasKey" from edge_devices
    where site_id = ${siteId} and revoked_at is null order by lower(name), id`)
}

/** What a collector is handed: the logins whose password is sealed to it. */
export async function selectEdgeCredentials(
  db: Executor,
  device: { siteId: number; deviceId: number },
): Promise<EdgeCredential[]> {
  return db.execute<EdgeCredential>(sql`
    select c.id, c.version, c.scope, c.family, m.miner_id, c.username, s.sealed
    from miner_credential_seals s
    join miner_credentials c on c.site_id = s.site_id and c.id = s.credential_id
    left join hosting_miners m on m.site_id = c.site_id and m.id = c.miner_id
    where s.site_id = ${device.siteId} and s.device_id = ${device.deviceId}
      and (c.scope <> 'miner' or m.id is not null) order by c.scope, c.family, c.miner_id`)
}

/** Machines of a site by their own ids; those of other sites are left out. */
export async function countMinersOfSite(
  db: Executor,
  siteId: number,
  minerIds: readonly number[],
): Promise<number> {
  const [row] = await db.execute<{ count: number }>(sql`
    select count(*)::int as count from hosting_miners where site_id = ${siteId} and id = any(${intArray(minerIds)})`)
  return row?.count ?? 0
}
