import type { Sql } from "./client.ts"

/**
 * Two roles (`decisions.md` 25). The owner migrates; the application works. The owner keeps the audit log, its chain and
 * the triggers' functions, and lets the application read and append; everything else belongs to the application, which
 * makes and drops partitions. Repeated after each migration: what that made is handed over then.
 *
 * With one role for both (a plain `DATABASE_URL`) it takes UPDATE, DELETE and TRUNCATE from itself: a mistake is
 * refused by privilege and by trigger, though an owner can give himself back what he took. `npm run doctor` says so.
 */
export const AUDIT_TABLES = ["audit_log", "audit_chain"] as const

/** Run by the owner, in a database of this version. Idempotent. Throws with what to do when a privilege is missing. */
export async function handOver(owner: Sql, application: string): Promise<void> {
  const [self] = await owner<
    { name: string; superuser: boolean; known: boolean; member: boolean; holdsOwner: boolean }[]
  >`
    select current_user as name, r.rolsuper as superuser, a.oid is not null as known,
      coalesce(pg_has_role(current_user, a.oid, 'USAGE'), false) as member,
      coalesce(pg_has_role(a.oid, r.oid, 'MEMBER'), false) as "holdsOwner"
    from pg_roles r left join pg_roles a on a.rolname = ${application} where r.rolname = current_user`
  if (self?.name === application) return owner.begin((tx) => keepAudit(tx, application, true))
  if (!self?.known)
    throw new Error(
      `The role "${application}" of DATABASE_URL does not exist. As superuser: CREATE ROLE "${application}" LOGIN PASSWORD '…'`,
    )
  if (!self.superuser && !self.member)
    throw new Error(
      `The role "${self.name}" of DATABASE_OWNER_URL cannot hand tables to "${application}". As superuser: GRANT "${application}" TO "${self.name}"`,
    )
  if (self.holdsOwner && !self.superuser)
    throw new Error(
      `The role "${application}" of DATABASE_URL is a member of the owner "${self.name}". As superuser: REVOKE "${self.name}" FROM "${application}"`,
    )
  await owner.begin(async (tx) => {
    await tx`select set_config('lamproom.application', ${application}, true)`
    await tx.unsafe(GIVE)
    await keepAudit(tx, application, false)
  })
}

async function keepAudit(tx: Pick<Sql, "unsafe">, application: string, own: boolean): Promise<void> {
  const role = quoted(application)
  // A dump reads the sequence too.
  if (!own) await tx.unsafe(`grant select on sequence public.audit_log_id_seq to ${role}`)
  for (const table of AUDIT_TABLES) {
    await tx.unsafe(
      `revoke update, delete, truncate, references, trigger on public.${table} from public, ${role}`,
    )
    if (!own) await tx.unsafe(`grant select, insert on public.${table} to ${role}`)
  }
}

/** Everything of the owner's in our two schemas, but the audit tables, and but functions that guard tables. */
const GIVE = `
do $$
declare
  application text := current_setting('lamproom.application');
  command text;
begin
  execute format('grant connect, temporary, create on database %I to %I', current_database(), application);
  execute format('grant usage, create on schema public to %I', application);
  -- The schema first: who gets a thing has to be able to make things there.
  for command in
    select format('alter schema pgboss owner to %I', application) from pg_namespace
    where nspname = 'pgboss' and nspowner = current_user::regrole
  loop execute command; end loop;
  for command in
    select format('alter %s %s owner to %I',
      case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
      c.oid::regclass, application)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'pgboss') and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and c.relowner = current_user::regrole
      and not (n.nspname = 'public' and c.relname in (${AUDIT_TABLES.map((name) => `'${name}'`).join(", ")}))
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
        and (d.deptype = 'e' or (c.relkind = 'S' and d.deptype in ('a', 'i'))))
    order by c.relispartition, c.oid
  loop execute command; end loop;
  for command in
    select format('alter routine %s owner to %I', p.oid::regprocedure, application)
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'pgboss' and p.proowner = current_user::regrole
  loop execute command; end loop;
  for command in
    select format('alter type %s owner to %I', t.oid::regtype, application)
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where n.nspname = 'pgboss' and t.typtype in ('e', 'd') and t.typowner = current_user::regrole
  loop execute command; end loop;
  for command in
    select format('alter large object %s owner to %I', oid, application) from pg_largeobject_metadata
    where lomowner = current_user::regrole
  loop execute command; end loop;
  execute format('grant usage on schema drizzle to %I', application);
  execute format('grant select on all tables in schema drizzle to %I', application);
  execute format('grant select on all sequences in schema drizzle to %I', application);
end $$`

function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`
}
