import type { Executor } from "#db/client.ts"
import { selectSealedBackup } from "#db/queries/backups.ts"
import { minerConfigurationSchema, type TakenBackup } from "#server/contract/edge.ts"
import type { Vault } from "../vault.ts"
import { aboutBackup } from "./require-vault.ts"

/**
 * What RESTORE_CONFIG sends to the edge: the settings in clear and the passwords as its collector sealed them; null
 * when there is no such backup at the site. Throws CONFLICT when it was stored under another LAMPROOM_SECRET.
 */
export async function selectBackupForLease(
  db: Executor,
  vault: Vault,
  siteId: number,
  backupId: string,
): Promise<TakenBackup | null> {
  const row = await selectSealedBackup(db, siteId, backupId)
  if (!row) return null
  const config = minerConfigurationSchema.parse(JSON.parse(vault.open(aboutBackup(backupId), row.config)))
  return { config, sealed: row.sealed }
}
