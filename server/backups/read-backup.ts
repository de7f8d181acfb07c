import { z } from "zod"
import type { BackupRow } from "#db/queries/backups.ts"
import type { MinerConfiguration } from "#server/contract/edge.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { levelAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { findBackup } from "./backup-scope.ts"
import { openConfiguration } from "./open-configuration.ts"

export const readBackupInput = z.object({ backupId: z.string() })

export type BackupDetail = {
  backup: BackupRow
  /** Secrets masked; null: it cannot be read, and `unreadable` says why. */
  config: MinerConfiguration | null
  unreadable: string | null
  can: { change: boolean; restore: boolean }
}

/** One backup with its settings, masked. Throws NOT_FOUND for one that the actor may not look at. */
export async function readBackup(
  ctx: Context,
  input: z.input<typeof readBackupInput>,
): Promise<BackupDetail> {
  const { backupId } = parseInput(readBackupInput, input)
  const backup = await findBackup(ctx, backupId)
  const change = levelAt(ctx.actor, "REMOTE_CONTROL_REQUEST", backup.siteId) === "FULL"
  const can = { change, restore: change && backup.minerExists }
  try {
    return { backup, config: await openConfiguration(ctx, backup), unreadable: null, can }
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "CONFLICT") throw error
    return { backup, config: null, unreadable: error.message, can: { ...can, restore: false } }
  }
}
