import { z } from "zod"
import { selectBackupPage } from "#db/queries/backups.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { backupScopeOf } from "./backup-scope.ts"

export const findTakenBackupInput = z.object({ commandId: z.uuid(), minerId: z.number().int() })

/** The backup that a command took of a machine, as far as the actor may look at it; null: none yet. */
export async function findTakenBackup(
  ctx: Context,
  input: z.input<typeof findTakenBackupInput>,
): Promise<{ backupId: string } | null> {
  const { commandId, minerId } = parseInput(findTakenBackupInput, input)
  const [row] = await selectBackupPage(ctx.db, backupScopeOf(ctx), { commandId, minerId }, ctx.now(), {
    limit: 1,
    offset: 0,
  })
  return row ? { backupId: row.id } : null
}
