import { z } from "zod"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { type ConfigDifference, configurationDifferences } from "./configuration-differences.ts"
import { type BackupDetail, readBackup } from "./read-backup.ts"

export const compareBackupsInput = z.object({ backupId: z.string(), withId: z.string() })

export type BackupComparison = {
  left: BackupDetail["backup"]
  right: BackupDetail["backup"]
  differences: ConfigDifference[]
  /** Passwords are sealed: `unknown` when both have some, `differ` when one has and the other has none. */
  passwords: "none" | "differ" | "unknown"
}

/**
 * What differs between two backups, of one machine or of two of the same family. Throws NOT_FOUND when the actor may not
 * look at both, INVALID for two families, CONFLICT when one cannot be read.
 */
export async function compareBackups(
  ctx: Context,
  input: z.input<typeof compareBackupsInput>,
): Promise<BackupComparison> {
  const { backupId, withId } = parseInput(compareBackupsInput, input)
  const [left, right] = await Promise.all([
    readBackup(ctx, { backupId }),
    readBackup(ctx, { backupId: withId }),
  ])
  if (left.backup.family !== right.backup.family)
    throw new DomainError("INVALID", "Backups of two families of machines cannot be compared.")
  if (!left.config || !right.config)
    throw new DomainError("CONFLICT", left.unreadable ?? right.unreadable ?? "A backup cannot be read.")
  const withPasswords = Number(left.backup.hasPasswords) + Number(right.backup.hasPasswords)
  return {
    left: left.backup,
    right: right.backup,
    differences: configurationDifferences(left.config, right.config),
    passwords: withPasswords === 0 ? "none" : withPasswords === 1 ? "differ" : "unknown",
  }
}
