import type { Sql, SqlTransaction } from "#db/client.ts"

/** Results that `fillCommandHistory` makes on two sites of 10,000 machines: 20,000 + 5,000 × 40 + 78 × 10,000. */
export const COMMAND_MIX = [
  { commands: 20_000, targets: 1 },
  { commands: 5_000, targets: 40 },
  { commands: 78, targets: 10_000 },
] as const

export type CommandData = {
  /** People who asked for the commands, in equal parts. */
  requesterIds: number[]
  results: number
  /** Commands on every machine of a site: one that ended, one that stands halted in its third wave. */
  largeEnded: string
  largeHalted: string
  /** A CHANGE_POOL on every machine of a site. */
  largePool: string
  /** On forty machines. */
  middle: string
}

/**
 * A history of commands over 90 days on machines that are there already, for benchmarks: every type, most succeeded,
 * some failed, unknown, skipped, cancelled; what is younger than a day is partly open. With edge rows of the last 30
 * days, waves and the audit rows that the timeline is made of. Set-based, and the same at every run but for ids.
 */
export async function fillCommandHistory(
  sql: Sql,
  options: { siteIds: number[]; now: Date },
): Promise<CommandData> {
  const { siteIds, now } = options
  const requesterIds = await fillRequesters(sql)
  const picked = await sql.begin(async (tx) => {
    await tx`
      create temporary table target on commit drop as
      select site_id, id, (row_number() over (partition by site_id order by id) - 1)::int as k
      from hosting_miners where site_id = any(${siteIds}::int[])`
    await tx`create unique index on target (site_id, k)`
    await tx`analyze target`
    await fillPlan(tx, siteIds, requesterIds, now)
    await fillRemoteCommands(tx)
    await fillResults(tx)
    await fillWaves(tx)
    await fillEdgeRows(tx, now)
    await fillAudit(tx)
    return await pick(tx)
  })
  await sql`vacuum (analyze) remote_commands, remote_command_results, remote_command_clients, miner_commands, command_waves, audit_log,
    audit_unsealed, user_access`
  const [counted] = await sql<
    { results: number }[]
  >`select count(*)::int as results from remote_command_results`
  return { ...picked, requesterIds, results: counted?.results ?? 0 }
}

/** The newest command of each kind that a benchmark opens. */
async function pick(tx: SqlTransaction): Promise<Omit<CommandData, "requesterIds" | "results">> {
  const rows = await tx<{ kind: string; id: string }[]>`
    select distinct on (kind) kind, id from (
      select id, n, case when targets = 40 and status = 'FAILED' then 'middle'
        when targets > 1000 and status = 'RUNNING' then 'largeHalted'
        when targets > 1000 and type = 'CHANGE_POOL' and status in ('SUCCEEDED', 'FAILED') then 'largePool'
        when targets > 1000 and status = 'FAILED' then 'largeEnded' end as kind from plan) p
    where kind is not null order by kind, n`
  const idOf = (kind: string) => rows.find((row) => row.kind === kind)?.id ?? ""
  return {
    largeEnded: idOf("largeEnded"),
    largeHalted: idOf("largeHalted"),
    largePool: idOf("largePool"),
    middle: idOf("middle"),
  }
}

async function fillRequesters(sql: Sql): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    insert into user_access (email, name, kind)
    select 'operator' || n || '@bench.test', 'Operator ' || n, 'staff' from generate_series(1, 12) n returning id`
  return rows.map((row) => row.id)
}

/** What is asked for, `n` from the newest on. */
async function fillPlan(
  tx: SqlTransaction,
  siteIds: number[],
  requesterIds: number[],
  now: Date,
): Promise<void> {
  const [small, middle, large] = COMMAND_MIX
  await tx`
    create temporary table plan on commit drop as
    with drawn as (
      select gen_random_uuid() as id, k, targets, hashint4(k * 7 + targets) & 2147483647 as dice
      from (
        select k, ${small.targets}::int as targets from generate_series(0, ${small.commands - 1}::int) k
        union all select k, ${middle.targets}::int from generate_series(0, ${middle.commands - 1}::int) k
        union all select k, ${large.targets}::int from generate_series(0, ${large.commands - 1}::int) k) kinds
    ), timed as (
      select *, k * interval '90 days' / case targets when 1 then ${small.commands}::int
        when ${middle.targets}::int then ${middle.commands}::int else ${large.commands}::int end as age from drawn
    ), ordered as (
      select *, (row_number() over (order by age, dice) - 1)::int as n,
        (array['REBOOT','REBOOT','REBOOT','CHANGE_POOL','POWER_MODE','LED','LED','SET_FREQ','THERMAL_POLICY','ENABLE',
          'DISABLE','BACKUP_CONFIG'])[1 + dice % 12] as type
      from timed
    )
    select id, n, k, targets, dice, type, (${siteIds}::int[])[1 + k % ${siteIds.length}::int] as site_id,
      (${requesterIds}::int[])[1 + n % ${requesterIds.length}::int] as requested_by,
      ${now}::timestamptz - age - interval '2 minutes' as at,
      case when targets > 1000 and k = 0 then 'RUNNING' when n < 60 and n % 3 = 0 then 'PENDING_APPROVAL'
        when n < 90 and n % 3 = 1 then 'RUNNING' when dice % 40 = 0 then 'CANCELLED' when dice % 57 = 0 then 'EXPIRED'
        when targets > 1 and dice % 4 > 0 or dice % 16 = 0 then 'FAILED' else 'SUCCEEDED' end as status,
      case type when 'REBOOT' then '{"mode":"soft"}' when 'POWER_MODE' then '{"mode":"eco"}' when 'LED' then '{"state":"on"}'
        when 'SET_FREQ' then '{"frequency_mhz":545}' when 'THERMAL_POLICY' then '{"fan_mode":"auto"}'
        when 'BACKUP_CONFIG' then '{"name":"before winter"}'
        when 'CHANGE_POOL' then '{"pools":[{"url":"stratum+tcp://new.example.com:3333","worker_name":"farm.{worker}"},{"url":"stratum+tcp://spare.example.com:3333","worker_name":"farm.{worker}"}]}'
        else '{}' end::jsonb as parameters,
      case when targets > 10 then 10 else 1 end as waves
    from ordered`
  await tx`create index on plan (site_id, id)`
  await tx`analyze plan`
}

async function fillRemoteCommands(tx: SqlTransaction): Promise<void> {
  await tx`
    insert into remote_commands (site_id, id, request_id, command_type, parameters, status, source, target_ids, fingerprint,
      approval_reasons, note, priority, ttl_minutes, requested_by, requested_at, queued_at, started_at, finished_at, waves,
      released_wave, halted_at, halt_reason, outcome)
    select p.site_id, p.id, gen_random_uuid(), p.type, p.parameters, p.status,
      (array['manual','manual','manual','scheduled','automatic','api'])[1 + p.dice % 6],
      array(select t.id from generate_series(0, p.targets - 1) i
        join target t on t.site_id = p.site_id and t.k = (p.dice % 9973 + i) % 10000),
      md5(p.id::text) || md5(p.n::text), case when p.targets > 1 then array['batch'] else '{}' end,
      case when p.dice % 3 = 0 then 'hall ' || p.dice % 40 || ' after the filters were changed' end, 5, 30, p.requested_by,
      p.at, p.at + interval '1 second', case when p.status <> 'PENDING_APPROVAL' then p.at + interval '2 seconds' end,
      case when p.status not in ('RUNNING', 'PENDING_APPROVAL') then p.at + interval '90 seconds' end,
      case when p.status = 'PENDING_APPROVAL' then 0 else p.waves end,
      case p.status when 'PENDING_APPROVAL' then 0 when 'RUNNING' then least(3, p.waves) else p.waves end,
      case when p.status = 'RUNNING' and p.waves > 1 then p.at + interval '20 seconds' end,
      case when p.status = 'RUNNING' and p.waves > 1 then '12 % of the wave did not come back hashing' end,
      case when p.status not in ('RUNNING', 'PENDING_APPROVAL') then 'Ended.' end
    from plan p`
}

/** Of a hundred about ninety-three succeed. What is open has no answers past its third wave. */
async function fillResults(tx: SqlTransaction): Promise<void> {
  await tx`
    insert into remote_command_results (site_id, command_id, miner_id, result_status, result_code, result_message,
      skip_reason, wave, already, hashrate_before_ghs, ran, before, after, started_at, finished_at, recovered_at)
    select site_id, id, miner_id, result, code,
      case code when 0 then 'Done: accepted, read back.' when 1 then 'The machine refused: access denied.'
        when 5 then 'Unknown outcome: the collector took it and did not answer in time.' when 2 then 'Offline.' end,
      case when result = 'SKIPPED' then case when status = 'CANCELLED' then 'cancelled' when status = 'EXPIRED' then 'expired'
        else 'offline' end end,
      case when status <> 'PENDING_APPROVAL' then wave end, result = 'SUCCEEDED' and die % 9 = 0, 100000 + die % 900,
      case when code in (0, 1) then lower(type) end,
      case when code in (0, 1) then case when type = 'CHANGE_POOL'
        then jsonb_build_object('pools', jsonb_build_array(
          jsonb_build_object('url', 'stratum+tcp://pool' || die % 3 || '.example.com:3333', 'user', 'farm' || die % 4 || '.rig' || miner_id),
          jsonb_build_object('url', 'stratum+tcp://backup.example.com:3333', 'user', 'farm.rig' || miner_id)))
        else jsonb_build_object('uptime_s', die % 900000) end end,
      case when code = 0 then case when type = 'CHANGE_POOL'
        then jsonb_build_object('pools', jsonb_build_array(
          jsonb_build_object('url', 'stratum+tcp://new.example.com:3333', 'user', 'farm.rig' || miner_id),
          jsonb_build_object('url', 'stratum+tcp://spare.example.com:3333', 'user', 'farm.rig' || miner_id)))
        else jsonb_build_object('uptime_s', die % 60) end end,
      case when code in (0, 1, 5) or result = 'RUNNING' then at + interval '2 seconds' end,
      case when code is not null then at + interval '2 seconds' + die % 30000 * interval '1 millisecond' end,
      case when code = 0 then at + interval '60 seconds' end
    from (
      select t.*, case result when 'SUCCEEDED' then 0 when 'SKIPPED' then 2 when 'FAILED' then case when die % 4 = 0 then 5 else 1 end end as code
      from (
        select d.*, case
          when status = 'PENDING_APPROVAL' or status = 'RUNNING' and wave > 3 then 'PENDING'
          when status = 'RUNNING' and (die % 10 = 0 or targets = 1) then 'RUNNING'
          when status in ('CANCELLED', 'EXPIRED') then 'SKIPPED'
          when status = 'FAILED' and (targets = 1 or die % 20 = 0) then 'FAILED'
          when targets > 1 and die % 50 = 1 then 'SKIPPED' else 'SUCCEEDED' end as result
        from (
          select p.site_id, p.id, p.type, p.status, p.targets, p.at, target.id as miner_id,
            1 + i * p.waves / p.targets as wave, hashint4(target.id * 31 + p.n) & 2147483647 as die
          from plan p cross join lateral generate_series(0, p.targets - 1) i
          join target on target.site_id = p.site_id and target.k = (p.dice % 9973 + i) % 10000
        ) d
      ) t
    ) r order by at, id, miner_id`
}

async function fillWaves(tx: SqlTransaction): Promise<void> {
  await tx`
    insert into command_waves (site_id, command_id, wave, targets, released_at, answered_at, passed_at, halted_at, halt_reason, good, bad)
    select p.site_id, p.id, w, p.targets / p.waves, case when reached then at + w * interval '6 seconds' end,
      case when reached then at + w * interval '6 seconds' + interval '3 seconds' end,
      case when passed then at + w * interval '6 seconds' + interval '5 seconds' end,
      case when halted then at + interval '20 seconds' end,
      case when halted then '12 % of the wave did not come back hashing' end, p.targets / p.waves, 0
    from (select p.*, w, status <> 'RUNNING' or w <= 3 as reached, status <> 'RUNNING' or w < 3 as passed,
        status = 'RUNNING' and waves > 1 and w = 3 as halted
      from plan p cross join lateral generate_series(1, p.waves) w where status <> 'PENDING_APPROVAL') p`
}

/** Edge rows are kept for thirty days. */
async function fillEdgeRows(tx: SqlTransaction, now: Date): Promise<void> {
  await tx`
    insert into miner_commands (site_id, remote_command_id, miner_id, device_id, command_type, parameters, feature, wave,
      status, priority, attempt, fencing_token, created_at, sent_at, completed_at, expires_at)
    select r.site_id, r.command_id, r.miner_id, m.device_id, p.type, p.parameters,
      case p.type when 'REBOOT' then 'REBOOT.soft' when 'POWER_MODE' then 'POWER_MODE.eco'
        when 'THERMAL_POLICY' then 'THERMAL_POLICY.auto' else p.type end, r.wave,
      case r.result_status when 'PENDING' then 'pending' when 'RUNNING' then 'sent' when 'SUCCEEDED' then 'completed'
        when 'FAILED' then 'failed' else 'cancelled' end, 5, 1, 1, p.at, r.started_at, r.finished_at,
      case when r.result_status <> 'PENDING' then p.at + interval '30 minutes' end
    from plan p join remote_command_results r on r.site_id = p.site_id and r.command_id = p.id
    join hosting_miners m on m.site_id = r.site_id and m.id = r.miner_id
    where p.at > ${now}::timestamptz - interval '30 days' and p.status <> 'PENDING_APPROVAL'`
}

/** Request, queue, start and end; each wave; an answer of a collector holds up to twenty machines. */
async function fillAudit(tx: SqlTransaction): Promise<void> {
  await tx`
    insert into audit_log (at, user_id, actor, source, address, action, site_id, subject_type, subject_id, details)
    select at, user_id, actor, 'manual', address, action, site_id, 'command', id::text, details
    from (
      select p.at, 0 as place, p.requested_by as user_id, 'user:' || p.requested_by as actor, '192.0.2.7' as address,
        'command.request' as action, p.site_id, p.id, jsonb_build_object('type', p.type, 'targets', p.targets) as details
      from plan p
      union all
      select p.at + s.after, s.place, null, 'system:command.dispatch', null, s.action, p.site_id, p.id, jsonb_build_object('targets', p.targets)
      from plan p cross join (values (interval '1 second', 1, 'command.queue'), (interval '2 seconds', 2, 'command.start')) s(after, place, action)
      where p.status <> 'PENDING_APPROVAL'
      union all
      select w.at + s.after, s.place, null, 'system:command.advance-waves', null, s.action, p.site_id, p.id,
        jsonb_build_object('wave', w.wave, 'targets', w.targets, 'good', w.good, 'bad', w.bad)
      from plan p join (select *, released_at as at from command_waves where released_at is not null) w
        on w.site_id = p.site_id and w.command_id = p.id
      cross join (values (interval '0', 3, 'command.wave-release'), (interval '5 seconds', 5, 'command.wave-pass')) s(after, place, action)
      where p.waves > 1
      union all
      select p.at + (1 + a * p.waves / greatest(1, p.targets / 20)) * interval '6 seconds' + interval '2 seconds', 4, null, 'device:1 collector 1', null,
        'command.result', p.site_id, p.id, '{"succeeded":18,"failed":1,"unknown":1}'::jsonb
      from plan p cross join lateral generate_series(0, greatest(1, p.targets / 20) - 1) a
      where p.status <> 'PENDING_APPROVAL'
      union all
      select p.at + interval '90 seconds', 6, null, 'system:command.expire', null, 'command.succeed', p.site_id, p.id, '{"succeeded":1}'
      from plan p where p.status not in ('RUNNING', 'PENDING_APPROVAL')
    ) entry order by at, place, id`
}
