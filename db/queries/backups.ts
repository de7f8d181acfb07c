import { and, eq, type SQL, sql } from "drizzle-orm"
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

export type BackupFilter = {
  siteId?: number | undefined
  minerId?: number | undefined
  family?: string | undefined
  kind?: BackupKind | undefined
  /** Part of its name or description, of the machine's names and addresses, or of model and family. */
  q?: string | undefined
  id?: string | undefined
  /** The command that took it. */
  commandId?: string | undefined
}

export type BackupRow = {
  id: string
  siteId: number
  siteSlug: string
  siteName: string
  timezone: string
  /** `hosting_miners.id`; the name is the id when the machine is gone. */
  minerId: number
  minerName: string
  minerExists: boolean
  name: string
  description: string | null
  kind: BackupKind
  family: string
  model: string | null
  firmwareVersion: string | null
  configHash: string
  /** Whether pool passwords are sealed beside it. */
  hasPasswords: boolean
  deviceId: number
  commandId: string
  createdAt: Date
  /** Null for the system, and for a client unless it was himself. */
  createdByName: string | null
  validatedAt: Date | null
  validatedByName: string | null
  /** Null: not validated. */
  problems: string[] | null
}

/** A list past this is counted as this many. */
export const BACKUP_COUNT_LIMIT = 10_000

function matches(scope: Scope, filter: BackupFilter, at: Date): SQL {
  const conditions = [backupInScope(scope, at)]
  if (filter.siteId !== undefined) conditions.push(sql`b.site_id = ${filter.siteId}`)
  if (filter.minerId !== undefined) conditions.push(sql`b.miner_id = ${filter.minerId}`)
  if (filter.family) conditions.push(sql`b.family = ${filter.family}`)
  if (filter.kind) conditions.push(sql`b.kind = ${filter.kind}`)
  if (filter.id) conditions.push(sql`b.id = ${filter.id}::uuid`)
  if (filter.commandId) conditions.push(sql`b.command_id = ${filter.commandId}::uuid`)
  if (filter.q) {
    const like = `%${escapeLike(filter.q)}%`
    conditions.push(sql`(b.name || ' ' || coalesce(b.description, '') || ' ' || coalesce(b.model, '') || ' ' || b.family
      || ' ' || coalesce((select m.search_text from hosting_miners m where m.site_id = b.site_id and m.id = b.miner_id), '')
      ) ilike ${like}`)
  }
  return sql.join(conditions, sql` and `)
}

/** A page of backups, newest first. */
export async function selectBackupPage(
  db: Executor,
  scope: Scope,
  filter: BackupFilter,
  at: Date,
  page: { limit: number; offset: number },
): Promise<BackupRow[]> {
  const self = scope.kind === "owned" ? scope.userId : null
  const named = (user: SQL) =>
    scope.kind === "owned"
      ? sql`case when ${user}.id = ${self}::int then ${user}.name end`
      : sql`${user}.name`
  return db.execute<BackupRow>(sql`
    select b.id, b.site_id as "siteId", s.slug as "siteSlug", s.name as "siteName", s.timezone,
      b.miner_id as "minerId", coalesce(m.label, m.miner_id, b.miner_id::text) as "minerName",
      m.id is not null as "minerExists", b.name, b.description, b.kind, b.family, b.model,
      b.firmware_version as "firmwareVersion", b.config_hash as "configHash", b.sealed is not null as "hasPasswords",
      b.device_id as "deviceId", b.command_id as "commandId", b.created_at as "createdAt",
      ${named(sql`c`)} as "createdByName", b.validated_at as "validatedAt", ${named(sql`v`)} as "validatedByName",
      b.problems
    from miner_backups b
    join hosting_sites s on s.id = b.site_id
    left join hosting_miners m on m.site_id = b.site_id and m.id = b.miner_id
    left join user_access c on c.id = b.created_by
    left join user_access v on v.id = b.validated_by
    where ${matches(scope, filter, at)}
    order by b.created_at desc, b.id limit ${page.limit} offset ${page.offset}`)
}

export async function countBackups(
  db: Executor,
  scope: Scope,
  filter: BackupFilter,
  at: Date,
): Promise<number> {
  const rows = await db.execute<{ total: number }>(sql`
    select count(*)::int as total from (
      select 1 from miner_backups b where ${matches(scope, filter, at)} limit ${BACKUP_COUNT_LIMIT + 1}) counted`)
  return rows[0]?.total ?? 0
}

/** What a restore of the backup would meet now. Null: no such row any more. */
export type RestoreFacts = {
  miner: {
    state: "active" | "spare" | "retired"
    model: string | null
    firmwareVersion: string | null
    deviceId: number | null
    deviceName: string | null
  } | null
  /** The collector that took it. */
  device: { name: string; enrolledAt: Date; revoked: boolean; hasKey: boolean } | null
  /** Why this model and firmware cannot be restored, as its collector says; null: it can, or nobody has said. */
  cannot: string | null
}

export async function selectRestoreFacts(
  db: Executor,
  backup: { siteId: number; minerId: number; deviceId: number },
): Promise<RestoreFacts> {
  const [row] = await db.execute<{
    state: "active" | "spare" | "retired" | null
    model: string | null
    firmwareVersion: string | null
    minerDeviceId: number | null
    minerDeviceName: string | null
    deviceName: string | null
    enrolledAt: Date | null
    revoked: boolean | null
    hasKey: boolean | null
    cannot: string | null
  }>(sql`
    select m.state, m.model, m.firmware_version as "firmwareVersion", m.device_id as "minerDeviceId",
      md.name as "minerDeviceName", d.name as "deviceName", d.enrolled_at as "enrolledAt",
      d.revoked_at is not null as revoked, d.public_key is not null as "hasKey", k.features ->> 'RESTORE_CONFIG' as cannot
    from (select ${backup.siteId}::int as site_id, ${backup.minerId}::int as miner_id, ${backup.deviceId}::int as device_id) b
    left join hosting_miners m on m.site_id = b.site_id and m.id = b.miner_id
    left join edge_devices md on md.id = m.device_id
    left join edge_devices d on d.site_id = b.site_id and d.id = b.device_id
    left join miner_capabilities k on k.site_id = m.site_id and k.make = coalesce(m.make, '')
      and k.model = coalesce(m.model, '') and k.firmware = coalesce(m.firmware, '')
      and k.firmware_version = coalesce(m.firmware_version, '')`)
  return {
    miner: row?.state
      ? {
          state: row.state,
          model: row.model,
          firmwareVersion: row.firmwareVersion,
          deviceId: row.minerDeviceId,
          deviceName: row.minerDeviceName,
        }
      : null,
    device:
      row?.deviceName != null && row.enrolledAt
        ? {
            name: row.deviceName,
            enrolledAt: row.enrolledAt,
            revoked: row.revoked ?? false,
            hasKey: row.hasKey ?? false,
          }
        : null,
    cannot: row?.cannot ?? null,
  }
}

/** `name` or `description` absent: stays. */
export async function updateBackup(
  tx: Executor,
  backup: { siteId: number; id: string },
  change: Partial<
    Pick<
      typeof minerBackups.$inferInsert,
      "name" | "description" | "validatedAt" | "validatedBy" | "problems"
    >
  >,
): Promise<void> {
  await tx
    .update(minerBackups)
    .set(change)
    .where(and(eq(minerBackups.siteId, backup.siteId), eq(minerBackups.id, backup.id)))
}

/** Locks the row until the transaction ends; false: it is gone. */
export async function lockBackup(tx: Executor, backup: { siteId: number; id: string }): Promise<boolean> {
  const rows = await tx.execute(
    sql`select 1 from miner_backups where site_id = ${backup.siteId} and id = ${backup.id}::uuid for update`,
  )
  return rows.length > 0
}

export async function removeBackup(tx: Executor, backup: { siteId: number; id: string }): Promise<void> {
  await tx
    .delete(minerBackups)
    .where(and(eq(minerBackups.siteId, backup.siteId), eq(minerBackups.id, backup.id)))
}

/** How many commands that have not ended would restore it. */
export async function countOpenRestores(
  tx: Executor,
  backup: { siteId: number; id: string },
): Promise<number> {
  const rows = await tx.execute<{ open: number }>(sql`
    select count(*)::int as open from remote_commands
    where site_id = ${backup.siteId} and status in ('PENDING', 'PENDING_APPROVAL', 'QUEUED', 'RUNNING')
      and command_type = 'RESTORE_CONFIG' and parameters ->> 'backup_id' = ${backup.id}`)
  return rows[0]?.open ?? 0
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (letter) => `\\${letter}`)
}
