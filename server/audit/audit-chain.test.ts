import { describe, expect, it } from "vitest"
import { type DatabaseHandle, openDatabase } from "#db/client.ts"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { sealAudit } from "./seal-audit.ts"
import { verifyAudit } from "./verify-audit.ts"
import { writeAudit } from "./write-audit.ts"

describe("the audit chain (decision 25)", () => {
  const database = useDatabase({ max: 6 })
  const clock = createClock()
  const make = createFixtures(database, clock.now)
  const write = (executor: Parameters<typeof writeAudit>[0] = database.db, note = "x") =>
    writeAudit(executor, make.system(), {
      action: "thing.note",
      siteId: null,
      subjectType: "thing",
      subjectId: 1,
      after: { note, ключ: "Ω “quoted”\n", n: 1.5, big: 12345678901234 },
    })
  const writeMany = async (count: number) => {
    for (let n = 0; n < count; n += 1) await write()
  }
  const seal = (batch?: number) => sealAudit(make.system(), batch)
  const verify = (contains?: string) => verifyAudit(make.system(), contains ? { contains } : {})
  const waiting = async () => (await database.sql`select from audit_unsealed`).length

  /** What somebody with the rights of a superuser does behind the triggers' back; undone by `undo`. */
  const tamper = async (statements: string[], undo: string[], look: () => Promise<void>) => {
    const superuser: DatabaseHandle = openDatabase(database.ownerUrl, { max: 1, name: "tamper" })
    const run = (list: string[]) =>
      superuser.sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`
        for (const statement of list) await tx.unsafe(statement)
      })
    try {
      await superuser.sql`create table kept_log as select * from audit_log`
      await superuser.sql`create table kept_chain as select * from audit_chain`
      await run(statements)
      await look()
      await run([
        ...undo,
        "delete from audit_chain",
        "delete from audit_log",
        "insert into audit_log overriding system value select * from kept_log",
        "insert into audit_chain select * from kept_chain",
      ])
      expect((await verify()).ok).toBe(true)
    } finally {
      await superuser.sql`drop table kept_log, kept_chain`
      await superuser.close()
    }
  }
  const finds = (statements: string[], problems: unknown[], undo: string[] = []) =>
    tamper(statements, undo, async () => {
      const verdict = await verify()
      expect(verdict).toMatchObject({ ok: false, problems })
      expect(verdict.problems).toHaveLength(problems.length)
    })

  it("is empty and whole at first", async () => {
    expect(await verify()).toEqual({
      ok: true,
      rows: 0,
      waiting: 0,
      head: null,
      firstAt: null,
      lastAt: null,
      problemCount: 0,
      problems: [],
    })
  })

  it("takes every row once, in order, in batches, under two workers at once", async () => {
    await writeMany(25)
    expect(await verify()).toMatchObject({ ok: true, rows: 0, waiting: 25 })
    const outcomes = await Promise.all([seal(4), seal(4), seal(4)])
    if (outcomes.some((outcome) => outcome.busy)) await seal()
    expect(await waiting()).toBe(0)
    const verdict = await verify()
    expect(verdict).toMatchObject({ ok: true, rows: 25, waiting: 0, firstAt: clock.now(), problems: [] })
    expect(verdict.head).toMatch(/^[0-9a-f]{64}$/)
    expect(await seal()).toEqual({ sealed: 0, busy: false })
    expect((await verify()).head).toBe(verdict.head)
    const order =
      await database.sql`select seq::int, row_number() over (order by audit_id)::int as n from audit_chain order by seq`
    expect(order.every((link) => link.seq === link.n)).toBe(true)
  })

  it("gives way to whoever seals, and does not depend on the session's settings", async () => {
    await write()
    await database.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('lamproom-audit-seal'))`
      expect(await seal()).toEqual({ sealed: 0, busy: true })
    })
    await seal()
    const elsewhere = openDatabase(database.url, { max: 1, name: "elsewhere" })
    try {
      await elsewhere.sql.unsafe(
        "set timezone = 'Asia/Kathmandu'; set datestyle = 'German'; set extra_float_digits = -5; set intervalstyle = 'sql_standard'",
      )
      const there = { ...make.system(), db: elsewhere.db, sql: elsewhere.sql }
      expect(await verifyAudit(there)).toMatchObject({ ok: true, head: (await verify()).head })
    } finally {
      await elsewhere.close()
    }
  })

  it("never makes commands queue: open transactions write side by side, and the one that ends later is sealed later", async () => {
    const before = (await verify()).rows
    let proceed = () => {}
    const held = new Promise<void>((resolve) => {
      proceed = resolve
    })
    let wrote = () => {}
    const firstWrote = new Promise<void>((resolve) => {
      wrote = resolve
    })
    const first = database.db.transaction(async (tx) => {
      await write(tx, "begun first")
      wrote()
      await held
    })
    await firstWrote
    // Would hang here if the first one, still open, held anything that a second one needs.
    await database.db.transaction((tx) => write(tx, "ended first"))
    const [locks] = await database.sql`select count(*)::int as n from pg_locks where not granted`
    expect(locks?.n).toBe(0)
    expect(await seal()).toEqual({ sealed: 1, busy: false })
    proceed()
    await first
    expect(await seal()).toEqual({ sealed: 1, busy: false })
    expect(await verify()).toMatchObject({ ok: true, rows: before + 2 })
    const notes = await database.sql`
      select after->>'note' as note from audit_chain c join audit_log a on a.id = c.audit_id order by seq desc limit 2`
    expect(notes.map((row) => row.note)).toEqual(["begun first", "ended first"])
  })

  it("finds a changed row, and a changed seal", async () => {
    const [link] = await database.sql<{ id: string }[]>`select audit_id as id from audit_chain where seq = 7`
    for (const change of [
      "actor = 'somebody else'",
      "at = at + interval '1 microsecond'",
      'after = after || \'{"note": "y"}\'',
      "address = '10.0.0.1'",
      "site_id = 5",
    ])
      await finds(
        [`update audit_log set ${change} where id = ${link?.id}`],
        [{ kind: "changed", message: `Row ${link?.id} at place 7 does not fit the chain: it was changed.` }],
      )
    await finds(
      ["update audit_chain set hash = sha256('forged') where seq = 7"],
      [
        {
          kind: "changed",
          message: `Row ${link?.id} at place 7 does not fit the chain: its seal was changed.`,
        },
      ],
    )
    // Row and seal made to fit each other: the next link tells.
    await finds(
      [
        `update audit_log set actor = 'somebody else' where id = ${link?.id}`,
        "update audit_chain set hash = sha256('forged') where seq = 7",
      ],
      [{ kind: "changed" }, { kind: "changed" }],
    )
  })

  it("finds a removed row, a removed link, both, and rows exchanged", async () => {
    const [link] = await database.sql<{ id: string }[]>`select audit_id as id from audit_chain where seq = 9`
    await finds(
      [`delete from audit_log where id = ${link?.id}`],
      [{ kind: "missing", message: `Row ${link?.id} at place 9 was removed.` }],
    )
    await finds(
      ["delete from audit_chain where seq = 9"],
      [{ kind: "gap", message: "After place 8 the chain goes on at place 10." }, { kind: "foreign" }],
    )
    await finds(
      [`delete from audit_log where id = ${link?.id}`, "delete from audit_chain where seq = 9"],
      [{ kind: "gap" }],
    )
    // Closing the gap does not help.
    await finds(
      [
        `delete from audit_log where id = ${link?.id}`,
        "delete from audit_chain where seq = 9",
        "update audit_chain set seq = -seq where seq > 9",
        "update audit_chain set seq = -seq - 1 where seq < 0",
      ],
      [{ kind: "changed" }],
    )
    await finds(
      [
        "update audit_chain set audit_id = -audit_id where seq in (3, 4)",
        "update audit_chain c set audit_id = -o.audit_id from audit_chain o where c.seq in (3, 4) and o.seq = 7 - c.seq",
      ],
      [{ kind: "changed" }, { kind: "changed" }],
    )
    await finds(
      ["delete from audit_log where id in (select audit_id from audit_chain where seq between 5 and 27)"],
      Array.from({ length: 20 }, () => ({ kind: "missing" })),
    )
  })

  it("finds a row put in beside the chain, and one that was removed while it waited", async () => {
    await finds(
      [
        "insert into audit_log (actor, source, action, subject_type, subject_id) values ('user:1 innocent', 'manual', 'command.approve', 'command', '1')",
      ],
      [{ kind: "foreign" }],
    )
    await finds(
      ["delete from audit_chain where seq = (select max(seq) from audit_chain)"],
      [{ kind: "foreign" }],
    )
    await finds(
      ["insert into audit_unsealed values (99999999)"],
      [{ kind: "missing", message: "Row 99999999 was removed before it was sealed." }],
      ["delete from audit_unsealed where audit_id = 99999999"],
    )
  })

  it("finds an end that was cut off, or a chain written anew, by a head that was kept elsewhere", async () => {
    const { head, rows } = await verify()
    expect(await verify(head?.toUpperCase())).toMatchObject({ ok: true })
    await tamper(
      [
        "delete from audit_log where id in (select audit_id from audit_chain where seq > 20)",
        "delete from audit_chain where seq > 20",
      ],
      [],
      async () => {
        expect(await verify()).toMatchObject({ ok: true, rows: 20 })
        expect(await verify(head ?? "")).toMatchObject({ ok: false, problems: [{ kind: "not-contained" }] })
      },
    )
    await tamper(
      [
        "update audit_log set actor = 'somebody else' where id = (select audit_id from audit_chain where seq = 2)",
        "insert into audit_unsealed select audit_id from audit_chain",
        "delete from audit_chain",
      ],
      [],
      async () => {
        await seal()
        expect(await verify()).toMatchObject({ ok: true, rows })
        expect(await verify(head ?? "")).toMatchObject({ ok: false, problems: [{ kind: "not-contained" }] })
      },
    )
    await write()
    await seal()
    expect(await verify(head ?? "")).toMatchObject({ ok: true, rows: rows + 1 })
  })

  it("finds that nobody seals, and seals nothing twice", async () => {
    await write()
    expect((await verify()).ok).toBe(true)
    clock.advance(61_000)
    expect(await verify()).toMatchObject({ ok: false, waiting: 1, problems: [{ kind: "late" }] })
    await seal()
    await database.sql`insert into audit_unsealed select audit_id from audit_chain where seq < 4`
    expect(await seal()).toEqual({ sealed: 0, busy: false })
    expect(await waiting()).toBe(0)
    expect((await verify()).ok).toBe(true)
  })

  it("is sealed by the system alone, and verified by those who may read the whole log", async () => {
    const site = await make.site()
    const admin = make.as(await make.user({ globalRole: "admin" }))
    await expect(sealAudit(admin)).rejects.toMatchObject({ code: "FORBIDDEN" })
    expect((await verifyAudit(admin)).ok).toBe(true)
    const manager = make.as(await make.user({ at: [[site, "site_manager"]] }))
    for (const ctx of [manager, make.anonymous()])
      await expect(verifyAudit(ctx)).rejects.toMatchObject({ code: "FORBIDDEN" })
  })
})
