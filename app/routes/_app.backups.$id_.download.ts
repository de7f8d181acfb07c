import type { LoaderFunctionArgs } from "@remix-run/node"
import { reads } from "#app/lib/page.ts"
import { exportBackup } from "#server/backups/export-backup.ts"

/** The settings as a file, secrets masked. */
export async function loader(args: LoaderFunctionArgs) {
  return reads(args, async ({ ctx, params }) => {
    const { fileName, text } = await exportBackup(ctx, { backupId: params.id ?? "" })
    return new Response(text, {
      headers: {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": `attachment; filename="${fileName}"`,
        "Cache-Control": "private, no-store",
      },
    })
  })
}
