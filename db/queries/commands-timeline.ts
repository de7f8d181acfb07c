import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** One row of the audit log about a command, or a run of `command.result` rows as one with their counts added up. */
export type AuditStep = {
  action: string
  at: Date
  /** When the last row of the run was written. */
  until: Date
  rows: number
  userId: number | null
  userName: string | null
  /** `user:3 mail`, `device:2 name`, `system:job`. */
  actor: string
  source: string
  address: string | null
  details: Record<string, unknown> | null
  answers: { succeeded: number; failed: number; unknown: number; skipped: number; late: number } | null
}

/** Rows of other moves may name other things alike. */
const told = (count: string) =>
  sql`coalesce(sum((details ->> ${sql.raw(`'${count}'`)})::int) filter (where is_answer), 0)`

/** The newest steps in the order of time, at most `limit`, and how many there are. */
export async function selectTimeline(
  db: Executor,
  commandId: string,
  limit: number,
): Promise<{ steps: AuditStep[]; total: number }> {
  const rows = await db.execute<AuditStep & { total: number }>(sql`
    with entry as (
      select a.id, a.at, a.details, a.action = 'command.result' as is_answer from audit_log a
      where a.subject_type = 'command' and a.subject_id = ${commandId}
    ), marked as (
      select e.*, count(*) filter (where not (is_answer and after_answer)) over (order by at, id) as step
      from (select e.*, lag(is_answer, 1, false) over (order by at, id) as after_answer from entry e) e
    ), step as (
      select step, min(id) as id, min(at) as at, max(at) as until, count(*)::int as rows, count(*) over ()::int as total,
        case when bool_and(is_answer) then jsonb_build_object('succeeded', ${told("succeeded")}, 'failed', ${told("failed")},
          'unknown', ${told("unknown")}, 'skipped', ${told("skipped")}, 'late', ${told("late")}) end as answers
      from marked group by step order by step desc limit ${limit}
    )
    select a.action, s.at, s.until, s.rows, a.user_id as "userId", u.name as "userName", a.actor, a.source, a.address,
      a.details, s.answers, s.total
    from step s join audit_log a on a.id = s.id left join user_access u on u.id = a.user_id order by s.step`)
  return { steps: rows.map(({ total: _, ...step }) => step), total: rows[0]?.total ?? 0 }
}
