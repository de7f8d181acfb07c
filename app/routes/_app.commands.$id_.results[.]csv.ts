import type { LoaderFunctionArgs } from "@remix-run/node"
import { downloadsCsv } from "#app/lib/download.ts"
import { requireUser } from "#server/access/permission.ts"
import { exportResults } from "#server/commands/export-results.ts"

/** Every machine of a command that the reader may see, with what was done to it. */
export async function loader(args: LoaderFunctionArgs) {
  return downloadsCsv(args, async ({ ctx, params }) => {
    requireUser(ctx)
    const commandId = params.id ?? ""
    return { fileName: `command-${commandId}.csv`, lines: await exportResults(ctx, { commandId }) }
  })
}
