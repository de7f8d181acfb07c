import { z } from "zod"
import { lockBackup, selectRestoreFacts, updateBackup } from "#db/queries/backups.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { findChangeableBackup } from "./backup-scope.ts"
import { openConfiguration } from "./open-configuration.ts"
import { restoreProblems } from "./restore-problems.ts"
import { tellBackupChanged } from "./tell-backup-changed.ts"

export const validateBackupInput = z.object({ backupId: z.string() })

/**
 * Looks whether the backup can be restored now, and stores what was found: sentences, none when nothing stands against
 * it. Whether a collector's disk still has its key cannot be seen from here. Throws NOT_FOUND, FORBIDDEN.
 */
export async function validateBackup(
  ctx: Context,
  input: z.input<typeof validateBackupInput>,
): Promise<{ problems: string[] }> {
  const { backupId } = parseInput(validateBackupInput, input)
  const backup = await findChangeableBackup(ctx, backupId)
  const problems = await find(ctx, backup)
  await ctx.db.transaction(async (tx) => {
    if (!(await lockBackup(tx, backup))) throw new DomainError("NOT_FOUND", "There is no such backup.")
    await updateBackup(tx, backup, {
      validatedAt: ctx.now(),
      validatedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
      problems,
    })
    await writeAudit(tx, ctx, {
      action: "backup.validate",
      siteId: backup.siteId,
      subjectType: "backup",
      subjectId: backup.id,
      details: { name: backup.name, minerId: backup.minerId, problems },
    })
    await tellBackupChanged(tx, ctx, backup)
  })
  return { problems }
}

async function find(
  ctx: Context,
  backup: Awaited<ReturnType<typeof findChangeableBackup>>,
): Promise<string[]> {
  const now = await selectRestoreFacts(ctx.db, backup)
  try {
    return restoreProblems(await openConfiguration(ctx, backup), backup, now)
  } catch (error) {
    // What cannot be read cannot be restored: that is the finding.
    if (error instanceof DomainError && error.code === "CONFLICT") return [error.message]
    throw error
  }
}
