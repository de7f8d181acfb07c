import { type SQL, sql } from "drizzle-orm"
import type { CommandSource, CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { minerBackups } from "../schema/command-stock.ts"
import { intArray, type Scope } from "./scope.ts"

/** Settings of machines at a moment. `config` is ciphertext: only verbs, which have the vault, can read it. */
export type BackupKind = (typeof minerBackups.$inferSelect)["kind"]
export type NewBackup = Omit<typeof minerBackups.$inferInsert, "validatedAt" | "validatedBy" | "problems">

/** False: this command has one of this machine already. */
export async function insertBackup(tx: Executor, row: NewBackup): Promise<boolean> {
  const rows = await tx
    .insert(minerBackups)
    .values(row)
    .onConflictDoNothing({ target: [minerBackups.siteId, minerBackups.commandId, minerBackups.minerId] })
    .returning({ id: minerBackups.id })
  return rows.length > 0
}

export type TakenByCommand = {
  siteId: number
  id: string
  type: CommandType
  parameters: Record<string, unknown>
  source: CommandSource
  requestedBy: number | null
}

/** The commands that took backups, for their names and kinds. */
export async function selectBackupCommands(
  tx: Executor,
  of: readonly { siteId: number; commandId: string }[],
): Promise<TakenByCommand[]> {
  return tx.execute<TakenByCommand>(sql`
    select site_id as "siteId", id, command_type as type, parameters, source, requested_by as "requestedBy"
    from remote_commands
    where site_id = any(${intArray([...new Set(of.map((one) => one.siteId))])})
      and id = any(${`{${[...new Set(of.map((one) => one.commandId))].join(",")}}`}::uuid[])`)
}

/** What a restore sends: the settings as ciphertext and the passwords as the collector sealed them. */
export async function selectSealedBackup(
  db: Executor,
  siteId: number,
  id: string,
): Promise<{ minerId: number; deviceId: number; config: string; sealed: string | null } | null> {
  const rows = await db.execute<{
    minerId: number
    deviceId: number
    config: string
    sealed: string | null
  }>(sql`
    select miner_id as "minerId", device_id as "deviceId", config, sealed
    from miner_backups where site_id = ${siteId} and id = ${id}::uuid`)
  return rows[0] ?? null
}

/** Condition on `miner_backups b`: what the reader may see; for a client, machines of his, taken while they were. */
export function backupInScope(scope: Scope, at: Date): SQL {
  if (scope.kind === "all") return sql`true`
  const inSites = sql`b.site_id = any(${intArray(scope.siteIds)})`
  if (scope.kind === "sites") return inSites
  const now = sql`${at.toISOString()}::timestamptz`
  return sql`(${inSites} and exists (
    select 1 from user_miners um
    where um.site_id = b.site_id and um.miner_id = b.miner_id and um.user_id = ${scope.userId}
      and um.from_at <= b.created_at and (um.to_at is null or um.to_at > ${now})))`
}
