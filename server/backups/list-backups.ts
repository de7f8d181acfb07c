import { z } from "zod"
import { BACKUP_COUNT_LIMIT, type BackupRow, countBackups, selectBackupPage } from "#db/queries/backups.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { backupScopeOf } from "./backup-scope.ts"

export const BACKUP_KINDS = ["manual", "automatic", "pre_update"] as const

export const listBackupsInput = z.object({
  siteId: z.number().int().optional(),
  minerId: z.number().int().optional(),
  family: z.string().max(64).optional(),
  kind: z.enum(BACKUP_KINDS).optional(),
  q: z.string().trim().max(200).optional(),
  page: z.number().int().min(1).max(10_000).default(1),
  pageSize: z.number().int().min(1).max(100).default(50),
})

export type { BackupRow }
export type BackupPage = {
  rows: BackupRow[]
  /** At most 10,000; `more` when there are more. */
  total: number
  more: boolean
  page: number
  pageSize: number
}

/** Backups that the actor may look at, newest first. Throws FORBIDDEN when his role shows him none anywhere. */
export async function listBackups(
  ctx: Context,
  input: z.input<typeof listBackupsInput> = {},
): Promise<BackupPage> {
  const scope = backupScopeOf(ctx)
  const { page, pageSize, ...filter } = parseInput(listBackupsInput, input)
  const at = ctx.now()
  const [rows, total] = await Promise.all([
    selectBackupPage(ctx.db, scope, filter, at, { limit: pageSize, offset: (page - 1) * pageSize }),
    countBackups(ctx.db, scope, filter, at),
  ])
  return {
    rows,
    total: Math.min(total, BACKUP_COUNT_LIMIT),
    more: total > BACKUP_COUNT_LIMIT,
    page,
    pageSize,
  }
}
