import { selectSealedBackup } from "#db/queries/backups.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import { aboutBackup, requireVault } from "./require-vault.ts"

/**
 * The settings of a backup that the caller has found in his scope, without passwords. Throws NOT_FOUND when it was
 * deleted meanwhile, CONFLICT when it cannot be deciphered or is not as this release writes it.
 */
export async function openConfiguration(
  ctx: Context,
  backup: { siteId: number; id: string },
): Promise<MinerConfiguration> {
  const row = await selectSealedBackup(ctx.db, backup.siteId, backup.id)
  if (!row) throw new DomainError("NOT_FOUND", "There is no such backup.")
  const parsed = minerConfigurationSchema.safeParse(
    JSON.parse(requireVault(ctx).open(aboutBackup(backup.id), row.config)),
  )
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join(".") ?? ""
  throw new DomainError("CONFLICT", `The stored settings are not as this release writes them: ${where}.`)
}
