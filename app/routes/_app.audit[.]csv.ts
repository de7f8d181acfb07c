import type { LoaderFunctionArgs } from "@remix-run/node"
import { auditQueryOf } from "#app/lib/audit-query.ts"
import { downloadsCsv } from "#app/lib/download.ts"
import { requireUser } from "#server/access/permission.ts"
import { exportAudit } from "#server/audit/export-audit.ts"
import { listSites } from "#server/sites/list-sites.ts"

/** The rows of the audit page with the same filters, all of them. */
export async function loader(args: LoaderFunctionArgs) {
  return downloadsCsv(args, async ({ ctx, url }) => {
    requireUser(ctx)
    const { filter } = auditQueryOf(url.searchParams, ctx.actor, await listSites(ctx))
    return {
      fileName: `audit-${ctx.now().toISOString().slice(0, 19).replaceAll(":", "")}Z.csv`,
      lines: await exportAudit(ctx, filter),
    }
  })
}
