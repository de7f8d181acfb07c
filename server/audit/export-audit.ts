import type { z } from "zod"
import { type AuditFilter, selectAuditRowsAfter } from "#db/queries/audit.ts"
import type { Scope } from "#db/queries/scope.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { type CsvCell, csvLine } from "../csv.ts"
import { auditScopeOf } from "./audit-scope.ts"
import { type AuditRow, auditFilterInput } from "./list-audit.ts"

const PIECE = 1_000

/** The columns of the file, in their order. Times are ISO 8601 in UTC; `place`: in the chain, empty: not sealed yet. */
const COLUMNS: readonly [name: string, cell: (row: AuditRow) => CsvCell][] = [
  ["id", (row) => row.id],
  ["at", (row) => row.at],
  ["actor", (row) => row.actor],
  ["source", (row) => row.source],
  ["address", (row) => row.address],
  ["action", (row) => row.action],
  ["site", (row) => row.siteSlug],
  ["subject_type", (row) => row.subjectType],
  ["subject_id", (row) => row.subjectId],
  ["before", (row) => json(row.before)],
  ["after", (row) => json(row.after)],
  ["details", (row) => json(row.details)],
  ["request_id", (row) => row.requestId],
  ["place", (row) => row.place],
]

function json(value: Record<string, unknown> | null): string | null {
  return value ? JSON.stringify(value) : null
}

/**
 * Every row of the audit log that the actor may read and the filter asks for, newest first, as lines of a CSV file with
 * their line ends, the header first; read piece by piece, so that its size does not matter. Throws as `listAudit`
 * does, before the first line.
 */
export async function exportAudit(
  ctx: Context,
  input: z.input<typeof auditFilterInput> = {},
): Promise<AsyncIterable<string>> {
  const filter = parseInput(auditFilterInput, input)
  return lines(ctx, auditScopeOf(ctx, filter.siteId), filter)
}

async function* lines(ctx: Context, scope: Scope, filter: AuditFilter): AsyncGenerator<string> {
  yield csvLine(COLUMNS.map(([name]) => name))
  let after: AuditRow | null = null
  for (;;) {
    const rows: AuditRow[] = await selectAuditRowsAfter(ctx.db, scope, filter, after, PIECE)
    for (const row of rows) yield csvLine(COLUMNS.map(([, cell]) => cell(row)))
    after = rows.at(-1) ?? null
    if (!after || rows.length < PIECE) return
  }
}
