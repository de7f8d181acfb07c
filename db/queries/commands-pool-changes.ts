import { type SQL, sql } from "drizzle-orm"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import type { Executor } from "../client.ts"
import { instant } from "./miner-status.ts"
import { intArray, minerInScope, type Scope } from "./scope.ts"

/**
 * Where machines mine now against where a CHANGE_POOL sends them. The account is the part of a worker's name before
 * its first dot: it is who is paid.
 */
export type ChangePool = Extract<StoredAction, { type: "CHANGE_POOL" }>["parameters"]

/** Machines that mine alike now, and will alike. */
export type PoolChange = {
  /** Of the slot that changes, else of the pool in use; null: nobody knows. */
  oldUrl: string | null
  /** The only worker's name, or `account.*` of several. */
  oldWorker: string | null
  oldAccount: string | null
  /** The pool the machines shall mine at first. */
  newUrl: string
  /** As `oldWorker`. */
  newWorker: string
  newAccount: string
  /** All pools asked for, in order, placeholders as asked. */
  newPools: { url: string; worker: string }[]
  count: number
  /** Of them: a client owns the machine. */
  owned: number
  /** Any of the new pools, the spare ones too, pays another account than the machine mines for now. */
  leavesAccount: boolean
  /** Some of them, and what they are called. */
  minerIds: number[]
  minerNames: string[]
}

const SAMPLE = 5
const MAX_GROUPS = 200

/** The most frequent first, but whoever leaves his account before all. Only machines of the scope. */
export async function selectPoolChanges(
  db: Executor,
  scope: Scope,
  input: { minerIds: readonly number[]; change: ChangePool; at: Date },
): Promise<PoolChange[]> {
  const { change, at } = input
  const seen =
    scope.kind === "owned"
      ? sql`exists (select 1 from user_miners v where v.site_id = m.site_id and v.miner_id = m.id
          and v.user_id = ${scope.userId} and v.from_at <= l.collected_at
          and (v.to_at is null or v.to_at > ${instant(at)}))`
      : sql`true`
  return db.execute<PoolChange>(sql`
    with t as materialized (
      select m.id, coalesce(m.label, m.miner_id) as name, ${oldPool(change, "url")} as old_url, ${oldPool(change, "worker")} as old_worker,
        nullif(split_part(coalesce(${oldPool(change, "worker")}, l.worker_name), '.', 1), '') as old_account,
        ${filled(sql`${change.pools[0]?.worker_name ?? ""}::text`)} as new_worker,
        array[${sql.join(
          change.pools.map((pool) => sql`split_part(${filled(sql`${pool.worker_name}::text`)}, '.', 1)`),
          sql`, `,
        )}] as new_accounts,
        exists (select 1 from user_miners um where um.site_id = m.site_id and um.miner_id = m.id
          and um.from_at <= ${instant(at)} and (um.to_at is null or um.to_at > ${instant(at)})) as owned
      from hosting_miners m
      left join miner_telemetry_live l on l.site_id = m.site_id and l.miner_id = m.id and ${seen}
      where m.id = any(${intArray(input.minerIds)}) and ${minerInScope(scope, sql`m.site_id`, sql`m.id`, at)}
    )
    select old_url as "oldUrl", ${severalOf(sql`old_worker`, sql`old_account`)} as "oldWorker",
      old_account as "oldAccount", ${change.pools[0]?.url ?? ""}::text as "newUrl",
      ${severalOf(sql`new_worker`, sql`new_accounts[1]`)} as "newWorker", new_accounts[1] as "newAccount",
      ${JSON.stringify(change.pools.map((pool) => ({ url: pool.url, worker: pool.worker_name })))}::jsonb as "newPools",
      count(*)::int as count, count(*) filter (where owned)::int as owned,
      (old_account is not null and not (new_accounts <@ array[old_account])) as "leavesAccount",
      (array_agg(id order by id))[1:${sql.raw(String(SAMPLE))}] as "minerIds",
      (array_agg(name order by id))[1:${sql.raw(String(SAMPLE))}] as "minerNames"
    from t group by old_url, old_account, new_accounts
    order by 10 desc, 8 desc, 1 nulls last, 3 nulls last limit ${MAX_GROUPS}`)
}

/** One name stands for itself, several for their account. */
function severalOf(worker: SQL, account: SQL): SQL {
  return sql`case when count(distinct ${worker}) > 1 then ${account} || '.*' else min(${worker}) end`
}

/** What stands in the slot that changes; without one, the pool in use. */
function oldPool({ pool_number: slot }: ChangePool, part: "url" | "worker"): SQL {
  const [name, live] = part === "url" ? ["url", sql`l.pool_url`] : ["user", sql`l.worker_name`]
  const inSlot = sql`nullif(l.pools -> ${slot ?? 0}::int ->> ${name}, '')`
  if (slot === undefined) return sql`coalesce(${live}, ${inSlot})`
  return slot === 0 ? sql`coalesce(${inSlot}, case when l.pools is null then ${live} end)` : inSlot
}

/** A worker's name with what is known of the machine put in; what is not known stays in braces. */
function filled(name: SQL): SQL {
  const own = sql`nullif(substring(l.worker_name from position('.' in l.worker_name) + 1), '')`
  const ownPart = sql`case when position('.' in l.worker_name) > 0 then ${own} end`
  return sql`replace(replace(replace(${name}, '{worker}', coalesce(${ownPart}, '{worker}')),
    '{label}', coalesce(m.label, '{label}')), '{ip}', coalesce(m.ip_address, '{ip}'))`
}

/** True when every slot asked for holds that pool and worker, and without a slot's number nothing else stands there. */
export function poolsAreSo(change: ChangePool): SQL {
  const slots = change.pools.map((pool, index) => {
    const at = sql`l.pools -> ${change.pool_number ?? index}::int`
    return sql`(lower(rtrim(${at} ->> 'url', '/')) = ${pool.url.toLowerCase().replace(/\/+$/, "")}
      and ${at} ->> 'user' = ${filled(sql`${pool.worker_name}::text`)})`
  })
  if (change.pool_number !== undefined) return sql.join(slots, sql` and `)
  const others = sql`(select count(*) from jsonb_array_elements(l.pools) p where p ->> 'url' <> '') = ${slots.length}`
  return sql`(jsonb_typeof(l.pools) = 'array' and ${sql.join([...slots, others], sql` and `)})`
}
