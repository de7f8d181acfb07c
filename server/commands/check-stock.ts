import type { Executor } from "#db/client.ts"
import { selectSealedBackup } from "#db/queries/backups.ts"
import { lockArtifact, selectArtifact } from "#db/queries/firmware.ts"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import { DomainError } from "#server/contract/errors.ts"

/** The firmware file that an update names exists; for a preview. Throws INVALID. */
export async function checkArtifact(db: Executor, action: StoredAction): Promise<void> {
  if (action.type !== "UPDATE_FIRMWARE") return
  if (!(await selectArtifact(db, action.parameters.artifact_id))) throw noArtifact()
}

/**
 * What the action draws on is there, and stays until the transaction ends: the firmware file of an update, and for a
 * restore a backup of its only target. Throws INVALID.
 */
export async function holdStock(
  tx: Executor,
  action: StoredAction,
  targets: ReadonlyMap<number, readonly number[]>,
): Promise<void> {
  if (action.type === "UPDATE_FIRMWARE" && !(await lockArtifact(tx, action.parameters.artifact_id)))
    throw noArtifact()
  if (action.type !== "RESTORE_CONFIG") return
  const [[siteId, minerIds] = [0, []], ...others] = [...targets]
  if (others.length > 0 || minerIds.length !== 1)
    throw new DomainError("INVALID", "A backup is restored on one machine, its own.", {
      details: [{ path: "targets", message: "Choose the machine of the backup." }],
    })
  const backup = await selectSealedBackup(tx, siteId, action.parameters.backup_id)
  if (backup?.minerId !== minerIds[0])
    throw new DomainError("INVALID", "There is no such backup of this machine.", {
      details: [{ path: "action.parameters.backup_id", message: "Choose a backup of this machine." }],
    })
}

function noArtifact(): DomainError {
  return new DomainError("INVALID", "There is no such firmware file.", {
    details: [{ path: "action.parameters.artifact_id", message: "Choose a firmware file." }],
  })
}
