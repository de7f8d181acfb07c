import { readBackup } from "#server/backups/read-backup.ts"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import { listArtifacts } from "#server/firmware/list-artifacts.ts"
import { translator } from "./strings/translate.ts"

/**
 * What the ids in settings of commands stand for: backups and firmware, as far as the reader may see them and they are
 * still there.
 */
export async function stockNames(
  ctx: Context,
  actions: { type: string; parameters: unknown }[],
): Promise<Record<string, string>> {
  const t = translator("en")
  const names: Record<string, string> = {}
  const idsOf = (type: string, name: string) =>
    actions
      .filter((action) => action.type === type)
      .map((action) => String((action.parameters as Record<string, unknown>)[name]))
  for (const backupId of new Set(idsOf("RESTORE_CONFIG", "backup_id"))) {
    const found = await orNothing(readBackup(ctx, { backupId }))
    if (found) names[backupId] = `${found.backup.name} (${found.backup.minerName})`
  }
  if (idsOf("UPDATE_FIRMWARE", "artifact_id").length > 0)
    for (const { id, version, fileName } of (await orNothing(listArtifacts(ctx)))?.artifacts ?? [])
      names[id] = t("request.field.artifactOption", { version, file: fileName })
  return names
}

/** null for what is not his to see, or gone. */
async function orNothing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof DomainError && (error.code === "NOT_FOUND" || error.code === "FORBIDDEN"))
      return null
    throw error
  }
}
