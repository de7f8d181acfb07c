import { z } from "zod"
import { AUDIT_COUNT_LIMIT, AUDIT_SOURCES, type AuditSource, listAuditRows } from "#db/queries/audit.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { auditScopeOf } from "./audit-scope.ts"

const PAGE_SIZE = 50

export const auditFilterInput = z.object({
  siteId: z.number().int().optional(),
  action: z.string().trim().max(64).optional(),
  actor: z.string().trim().max(254).optional(),
  source: z.enum(AUDIT_SOURCES).optional(),
  q: z.string().trim().max(200).optional(),
  from: z.date().optional(),
  to: z.date().optional(),
})
export const listAuditInput = auditFilterInput.extend({
  page: z.number().int().min(1).max(10_000).default(1),
})

export type { AuditSource }
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
  const { page, ...filter } = parseInput(listAuditInput, input)
  const scope = auditScopeOf(ctx, filter.siteId)
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
