import type { Transaction } from "#db/client.ts"
import {
  appendLinks,
  deleteUnsealed,
  readChainHead,
  selectUnsealed,
  tryLockSealing,
} from "#db/queries/audit-chain.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import { CHAIN_START, chainHash } from "./chain-hash.ts"

const BATCH = 5_000

/** `busy`: somebody else is sealing; he may have looked before the newest rows were there. */
export type Sealed = { sealed: number; busy: boolean }

/**
 * Appends every committed row of the audit log that the chain does not hold yet, in the order of their ids, a batch a
 * transaction. Rows of a transaction that commits later are sealed later, whatever their ids: writers never wait.
 * Idempotent, safe with any number of workers. Throws FORBIDDEN for anybody but the system.
 */
export async function sealAudit(ctx: Context, batch = BATCH): Promise<Sealed> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker seals the audit log.")
  let sealed = 0
  for (;;) {
    const done = await ctx.db.transaction((tx) => sealBatch(tx, batch))
    if (done === null) return { sealed, busy: true }
    sealed += done.sealed
    if (done.looked < batch) return { sealed, busy: false }
  }
}

async function sealBatch(tx: Transaction, batch: number): Promise<{ looked: number; sealed: number } | null> {
  if (!(await tryLockSealing(tx))) return null
  const rows = await selectUnsealed(tx, batch)
  if (rows.length === 0) return { looked: 0, sealed: 0 }
  const head = await readChainHead(tx)
  let seq = head?.seq ?? 0
  let hash = head?.hash ?? CHAIN_START
  const links = rows
    .filter((row) => !row.sealed)
    .map((row) => {
      seq += 1
      hash = chainHash(hash, row.text)
      return { seq, auditId: row.auditId, hash }
    })
  if (links.length > 0) await appendLinks(tx, links)
  await deleteUnsealed(
    tx,
    rows.map((row) => row.auditId),
  )
  return { looked: rows.length, sealed: links.length }
}
