import { z } from "zod"
import { lockBackup, updateBackup } from "#db/queries/backups.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { personText } from "../commands/person-text.ts"
import type { Context } from "../context.ts"
import { findChangeableBackup } from "./backup-scope.ts"
import { tellBackupChanged } from "./tell-backup-changed.ts"

export const renameBackupInput = z.object({
  backupId: z.string(),
  name: personText(80).min(1, "Name the backup."),
  description: personText(500).nullable().default(null),
})

/** Another name and description. Throws NOT_FOUND, FORBIDDEN. */
export async function renameBackup(ctx: Context, input: z.input<typeof renameBackupInput>): Promise<void> {
  const { backupId, name, description } = parseInput(renameBackupInput, input)
  const backup = await findChangeableBackup(ctx, backupId)
  await ctx.db.transaction(async (tx) => {
    if (!(await lockBackup(tx, backup))) throw new DomainError("NOT_FOUND", "There is no such backup.")
    await updateBackup(tx, backup, { name, description })
    await writeAudit(tx, ctx, {
      action: "backup.rename",
      siteId: backup.siteId,
      subjectType: "backup",
      subjectId: backup.id,
      before: { name: backup.name, description: backup.description },
      after: { name, description },
    })
    await tellBackupChanged(tx, ctx, backup)
  })
}
