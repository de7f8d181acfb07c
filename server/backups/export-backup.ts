import { z } from "zod"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { readBackup } from "./read-backup.ts"

export const exportBackupInput = z.object({ backupId: z.string() })

/** A backup as a JSON document for people, with secrets masked and no ciphertext. Throws NOT_FOUND, CONFLICT. */
export async function exportBackup(
  ctx: Context,
  input: z.input<typeof exportBackupInput>,
): Promise<{ fileName: string; text: string }> {
  const { backupId } = parseInput(exportBackupInput, input)
  const { backup, config, unreadable } = await readBackup(ctx, { backupId })
  if (!config) throw new DomainError("CONFLICT", unreadable ?? "The backup cannot be read.")
  const { id, name, description, kind, siteName, minerName, createdAt } = backup
  const document = {
    format: "lamproom-backup/1",
    id,
    name,
    description,
    kind,
    site: siteName,
    machine: minerName,
    taken_at: createdAt.toISOString(),
    passwords: backup.hasPasswords ? "sealed, not in this file" : "none",
    config,
  }
  const machine = minerName.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 60) || "machine"
  const day = createdAt.toISOString().slice(0, 10)
  return { fileName: `backup-${machine}-${day}.json`, text: `${JSON.stringify(document, null, 2)}\n` }
}
