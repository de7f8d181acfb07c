import { sql } from "drizzle-orm"
import type { Executor, Sql, SqlTransaction } from "../client.ts"

/** Whose totals over which stretch of time, `to` exclusive. */
type Stretch = { siteId: number; owners: number[] | "all"; from: Date; to: Date }

const int = (value: number) => String(Math.trunc(value))
const ints = (values: readonly number[]) => `'{${values.map(int).join(",")}}'::int[]`
/** A literal: the planner sees which partitions it lies in. */
const instant = (at: Date) => `timestamptz '${at.toISOString()}'`

/**
 * The one definition of `owner_telemetry_history`, as two statements: the totals of a stretch are removed and added up again
 * from the buckets of the machines that were the owner's when each began. Retired machines are left out, as in the site's.
 */
function ownerTotals({ siteId, owners, from, to }: Stretch): [remove: string, add: string] {
  const site = int(siteId)
  const whose =
    owners === "all"
      ? `array(select distinct user_id from user_miners where site_id = ${site})`
      : ints(owners)
  return [
    `delete from owner_telemetry_history where site_id = ${site} and user_id = any(${whose})
      and bucket_at >= ${instant(from)} and bucket_at < ${instant(to)}`,
    `insert into owner_telemetry_history (site_id, user_id, bucket_at, miners, miners_online, hashrate_ghs,
      hashrate_expected_ghs, power_consumption, temperature_max, samples, samples_online)
    select o.site_id, o.user_id, h.bucket_at, count(*), count(*) filter (where h.samples_online > 0),
      sum(h.hashrate_ghs::float8), sum(h.hashrate_expected_ghs::float8), sum(h.power_consumption::float8),
      max(h.temperature_max),
      coalesce(sum(h.samples) filter (where m.state = 'active'), 0),
      coalesce(sum(h.samples_online) filter (where m.state = 'active'), 0)
    from user_miners o
    join hosting_miners m on m.site_id = o.site_id and m.id = o.miner_id and m.state <> 'retired'
    join miner_telemetry_history h on h.site_id = o.site_id and h.miner_id = o.miner_id
      and h.bucket_at >= o.from_at and (o.to_at is null or h.bucket_at < o.to_at)
    where o.site_id = ${site} ${owners === "all" ? "" : `and o.user_id = any(${whose})`}
      and o.from_at < ${instant(to)} and (o.to_at is null or o.to_at > ${instant(from)})
      and h.bucket_at >= ${instant(from)} and h.bucket_at < ${instant(to)}
    group by o.site_id, o.user_id, h.bucket_at`,
  ]
}

/** Adds up the totals of a stretch again. The caller holds the site's roll-up lock. */
export async function rollUpOwners(tx: SqlTransaction, stretch: Stretch): Promise<void> {
  for (const statement of ownerTotals(stretch)) await tx.unsafe(statement)
}

/**
 * Waits for the roll-ups under way at these sites and keeps others off until the transaction ends, so that no bucket is
 * added up by ownerships that are about to change. Sites in ascending order; the roll-up itself never waits.
 */
export async function lockRollupsAt(executor: Executor, siteIds: readonly number[]): Promise<void> {
  await executor.execute(sql`
    select pg_advisory_xact_lock(hashtext('telemetry.rollup'), s.id)
    from (select unnest(${`{${siteIds.map(int).join(",")}}`}::int[]) as id order by 1) s`)
}

/**
 * Corrects the totals of owners at a site from an instant on: those from `recent` (midnight UTC) to `to` at once, the days
 * before it are removed and marked for the roll-up, as far as the site's machines have a history.
 */
export async function correctOwners(
  executor: Executor,
  stretch: Stretch & { owners: number[]; recent: Date },
): Promise<void> {
  const { siteId, owners, from, recent } = stretch
  for (const statement of ownerTotals({ ...stretch, from: from > recent ? from : recent }))
    await executor.execute(sql.raw(statement))
  if (from >= recent) return
  await executor.execute(
    sql.raw(`delete from owner_telemetry_history where site_id = ${int(siteId)} and user_id = any(${ints(owners)})
      and bucket_at >= ${instant(from)} and bucket_at < ${instant(recent)}`),
  )
  await executor.execute(
    sql.raw(`insert into owner_rollup_pending (site_id, user_id, day)
      select ${int(siteId)}, owner, day::date
      from (select min(bucket_at) as at from miner_telemetry_history where site_id = ${int(siteId)}) oldest,
        unnest(${ints(owners)}) owner,
        generate_series(greatest(${instant(from)}, oldest.at) at time zone 'UTC',
          ${instant(recent)} at time zone 'UTC' - interval '1 microsecond', interval '1 day') day
      where oldest.at is not null
      on conflict do nothing`),
  )
}

export type PendingOwnerDay = { siteId: number; userId: number; day: Date }

/** Days of owners that wait for the roll-up, newest first. */
export async function listPendingOwnerDays(client: Sql): Promise<PendingOwnerDay[]> {
  return client<PendingOwnerDay[]>`
    select site_id as "siteId", user_id as "userId", day::timestamp at time zone 'UTC' as day
    from owner_rollup_pending order by day desc, site_id, user_id`
}

/** Takes a day's mark away. False: another worker was faster. */
export async function removePendingOwnerDay(tx: SqlTransaction, mark: PendingOwnerDay): Promise<boolean> {
  const taken = await tx`
    delete from owner_rollup_pending where site_id = ${mark.siteId} and user_id = ${mark.userId}
      and day = (${mark.day}::timestamptz at time zone 'UTC')::date`
  return taken.count > 0
}
