import { type SQL, sql } from "drizzle-orm"
import { COLLECTOR_SILENT_MS } from "#server/contract/budgets.ts"
import { intArray, type Scope } from "./scope.ts"

/**
 * The condition of a machine, in one place: lists, counts, totals, dashboards and the status page all select from
 * `minerFacts`, so that a count equals the list it links to.
 *
 * status    unknown: its collector is silent (marked so, or no sign of life for 90 s), or it never reported;
 *           offline: `offline_since` is set (`decisions.md` 2); else online.
 * stale     online, but its newest sample is older than the larger of two poll intervals and 30 s.
 * fresh     online and not stale: only these machines enter sums.
 * hot       online, hottest sensor at or over the site's chip warning.
 * sleeping  online, not mining by its own word.
 * unhealthy online, and not healthy by the edge's judgement.
 * health    as the edge judged it while online, `offline` while offline, null while unknown.
 * Measurements are null unless the machine is online: an offline machine's last words are no figures of today.
 */
export type MinerStatus = "online" | "offline" | "unknown"

const seconds = (ms: number) => sql.raw(`interval '${ms / 1000} seconds'`)
export const instant = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`

/** True when collector `d` cannot vouch for its machines. Also true where there is no collector. */
export function collectorIsSilent(at: Date): SQL {
  return sql`(d.silent_since is not null or coalesce(d.last_seen_at < ${instant(at)} - ${seconds(COLLECTOR_SILENT_MS)}, true))`
}

/**
 * Archived sites are left out, in a form that the planner takes for true: tables of few rows are never analysed, and it
 * would guess `archived_at is null` to hold for one row in two hundred and join a whole fleet row by row.
 */
const siteIsOpen = sql`(case when s.archived_at is null then true end) is not null`

/**
 * A FROM item `f`: one row a machine of the scope, at sites that are not archived. For a client only machines he
 * owns at `at`, and of those only what was measured since they are his. Columns that a query does not use cost nothing.
 * `where` narrows the machines by columns of `hosting_miners m`, before anything is joined. `once`: for a query that
 * looks at the condition of every machine; it is worked out once a row instead of once a mention, and what is the same
 * for a site or a collector once for each of those.
 */
export function minerFacts(scope: Scope, at: Date, narrow: { where?: SQL; once?: boolean } = {}): SQL {
  const owned = scope.kind === "owned"
  const fence = narrow.once ? sql`offset 0` : sql``
  // A sample from before the ownership belongs to the previous owner.
  const seen = (column: SQL) =>
    owned ? sql`case when t.collected_at >= o.from_at then ${column} end` : column
  return sql`(
    select b.*,
      case when b.is_online then 'online' when b.is_unknown then 'unknown' else 'offline' end as status,
      b.is_online and not b.stale as fresh,
      coalesce(b.temp_max_c >= b.chip_warning_c, false) as hot,
      coalesce(b.is_online and not b.mining, false) as sleeping,
      coalesce(b.is_online and b.overall_health <> 'healthy', false) as unhealthy,
      case when b.is_online then b.overall_health when not b.is_unknown then 'offline' end as health,
      coalesce(b.power_w * 1000 / nullif(b.rate_ghs, 0), b.efficiency) as efficiency_j_th,
      b.rate_ghs / nullif(b.expected_ghs, 0) as share_of_expected
    from (
      select a.*,
        coalesce(a.is_online and a.collected_at < a.stale_before, false) as stale,
        case when a.is_online then coalesce(a.hashrate_5s_ghs, a.hashrate_ghs) end as rate_ghs,
        case when a.is_online then a.hashrate_expected_ghs end as expected_ghs,
        case when a.is_online then a.temperature_max end as temp_max_c,
        case when a.is_online then a.power_consumption end as power_w,
        case when a.is_online then a.efficiency_told end as efficiency,
        case when a.is_online then a.uptime_seconds end as uptime_s
      from (
        select m.site_id, m.id, m.miner_id, m.device_id, m.ip_address, m.make, m.model, m.firmware, m.firmware_version,
          m.mac, m.serial, m.label, m.place, m.tags, m.notes, m.state, m.first_seen_at, m.search_text,
          coalesce(m.label, m.miner_id) as name,
          s.slug as site_slug, s.name as site_name, s.chip_warning_c, s.stale_before,
          t.miner_id is null or coalesce(d.silent, true) as is_unknown,
          t.miner_id is not null and t.offline_since is null and not coalesce(d.silent, true) as is_online,
          ${seen(sql`t.collected_at`)} as collected_at,
          ${seen(sql`t.received_at`)} as received_at,
          t.offline_since,
          ${seen(sql`t.mining`)} as mining,
          ${seen(sql`t.hashrate_ghs`)} as hashrate_ghs,
          ${seen(sql`t.hashrate_5s_ghs`)} as hashrate_5s_ghs,
          ${seen(sql`t.hashrate_expected_ghs`)} as hashrate_expected_ghs,
          ${seen(sql`t.temperature_max::float8`)} as temperature_max,
          ${seen(sql`t.power_consumption::float8`)} as power_consumption,
          ${seen(sql`t.power_estimated`)} as power_estimated,
          ${seen(sql`t.efficiency::float8`)} as efficiency_told,
          ${seen(sql`t.uptime_seconds`)} as uptime_seconds,
          ${seen(sql`t.worker_name`)} as worker_name,
          ${seen(sql`t.boards_healthy`)} as boards_healthy,
          ${seen(sql`t.boards_total`)} as boards_total,
          ${seen(sql`t.overall_health`)} as overall_health
        from hosting_miners m
        join (
          select s.id, s.slug, s.name, s.chip_warning_c,
            ${instant(at)} - greatest(2 * s.poll_interval_s, 30) * interval '1 second' as stale_before
          from hosting_sites s where ${siteIsOpen} ${fence}
        ) s on s.id = m.site_id
        ${owned ? ownership(scope.userId, at) : sql``}
        left join (select d.id, ${collectorIsSilent(at)} as silent from edge_devices d ${fence}) d on d.id = m.device_id
        left join miner_telemetry_live t on t.site_id = m.site_id and t.miner_id = m.id
        where ${scope.kind === "all" ? sql`true` : sql`m.site_id = any(${intArray(scope.siteIds)})`}
          and ${narrow.where ?? sql`true`}
        ${fence}
      ) a
    ) b
  ) f`
}

/** The one ownership of a machine that holds now (they cannot overlap), if it is this user's. */
function ownership(userId: number, at: Date): SQL {
  return sql`join user_miners o on o.site_id = m.site_id and o.miner_id = m.id and o.user_id = ${userId}
    and o.from_at <= ${instant(at)} and (o.to_at is null or o.to_at > ${instant(at)})`
}

/**
 * For a client: true when the machine was his at the instant of a row (an event, a command). Always true for others.
 * Beside it the machine itself has to be in his scope today.
 */
export function ownedThen(scope: Scope, siteId: SQL, minerId: SQL, then: SQL): SQL {
  if (scope.kind !== "owned") return sql`true`
  return sql`exists (select 1 from user_miners w where w.site_id = ${siteId} and w.miner_id = ${minerId}
    and w.user_id = ${scope.userId} and w.from_at <= ${then} and (w.to_at is null or w.to_at > ${then}))`
}
