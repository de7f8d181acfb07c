import { z } from "zod"
import { countOpenRestores, lockBackup, removeBackup } from "#db/queries/backups.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { findChangeableBackup } from "./backup-scope.ts"
import { tellBackupChanged } from "./tell-backup-changed.ts"

export const deleteBackupInput = z.object({ backupId: z.string() })

/** Deletes a backup for good. Throws NOT_FOUND, FORBIDDEN, and CONFLICT while a command would restore it. */
export async function deleteBackup(
  ctx: Context,
  input: z.input<typeof deleteBackupInput>,
): Promise<{ name: string }> {
  const { backupId } = parseInput(deleteBackupInput, input)
  const backup = await findChangeableBackup(ctx, backupId)
  await ctx.db.transaction(async (tx) => {
    if (!(await lockBackup(tx, backup))) throw new DomainError("NOT_FOUND", "There is no such backup.")
    if ((await countOpenRestores(tx, backup)) > 0)
      throw new DomainError(
        "CONFLICT",
        "A command that has not ended restores this backup. Cancel it or wait.",
      )
    await removeBackup(tx, backup)
    const { name, kind, minerId, createdAt, configHash } = backup
    await writeAudit(tx, ctx, {
      action: "backup.delete",
      siteId: backup.siteId,
      subjectType: "backup",
      subjectId: backup.id,
      before: { name, kind, minerId, createdAt: createdAt.toISOString(), configHash },
    })
    await tellBackupChanged(tx, ctx, backup)
  })
  return { name: backup.name }
}
