import { sql } from "drizzle-orm"
import type { LoginRetry } from "#server/contract/miner-credentials.ts"
import type { Executor } from "../client.ts"
import { timestamp } from "./commands.ts"
import { intArray } from "./scope.ts"

/** Machines that refuse the login of their collector: "needs login". */
type Device = { siteId: number; deviceId: number }
export type RefusalChange = { miner_id: string; refused: { username: string; since: string } | null }

/**
 * Takes what a collector tells of the machines that are its own. A machine that refuses again keeps its date. Returns the
 * machines whose state changed, and the names that are none of its machines.
 */
export async function recordRefusals(
  tx: Executor,
  device: Device,
  told: readonly RefusalChange[],
  at: Date,
): Promise<{ changed: number[]; unknown: string[] }> {
  if (told.length === 0) return { changed: [], unknown: [] }
  const rows = await tx.execute<{ minerId: number | null; unknown: string | null }>(sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as t(miner_id text, refused jsonb)
    ), told as (
      select distinct on (m.id) m.id as miner_id, t.miner_id as name, t.refused from given t
      join hosting_miners m on m.site_id = ${device.siteId} and m.miner_key = lower(t.miner_id)
      where m.device_id = ${device.deviceId} or m.device_id is null
      order by m.id
    ), ended as (
      delete from miner_login_refusals r using told t
      where r.site_id = ${device.siteId} and r.miner_id = t.miner_id and t.refused is null
      returning r.miner_id
    ), begun as (
      insert into miner_login_refusals as r (site_id, miner_id, device_id, username, since, reported_at)
      select ${device.siteId}, t.miner_id, ${device.deviceId}, t.refused ->> 'username',
        least((t.refused ->> 'since')::timestamptz, ${timestamp(at)}), ${timestamp(at)}
      from told t where t.refused is not null order by t.miner_id
      on conflict (site_id, miner_id) do update set device_id = excluded.device_id, username = excluded.username,
        reported_at = excluded.reported_at
      returning r.miner_id
    )
    select miner_id as "minerId", null as unknown from ended union all select miner_id, null from begun
    union all select null, g.miner_id from given g where g.miner_id not in (select name from told)`)
  return {
    changed: rows.flatMap(({ minerId }) => (minerId === null ? [] : [minerId])),
    unknown: rows.flatMap(({ unknown }) => (unknown === null ? [] : [unknown])),
  }
}

/** Forgets all that a collector told; returns whose. */
export async function deleteRefusalsOf(tx: Executor, device: Device): Promise<number[]> {
  const rows = await tx.execute<{ minerId: number }>(sql`
    delete from miner_login_refusals where site_id = ${device.siteId} and device_id = ${device.deviceId}
    returning miner_id as "minerId"`)
  return rows.map((row) => row.minerId)
}

/** Asks the collectors to try again: all that wait at a site, or these. Returns whose. */
export async function askForRetry(
  tx: Executor,
  siteId: number,
  ask: { minerIds: readonly number[] | null; userId: number | null; at: Date },
): Promise<number[]> {
  const which = ask.minerIds === null ? sql`true` : sql`miner_id = any(${intArray(ask.minerIds)})`
  const rows = await tx.execute<{ minerId: number }>(sql`
    update miner_login_refusals set retry_at = ${timestamp(ask.at)}, retry_by = ${ask.userId}
    where site_id = ${siteId} and ${which} returning miner_id as "minerId"`)
  return rows.map((row) => row.minerId)
}

/** What a collector shall try again. */
export async function selectLoginRetries(db: Executor, device: Device): Promise<LoginRetry[]> {
  const rows = await db.execute<{ minerId: string; at: Date }>(sql`
    select m.miner_id as "minerId", r.retry_at as at from miner_login_refusals r
    join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id
    where r.site_id = ${device.siteId} and r.device_id = ${device.deviceId} and r.retry_at is not null
    order by r.miner_id`)
  return rows.map(({ minerId, at }) => ({ miner_id: minerId, at: at.toISOString() }))
}

export type LoginRefusal = { username: string; since: Date; retryAt: Date | null }

export async function selectRefusal(
  db: Executor,
  siteId: number,
  minerId: number,
): Promise<LoginRefusal | null> {
  const [row] = await db.execute<LoginRefusal>(sql`
    select username, since, retry_at as "retryAt" from miner_login_refusals
    where site_id = ${siteId} and miner_id = ${minerId}`)
  return row ?? null
}

/** Machines of a site that wait for a login; the retired do not. */
export async function countRefusals(db: Executor, siteId: number): Promise<number> {
  const [row] = await db.execute<{ count: number }>(sql`
    select count(*)::int as count from miner_login_refusals r
    join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id
    where r.site_id = ${siteId} and m.state = 'active'`)
  return row?.count ?? 0
}
