import type { Transaction } from "#db/client.ts"
import {
  type ChainLink,
  countUnsealed,
  type Found,
  findForeignRows,
  findLateRows,
  findVanishedRows,
  readLinks,
} from "#db/queries/audit-chain.ts"
import { DomainError } from "#server/contract/errors.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { CHAIN_START, chainHash } from "./chain-hash.ts"

const PAGE = 5_000
/** Of each kind so many are told one by one; all are counted. */
const TOLD = 20
const LATE_MS = 60_000

export type AuditProblem = {
  kind: "changed" | "missing" | "gap" | "foreign" | "late" | "not-contained"
  message: string
}
export type AuditVerdict = {
  ok: boolean
  /** Links of the chain. */
  rows: number
  /** Rows that wait to be sealed. */
  waiting: number
  /** The newest link's hash, hexadecimal; null: nothing is sealed. */
  head: string | null
  /** Of the rows sealed first and last. */
  firstAt: Date | null
  lastAt: Date | null
  /** All of them, told or not. */
  problemCount: number
  problems: AuditProblem[]
}

/**
 * Recomputes the chain over the audit log from its start, in one snapshot and constant memory. Finds rows and links
 * that were changed, removed or put in beside the chain. Whoever can rewrite rows and all links after them, or cut off
 * the newest of both, is found only by a head that was kept elsewhere: `contains`, the hash of an earlier head, has to be
 * in the chain still. Throws FORBIDDEN for those who may not read the whole log.
 */
export async function verifyAudit(ctx: Context, input: { contains?: string } = {}): Promise<AuditVerdict> {
  if (scopeOf(ctx.actor, "AUDIT_VIEW", "FULL").kind !== "all")
    throw new DomainError("FORBIDDEN", "Only those who may read the whole audit log verify it.")
  return ctx.db.transaction((tx) => verify(tx, ctx.now(), input.contains?.toLowerCase()), {
    isolationLevel: "repeatable read",
    accessMode: "read only",
  })
}

async function verify(tx: Transaction, now: Date, contains: string | undefined): Promise<AuditVerdict> {
  const problems = collectProblems()
  const walk = createWalk(problems.add, contains)
  for (;;) {
    const links = await readLinks(tx, walk.place(), PAGE)
    for (const link of links) walk.step(link)
    if (links.length < PAGE) break
  }
  const { contained, ...chain } = walk.end()
  problems.addFound(
    "missing",
    await findVanishedRows(tx, TOLD),
    (id) => `Row ${id} was removed before it was sealed.`,
  )
  problems.addFound(
    "foreign",
    await findForeignRows(tx, TOLD),
    (id) => `Row ${id} stands beside the chain: it was put in, or its seal was taken away.`,
  )
  problems.addFound(
    "late",
    await findLateRows(tx, new Date(now.getTime() - LATE_MS), TOLD),
    (id) => `Row ${id} has waited for its seal for more than a minute: is the worker running?`,
  )
  if (contains !== undefined && !contained)
    problems.add({
      kind: "not-contained",
      message: `The chain does not contain ${contains}: it was cut off or written anew since, or the seal is another database's.`,
    })
  return { ...chain, waiting: await countUnsealed(tx), ok: problems.count() === 0, ...problems.told() }
}

function collectProblems() {
  const counts = new Map<AuditProblem["kind"], number>()
  const problems: AuditProblem[] = []
  const count = () => [...counts.values()].reduce((sum, one) => sum + one, 0)
  const add = (problem: AuditProblem) => {
    const before = counts.get(problem.kind) ?? 0
    counts.set(problem.kind, before + 1)
    if (before < TOLD) problems.push(problem)
  }
  return {
    add,
    addFound(kind: AuditProblem["kind"], found: Found, message: (auditId: number) => string) {
      for (const auditId of found.auditIds) add({ kind, message: message(auditId) })
      counts.set(kind, (counts.get(kind) ?? 0) + found.count - found.auditIds.length)
    },
    count,
    told: () => ({ problemCount: count(), problems }),
  }
}

/** One pass over the links. After a link that does not fit it goes on from what is stored, to tell the next one apart. */
function createWalk(add: (problem: AuditProblem) => void, contains: string | undefined) {
  let before: Buffer = CHAIN_START
  let seq = 0
  let rows = 0
  let contained = false
  let firstAt: Date | null = null
  let lastAt: Date | null = null
  /** The last link did not fit; whether its row or its hash was changed shows at the next. */
  let doubtful: { link: ChainLink; recomputed: Buffer } | null = null

  const settle = (row: boolean, hash: boolean) => {
    if (!doubtful) return
    const { auditId, seq: place } = doubtful.link
    const what = row === hash ? "it or its seal" : row ? "it" : "its seal"
    add({
      kind: "changed",
      message: `Row ${auditId} at place ${place} does not fit the chain: ${what} was changed.`,
    })
    doubtful = null
  }

  return {
    /** Of the last link; null before the first. */
    place: () => (rows === 0 ? null : seq),
    step(link: ChainLink) {
      if (link.seq !== seq + 1)
        add({ kind: "gap", message: `After place ${seq} the chain goes on at place ${link.seq}.` })
      const follows = link.seq === seq + 1
      if (link.text === null) {
        settle(true, true)
        add({ kind: "missing", message: `Row ${link.auditId} at place ${link.seq} was removed.` })
      } else {
        const recomputed = chainHash(before, link.text)
        const fits = recomputed.equals(link.hash)
        const fitsRecomputed = doubtful && chainHash(doubtful.recomputed, link.text).equals(link.hash)
        settle(fits && follows, !fits && follows && fitsRecomputed === true)
        // A link after a gap has nothing to be held against, and one after a changed seal fits what the seal was.
        if (!fits && follows && !fitsRecomputed) doubtful = { link, recomputed }
        firstAt ??= link.at
        lastAt = link.at
      }
      if (contains === link.hash.toString("hex")) contained = true
      before = link.hash
      seq = link.seq
      rows += 1
    },
    end() {
      settle(true, true)
      return { rows, head: rows > 0 ? before.toString("hex") : null, firstAt, lastAt, contained }
    },
  }
}
