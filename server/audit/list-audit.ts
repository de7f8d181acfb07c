import { z } from "zod"
import { AUDIT_COUNT_LIMIT, listAuditRows } from "#db/queries/audit.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

const PAGE_SIZE = 50

export const listAuditInput = z.object({
  siteId: z.number().int().optional(),
  action: z.string().trim().max(64).optional(),
  actor: z.string().trim().max(254).optional(),
  q: z.string().trim().max(200).optional(),
  from: z.date().optional(),
  to: z.date().optional(),
  page: z.number().int().min(1).max(10_000).default(1),
})

export type AuditRow = Awaited<ReturnType<typeof listAuditRows>>["rows"][number]
export type AuditPage = {
  rows: AuditRow[]
  /** At most 10,000; `more` when there are more. */
  total: number
  more: boolean
  page: number
  pageSize: number
}

/**
 * The audit log, newest first: all of it for admins and global auditors, the rows of their sites for site managers and
 * auditors there. Throws FORBIDDEN without AUDIT_VIEW anywhere.
 */
export async function listAudit(
  ctx: Context,
  input: z.input<typeof listAuditInput> = {},
): Promise<AuditPage> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const { page, ...filter } = parseInput(listAuditInput, input)
  if (filter.siteId !== undefined) requirePermission(ctx, "AUDIT_VIEW", filter.siteId, "FULL")
  const scope = scopeOf(ctx.actor, "AUDIT_VIEW", "FULL")
  if (ctx.actor.kind === "device" || (scope.kind !== "all" && scope.siteIds.length === 0))
    throw new DomainError("FORBIDDEN", "Your role does not allow to read the audit log.")
  const { rows, total } = await listAuditRows(ctx.db, scope, filter, {
    limit: PAGE_SIZE,
    offset: (page - 1) * PAGE_SIZE,
  })
  return {
    rows,
    total: Math.min(total, AUDIT_COUNT_LIMIT),
    more: total > AUDIT_COUNT_LIMIT,
    page,
    pageSize: PAGE_SIZE,
  }
}
