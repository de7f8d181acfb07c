import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** How well the audit log is guarded against the role of this connection. */
export type AuditGuard = {
  role: string
  superuser: boolean
  /** It owns a table, a guarding function or their schema, or may become who does: nothing but itself stops it. */
  mayDisarm: boolean
  /** A trigger that refuses changes or queues rows for their seal is missing or disabled. */
  disarmed: boolean
  /** Rows older than `lateBefore` that wait for their seal. */
  late: number
}

const TRIGGERS = 5

/** Null: the database is not of this version yet. */
export async function readAuditGuard(executor: Executor, lateBefore: Date): Promise<AuditGuard | null> {
  const [there] = await executor.execute<{ there: boolean }>(
    sql`select to_regclass('public.audit_chain') is not null as there`,
  )
  if (!there?.there) return null
  const [guard] = await executor.execute<AuditGuard>(sql`
    select current_user as role, r.rolsuper as superuser,
      r.rolsuper or exists (
        select from (
          select relowner as owner from pg_class where oid in ('public.audit_log'::regclass, 'public.audit_chain'::regclass)
          union select proowner from pg_proc where oid in ('public.refuse_change'::regproc, 'public.queue_audit_seal'::regproc)
          union select nspowner from pg_namespace where nspname = 'public'
          union select datdba from pg_database where datname = current_database()
        ) owners where pg_has_role(r.oid, owners.owner, 'MEMBER')) as "mayDisarm",
      (select count(*) from pg_trigger t where t.tgrelid in ('public.audit_log'::regclass, 'public.audit_chain'::regclass)
        and not t.tgisinternal and t.tgenabled in ('O', 'A')) < ${TRIGGERS} as disarmed,
      (select count(*)::int from audit_unsealed u join audit_log a on a.id = u.audit_id
        where a.at < ${lateBefore.toISOString()}::timestamptz) as late
    from pg_roles r where r.rolname = current_user`)
  return guard ?? null
}
