import { randomUUID } from "node:crypto"
import { afterAll, describe, expect, inject, it } from "vitest"
import { migrateQueue } from "#server/queue.ts"
import { type DatabaseHandle, openDatabase } from "./client.ts"
import { migrateDatabase } from "./migrate.ts"
import { dropPartitionsBefore, ensurePartitions } from "./partitions.ts"
import { readAuditGuard } from "./queries/audit-guard.ts"
import { useDatabase } from "./test/database.ts"

const NOW = new Date("2030-03-31T12:34:56Z")
const LATER = new Date("2030-06-30T12:34:56Z")
const FORBIDDEN = [
  "update audit_log set actor = 'x'",
  "delete from audit_log",
  "truncate audit_log",
  "update audit_chain set seq = seq",
  "delete from audit_chain",
  "truncate audit_chain",
]
/** What an owner may do, though he took the rights above from himself. */
const OWNERS = [
  "drop table audit_log",
  "drop table audit_chain",
  "alter table audit_log disable trigger all",
  "alter table audit_chain add column x text",
  "alter table audit_log owner to current_user",
  "drop trigger audit_log_append_only on audit_log",
  "create trigger mine before insert on audit_log for each row execute function refuse_change()",
  "create or replace function refuse_change() returns trigger language plpgsql as 'begin return null; end'",
  "drop function queue_audit_seal() cascade",
  "drop schema public cascade",
  "set session_replication_role = replica",
]
const APPEND =
  "insert into audit_log (actor, source, action, subject_type, subject_id) values ('system:test', 'cli', 'test.run', 'test', '1')"

describe("the two roles of the database (D18, E18, decision 25)", () => {
  const database = useDatabase()
  const undo: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const step of undo.splice(0).reverse()) await step()
  })

  // Not the template itself: nobody may be in it while others clone it.
  const superuser = () => open(inject("ownerUrl").replace(/\/lamproom$/, "/postgres"))
  function open(url: string): DatabaseHandle {
    const handle = openDatabase(url, { max: 1, name: "hand-over-test" })
    undo.push(handle.close)
    return handle
  }
  /** An empty database and an ordinary role that owns it, as a foreign server gives them. */
  async function foreign() {
    const word = randomUUID().slice(0, 8)
    const [name, owner, app] = [`f_${word}`, `owner_${word}`, `app_${word}`]
    const { sql } = superuser()
    undo.push(() => sql.unsafe(`drop role if exists ${app}, ${owner}`))
    undo.push(() => sql.unsafe(`drop database if exists ${name} with (force)`))
    await sql.unsafe(`create role ${owner} login`)
    await sql.unsafe(`create database ${name} owner ${owner}`)
    const as = (role: string) => inject("ownerUrl").replace(/\/\/[^@]+@(.*)\/.*/, `//${role}@$1/${name}`)
    return { sql, name, owner, app, ownerUrl: as(owner), url: as(app), superuserUrl: as("lamproom") }
  }
  async function refuses(url: string, statements: string[], reason: RegExp) {
    const { sql } = open(url)
    for (const statement of statements) await expect(sql.unsafe(statement), statement).rejects.toThrow(reason)
  }
  const works = async (url: string) => {
    const { sql } = open(url)
    expect(await ensurePartitions(sql, LATER)).toBeGreaterThan(0)
    expect(await dropPartitionsBefore(sql, "telemetry_raw_24h", LATER)).not.toEqual([])
    await sql.unsafe(APPEND)
    await sql`insert into audit_chain (seq, audit_id, hash) select (select count(*) from audit_chain) + 1, max(id), 'x' from audit_log`
    expect(await sql`select from audit_unsealed`).not.toHaveLength(0)
    await sql`delete from audit_unsealed`
  }

  const guard = (url: string) => readAuditGuard(open(url).db, new Date("2000-01-01"))

  it("the application appends to the audit log, and can neither change nor disarm it", async () => {
    await database.sql.unsafe(APPEND)
    await database.sql`insert into audit_chain (seq, audit_id, hash) select (select count(*) from audit_chain) + 1, max(id), 'x' from audit_log`
    // Warned of, without effect: it holds no option to grant.
    await database.sql.unsafe("grant update, delete on audit_log, audit_chain to current_user")
    await refuses(database.url, [...FORBIDDEN, ...OWNERS], /permission denied|must be owner|must be able/)
    expect(await guard(database.url)).toEqual({
      role: "lamproom_app",
      superuser: false,
      mayDisarm: false,
      disarmed: false,
      late: 0,
    })
    const [row] = await database.sql`select actor from audit_log`
    expect(row?.actor).toBe("system:test")
  })

  it("even a superuser is stopped by the triggers, while they stand", async () => {
    await refuses(database.ownerUrl, FORBIDDEN, /append-only/)
    expect(await guard(database.ownerUrl)).toMatchObject({
      superuser: true,
      mayDisarm: true,
      disarmed: false,
    })
    const { sql } = open(database.ownerUrl)
    await sql`alter table audit_chain disable trigger user`
    expect(await guard(database.url)).toMatchObject({ disarmed: true })
    await sql`alter table audit_chain enable trigger user`
    await sql`insert into audit_log (at, actor, source, action, subject_type, subject_id)
      values ('1999-12-31', 'system:test', 'cli', 'test.run', 'test', '1')`
    expect(await guard(database.url)).toMatchObject({ disarmed: false, late: 1 })
  })

  it("everything else is the application's", async () => {
    const kept = await database.sql<{ name: string }[]>`
      select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'pgboss') and c.relkind in ('r', 'p', 'v', 'm', 'S')
        and pg_get_userbyid(c.relowner) <> current_user order by 1`
    expect(kept.map((row) => row.name)).toEqual(["audit_chain", "audit_log", "audit_log_id_seq"])
    await works(database.url)
  })

  it("a database of one role from before goes on, with its rows, in a second start as well", async () => {
    const it = await foreign()
    const before = { url: it.superuserUrl }
    await migrateDatabase(before, NOW)
    await migrateQueue(before.url)
    const old = open(it.superuserUrl)
    await old.sql.unsafe(APPEND)
    const [object] = await old.sql<{ id: number }[]>`select lo_from_bytea(0, 'a file') as id`
    await it.sql.unsafe(`create role ${it.app} login`)
    for (let start = 0; start < 2; start += 1) {
      await migrateDatabase({ url: it.url, ownerUrl: it.superuserUrl }, NOW)
      await migrateQueue(it.url)
    }
    await works(it.url)
    await refuses(it.url, [...FORBIDDEN, ...OWNERS], /permission denied|must be owner|must be able/)
    const { sql } = open(it.url)
    expect(await sql`select from audit_log`).toHaveLength(2)
    expect(await sql`select convert_from(lo_get(${object?.id ?? 0}), 'UTF8') as text`).toEqual([
      { text: "a file" },
    ])
  })

  it("one role for both, which may make no roles, works and takes UPDATE and DELETE from itself", async () => {
    const it = await foreign()
    for (let start = 0; start < 2; start += 1) {
      await migrateDatabase({ url: it.ownerUrl }, NOW)
      await migrateQueue(it.ownerUrl)
    }
    await works(it.ownerUrl)
    await refuses(it.ownerUrl, FORBIDDEN, /permission denied/)
    expect(await guard(it.ownerUrl)).toMatchObject({ superuser: false, mayDisarm: true })
    // It may give itself back what it took: then the triggers refuse.
    const { sql } = open(it.ownerUrl)
    await sql.unsafe(`grant update, delete, truncate on audit_log, audit_chain to ${it.owner}`)
    await refuses(it.ownerUrl, FORBIDDEN, /append-only/)
  })

  it("an owner of its own is told what is missing, then the application is fenced off", async () => {
    const it = await foreign()
    const both = { url: it.url, ownerUrl: it.ownerUrl }
    await migrateDatabase({ url: it.ownerUrl }, NOW)
    await migrateQueue(it.ownerUrl)
    await expect(migrateDatabase(both, NOW)).rejects.toThrow(`CREATE ROLE "${it.app}" LOGIN`)
    await it.sql.unsafe(`create role ${it.app} login`)
    await expect(migrateDatabase(both, NOW)).rejects.toThrow(`GRANT "${it.app}" TO "${it.owner}"`)
    await it.sql.unsafe(`grant ${it.app} to ${it.owner}`)
    await migrateDatabase(both, NOW)
    await migrateQueue(it.url)
    await works(it.url)
    await refuses(it.url, [...FORBIDDEN, ...OWNERS], /permission denied|must be owner|must be able/)
    expect(await guard(it.url)).toMatchObject({ mayDisarm: false, disarmed: false })
    // Later migrations alter what was handed over, and the audit log.
    const { sql } = open(it.ownerUrl)
    await sql`alter table audit_log add column later text`
    await sql`alter table hosting_sites add column later text`
  })
})
