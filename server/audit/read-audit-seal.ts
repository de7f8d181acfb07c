import { readChainHead } from "#db/queries/audit-chain.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/** The newest link of the chain over the audit log: its place, its hash (hexadecimal), and when it was made. */
export type AuditSeal = { place: number; hash: string; sealedAt: Date }

/**
 * The head to keep elsewhere, so that a chain that was cut off or written anew shows (`verifyAudit`). Null when nothing is
 * sealed yet, and for those who do not read the whole log.
 */
export async function readAuditSeal(ctx: Context): Promise<AuditSeal | null> {
  if (scopeOf(ctx.actor, "AUDIT_VIEW", "FULL").kind !== "all") return null
  const head = await readChainHead(ctx.db)
  return head ? { place: head.seq, hash: head.hash.toString("hex"), sealedAt: head.sealedAt } : null
}
