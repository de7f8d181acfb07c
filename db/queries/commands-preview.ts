import { type SQL, sql } from "drizzle-orm"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import type { BlockReason, PreviewGroup } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { blockDetail, blockReason, type TargetDemand, targetJoins } from "./command-targets.ts"
import { poolsAreSo } from "./commands-pool-changes.ts"
import { collectorIsSilent, instant } from "./miner-status.ts"
import { intArray, type Scope } from "./scope.ts"

/** What a request would do to each of its targets, looked at once for all of them. */
export type TargetView = {
  minerId: number
  label: string
  model: string | null
  /** Name and version in one. */
  firmware: string | null
  siteId: number
  siteName: string
  group: PreviewGroup
  reason: BlockReason | null
  /** In the driver's words, where it has some. */
  detail: string | null
  /** Its collector is silent: the command waits for it. */
  silent: boolean
}
export type GroupWhy = {
  group: PreviewGroup
  reason: BlockReason
  detail: string | null
  /** Of machines that cannot: by model and firmware. */
  model: string | null
  firmware: string | null
  count: number
}
export type SiteView = {
  siteId: number
  targets: number
  /** Of them: not blocked now. */
  runnable: number
  /** Of them: behind a kill switch, the site's or the collector's. */
  paused: number
  /** Machines of the site in use, the base of a wave's share. */
  active: number
}
export type PreviewRows = {
  groups: Partial<Record<PreviewGroup, number>>
  targets: TargetView[]
  why: GroupWhy[]
  sites: SiteView[]
}

const MAX_REASONS = 200

/** Worst first. */
const RANK: Record<PreviewGroup, number> = {
  cannot: 0,
  conflict: 1,
  offline: 2,
  busy: 3,
  already: 4,
  will_run: 5,
}
const rankOf = sql.raw(
  `case grp ${Object.entries(RANK)
    .map(([group, rank]) => `when '${group}' then ${rank}`)
    .join(" ")} end`,
)

/** Groups, reasons, sites and a page of targets. The ids were found in the actor's scope. */
export async function selectPreview(
  db: Executor,
  input: {
    scope: Scope
    minerIds: readonly number[]
    action: StoredAction
    demand: TargetDemand
    page: { group: PreviewGroup | null; limit: number; offset: number }
    at: Date
  },
): Promise<PreviewRows> {
  const { scope, demand, page, at } = input
  const only = page.group ? sql`where grp = ${page.group}` : sql``
  const rows = await db.execute<PreviewRows>(sql`
    with t as materialized (
      select *, case when reason = 'offline' then 'offline' when reason = 'conflict' then 'conflict'
        when reason is not null then 'cannot' when busy then 'busy' when already then 'already' else 'will_run' end as grp
      from (
        select m.id, m.site_id, s.name as site_name, coalesce(m.label, m.miner_id) as label, m.model,
          nullif(concat_ws(' ', m.firmware, m.firmware_version), '') as firmware,
          ${blockReason(demand)} as reason, ${blockDetail(demand)} as detail,
          ${isBusy(demand)} as busy, coalesce(${isAlready(input.action)} and ${seenBy(scope, at)}, false) as already,
          d.id is not null and ${collectorIsSilent(at)} as silent,
          s.commands_paused_at is not null or d.commands_paused_at is not null as paused
        from hosting_miners m join hosting_sites s on s.id = m.site_id ${targetJoins}
        where m.id = any(${intArray(input.minerIds)})
      ) looked
    )
    select
      (select coalesce(jsonb_object_agg(grp, n), '{}') from (select grp, count(*) as n from t group by grp) g) as groups,
      (select coalesce(jsonb_agg(jsonb_build_object('minerId', id, 'label', label, 'model', model, 'firmware', firmware,
          'siteId', site_id, 'siteName', site_name, 'group', grp, 'reason', reason,
          'detail', case when reason = 'unsupported' then detail end, 'silent', silent)), '[]')
        from (select * from t ${only} order by ${rankOf}, lower(site_name), lower(label), id
          limit ${page.limit} offset ${page.offset}) p) as targets,
      (select coalesce(jsonb_agg(to_jsonb(w)), '[]') from (
        select grp as "group", reason, case when reason = 'unsupported' then detail end as detail,
          case when grp = 'cannot' then model end as model, case when grp = 'cannot' then firmware end as firmware,
          count(*)::int as count
        from t where reason is not null group by 1, 2, 3, 4, 5
        order by min(${rankOf}), 6 desc, 2, 4, 5 limit ${MAX_REASONS}) w) as why,
      (select coalesce(jsonb_agg(to_jsonb(x)), '[]') from (
        select c.*, (select count(*)::int from hosting_miners m where m.site_id = c."siteId" and m.state = 'active') as active
        from (select site_id as "siteId", count(*)::int as targets,
            count(*) filter (where reason is null)::int as runnable, count(*) filter (where paused)::int as paused
          from t group by site_id) c order by c."siteId") x) as sites`)
  return rows[0] as PreviewRows
}

function isBusy({ exceptCommandId }: TargetDemand): SQL {
  const except = exceptCommandId ? sql`and o.remote_command_id <> ${exceptCommandId}::uuid` : sql``
  return sql`exists (select 1 from miner_commands o where o.site_id = m.site_id and o.miner_id = m.id
    and o.status in ('pending', 'sent') ${except})`
}

/** A client is told nothing of what a machine did before it was his. */
function seenBy(scope: Scope, at: Date): SQL {
  if (scope.kind !== "owned") return sql`true`
  return sql`exists (select 1 from user_miners v where v.site_id = m.site_id and v.miner_id = m.id
    and v.user_id = ${scope.userId} and v.from_at <= l.collected_at
    and (v.to_at is null or v.to_at > ${instant(at)}))`
}

/** True when the machine's last sample says that it is so; null or false: it does not, or nobody can tell. */
function isAlready(action: StoredAction): SQL {
  const so = alreadySo(action)
  return so ? sql`(l.online and l.offline_since is null and ${so})` : sql`false`
}

function alreadySo(action: StoredAction): SQL | null {
  switch (action.type) {
    case "ENABLE":
      return sql`l.mining and l.power_mode is distinct from 'sleep'`
    case "DISABLE":
      return sql`(l.power_mode = 'sleep' or (l.power_mode is null and not l.mining))`
    case "POWER_MODE":
      return "mode" in action.parameters ? sql`l.power_mode = ${action.parameters.mode}` : null
    case "CHANGE_POOL":
      return poolsAreSo(action.parameters)
    default:
      return null
  }
}
