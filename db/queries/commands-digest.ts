import { sql } from "drizzle-orm"
import type { CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { timestamp } from "./commands.ts"

export type DigestSite = {
  siteId: number
  ended: number
  failed: number
  byType: { type: CommandType; failed: number }[]
}

/** One digest at a time, until the transaction ends. */
export async function lockDigest(tx: Executor): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('command.digest'))`)
}

/**
 * Sites where it is `hour` o'clock now and no digest was written since `since`, with how many commands ended since then
 * and how many of those FAILED or EXPIRED. Sites where none did are left out.
 */
export async function selectDigestSites(
  db: Executor,
  input: { hour: number; since: Date; at: Date },
): Promise<DigestSite[]> {
  return db.execute<DigestSite>(sql`
    select s.id as "siteId", sum(n.ended)::int as ended, sum(n.failed)::int as failed,
      jsonb_agg(jsonb_build_object('type', n.type, 'failed', n.failed) order by n.failed desc, n.type)
        filter (where n.failed > 0) as "byType"
    from hosting_sites s
    join lateral (
      select c.command_type as type, count(*) as ended, count(*) filter (where c.status in ('FAILED', 'EXPIRED')) as failed
      from remote_commands c where c.site_id = s.id and c.finished_at > ${timestamp(input.since)}
        and c.requested_at > ${timestamp(input.since)}::timestamptz - interval '2 days'
      group by 1) n on true
    where s.archived_at is null and extract(hour from ${timestamp(input.at)} at time zone s.timezone) = ${input.hour}
      and not exists (select 1 from fleet_events e where e.site_id = s.id and e.kind = 'command_digest'
        and e.at > ${timestamp(input.since)}::timestamptz + interval '1 hour')
    group by s.id having sum(n.failed) > 0 order by s.id`)
}

export async function insertDigest(tx: Executor, siteId: number, message: string, at: Date): Promise<void> {
  await tx.execute(sql`
    insert into fleet_events (site_id, kind, severity, message, at)
    values (${siteId}, 'command_digest', 'warning', ${message}, ${timestamp(at)})`)
}
