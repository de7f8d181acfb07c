import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { TakenBackup } from "#server/contract/edge.ts"
import { leaseOf, settingsOf } from "../testing/fakes.ts"
import { type Finding, type Journal, openJournal } from "./journal.ts"

let dir = ""
let journal: Journal
const at = new Date("2026-05-01T12:00:00Z").toISOString()
const finding = (message = "Restarted."): Finding => ({
  result_code: 0,
  message,
  ran: "restart",
  started_at: at,
  finished_at: at,
  before: null,
  after: null,
  already: false,
  backup: null,
})
/** As after kill -9: the first connection is never closed. */
const crash = () => {
  journal = openJournal(join(dir, "journal.db")).journal
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lamproom-journal-"))
  crash()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe("journal", () => {
  it("crash before the start: nothing is known, the redelivery may act", () => {
    crash()
    expect(journal.find("1")).toBeNull()
    expect(journal.unfinished()).toEqual([])
  })
  it("crash between start and end: the command is known as begun, with its lease", () => {
    const lease = leaseOf()
    journal.start(lease, 1_000, null)
    crash()
    expect(journal.unfinished()).toMatchObject([{ id: lease.id, state: "started", startedMs: 1_000, lease }])
    expect(journal.unacked(10)).toEqual([])
    expect(() => journal.start(lease, 2_000, null)).toThrow()
  })
  it("crash after the end: the result is still to be sent, under the token it ran with", () => {
    const lease = leaseOf({ fencing_token: "7" })
    journal.start(lease, 1_000, null)
    journal.finish(lease, finding())
    crash()
    expect(journal.unfinished()).toEqual([])
    expect(journal.unacked(10)).toEqual([{ ...finding(), id: lease.id, fencing_token: "7" }])
  })
  it("crash after the answer: nothing is sent twice by itself", () => {
    const lease = leaseOf()
    journal.finish(lease, finding())
    journal.acked([lease])
    crash()
    expect(journal.countUnacked()).toBe(0)
    expect(journal.find(lease.id)).toMatchObject({ state: "finished", acked: true })
  })
  it("a redelivery of a finished command is answered with the new token and the first result", () => {
    const lease = leaseOf({ fencing_token: "7" })
    journal.start(lease, 1_000, null)
    journal.finish(lease, finding())
    journal.acked([lease])
    journal.adoptLease({ ...lease, fencing_token: "8" })
    journal.finish({ ...lease, fencing_token: "8" }, finding("Another story."))
    crash()
    expect(journal.unacked(10)).toMatchObject([{ fencing_token: "8", message: "Restarted." }])
  })
  it("an answer to an older token leaves the result to be sent", () => {
    const lease = leaseOf({ fencing_token: "7" })
    journal.finish(lease, finding())
    journal.adoptLease({ ...lease, fencing_token: "8" })
    journal.acked([lease])
    expect(journal.countUnacked()).toBe(1)
    journal.acked([{ ...lease, fencing_token: "8" }])
    expect(journal.countUnacked()).toBe(0)
  })
  it("keeps its epoch over a restart and only counts up; a lost file is a new epoch", () => {
    const first = journal.position()
    journal.start(leaseOf(), 1_000, null)
    journal.finish(leaseOf(), finding())
    crash()
    expect(journal.position()).toEqual({ epoch: first.epoch, seq: first.seq + 2 })
    const broken = join(dir, "broken.db")
    writeFileSync(broken, Buffer.alloc(8_192, "not a database "))
    const opened = openJournal(broken)
    expect(opened.movedAside).toContain("corrupt")
    expect(opened.journal.position().epoch).not.toBe(first.epoch)
    opened.journal.close()
  })
  it("tells where it stood when it was opened until a poll was answered, whatever was written since", () => {
    const first = journal.position()
    journal.start(leaseOf(), 1_000, null)
    expect(journal.position()).toEqual(first)
    journal.told()
    expect(journal.position()).toEqual({ epoch: first.epoch, seq: first.seq + 1 })
  })
  it("forgets begun commands only, and prunes answered ones after a month only", () => {
    const [begun, done, due] = [leaseOf(), leaseOf(), leaseOf()]
    journal.start(begun, 1_000, null)
    journal.finish(done, finding())
    journal.finish(due, finding())
    journal.acked([done])
    journal.forget(begun.id)
    journal.forget(done.id)
    expect(journal.find(begun.id)).toBeNull()
    expect(journal.find(done.id)).not.toBeNull()
    journal.prune(Date.parse(at) + 29 * 86_400_000)
    expect(journal.find(done.id)).not.toBeNull()
    journal.prune(Date.parse(at) + 31 * 86_400_000)
    expect(journal.find(done.id)).toBeNull()
    expect(journal.find(due.id)).not.toBeNull()
  })
  it("keeps the first backup of a command until its result holds it", () => {
    const lease = leaseOf()
    const [first, second] = [settingsOf(["a"]), settingsOf(["b"])].map(({ config }, n) => ({
      config: { ...config, model: `F${n}` },
      sealed: null,
    }))
    journal.keepBackup(lease.id, first as TakenBackup, Date.parse(at))
    journal.start(lease, 1_000, null)
    crash()
    journal.forget(lease.id)
    journal.keepBackup(lease.id, second as TakenBackup, Date.parse(at))
    journal.start(lease, 2_000, null)
    journal.finish(lease, finding())
    crash()
    expect(journal.unacked(10)).toMatchObject([{ backup: first }])
    expect(journal.keptBackup(lease.id)).toBeNull()
    journal.keepBackup("99", first as TakenBackup, Date.parse(at))
    journal.prune(Date.parse(at) + 3 * 86_400_000)
    expect(journal.keptBackup("99")).toBeNull()
  })
  it("gives out results by count and by size, one at least", () => {
    for (let n = 0; n < 5; n += 1) journal.finish(leaseOf(), finding("x".repeat(1_000)))
    expect(journal.unacked(3)).toHaveLength(3)
    expect(journal.unacked(10, 2_600)).toHaveLength(2)
    expect(journal.unacked(10, 1)).toHaveLength(1)
  })
  it("goes on with the file of an earlier release", () => {
    const file = join(dir, "older.db")
    const older = new DatabaseSync(file)
    older.exec(`CREATE TABLE entries (
      id TEXT PRIMARY KEY, miner_id TEXT NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL,
      fencing_token TEXT NOT NULL, lease TEXT NOT NULL, started_ms INTEGER NOT NULL, finished_ms INTEGER,
      result TEXT, acked INTEGER NOT NULL DEFAULT 0) STRICT`)
    const { sealed: _, label: __, backup: ___, artifact: ____, backup_first: _____, ...lease } = leaseOf()
    older
      .prepare("INSERT INTO entries VALUES (?, 'm', 'REBOOT', 'started', '10', ?, 1000, NULL, NULL, 0)")
      .run(lease.id, JSON.stringify(lease))
    older
      .prepare("INSERT INTO entries VALUES ('2', 'm', 'LED', 'finished', '10', ?, 1000, 2000, ?, 0)")
      .run(JSON.stringify(lease), JSON.stringify({ ...finding(), already: undefined, backup: undefined }))
    older.close()
    const opened = openJournal(file)
    expect(opened.journal.unfinished()).toMatchObject([
      { id: lease.id, identityBefore: null, lease: { sealed: null } },
    ])
    expect(opened.journal.unacked(10)).toMatchObject([{ id: "2", already: false, backup: null }])
    opened.journal.close()
  })
})
