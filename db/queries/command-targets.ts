import { type SQL, sql } from "drizzle-orm"
import { type CommandFeature, type CommandType, conflictingFeatures } from "#server/contract/commands.ts"

/** What an action asks of a machine, as far as the database can tell before the edge looks again. */
export type TargetDemand = {
  type: CommandType
  feature: CommandFeature
  /** As stored: another command of the same type with other parameters is in conflict. */
  parameters: Record<string, unknown>
  /** Is tried on a machine that counts as offline. */
  attemptOffline: boolean
  /**
   * What its collector has to be able to open. `device`: anything sealed to it later; `subject`: what a command or
   * template holds for it; null: the action carries no secret.
   */
  secrets: { from: "device" } | { from: "subject"; subjectType: "command" | "template"; id: string } | null
  /** RESTORE_CONFIG: `miner_backups.id`. */
  backupId: string | null
  /** UPDATE_FIRMWARE: `firmware_artifacts.id`. */
  artifactId: string | null
  /** Its own open rows are no conflict. */
  exceptCommandId: string | null
}

/** Joins what `blockReason` looks at to `hosting_miners m`. */
export const targetJoins = sql`
  left join edge_devices d on d.id = m.device_id
  left join miner_telemetry_live l on l.site_id = m.site_id and l.miner_id = m.id
  left join miner_capabilities cap on cap.site_id = m.site_id and cap.make = coalesce(m.make, '')
    and cap.model = coalesce(m.model, '') and cap.firmware = coalesce(m.firmware, '')
    and cap.firmware_version = coalesce(m.firmware_version, '')`

/**
 * Why a machine (`m`, beside `targetJoins`) gets no command now: a `BLOCK_REASONS`, or null. One expression for preview
 * and dispatch. A model and firmware that no collector reported is not blocked: the edge checks again.
 */
export function blockReason(demand: TargetDemand): SQL {
  return sql`case
    when m.id is null or m.state = 'retired' then 'retired'
    when m.device_id is null or d.id is null or d.revoked_at is not null then 'no_collector'
    when l.miner_id is null then 'never_reported'
    when l.offline_since is not null and not ${demand.attemptOffline}::boolean then 'offline'
    when ${blockDetail(demand)} is not null then 'unsupported'
    when ${inConflict(demand)} then 'conflict'
    when ${withoutKey(demand)} then 'no_key'
    when ${foreignBackup(demand)} then 'foreign_backup' end`
}

/** Why the machine's model and firmware cannot do it, in the driver's words; null: they can, or nobody knows. */
export function blockDetail({ feature, artifactId }: TargetDemand): SQL {
  const driver = sql`cap.features ->> ${feature}::text`
  if (artifactId === null) return sql`(${driver})`
  // What the make tells of the family; the edge knows it and refuses the rest.
  return sql`coalesce(${driver}, (
    select 'The firmware is for other machines: ' || array_to_string(a.families, ', ') || '.' from firmware_artifacts a
    where a.id = ${artifactId}::uuid and lower(m.make) in ('antminer', 'whatsminer') and not exists (
      select 1 from unnest(a.families) f where f = 'generic-cgminer' or split_part(f, '-', 1) = lower(m.make))), (
    select 'The firmware is for ' || array_to_string(a.models, ', ') || '.' from firmware_artifacts a
    where a.id = ${artifactId}::uuid and a.models <> '{}' and m.model is not null
      and lower(m.model) not in (select lower(unnest(a.models)))))`
}

/** An open row on the machine that does the opposite, or the same in another way. */
function inConflict({ type, feature, parameters, exceptCommandId }: TargetDemand): SQL {
  const others = `{${conflictingFeatures(feature)
    .map((other) => `"${other}"`)
    .join(",")}}`
  // Two backups under two names do not disturb each other.
  const otherwise =
    type === "BACKUP_CONFIG"
      ? sql`false`
      : sql`(o.command_type = ${type} and o.parameters <> ${JSON.stringify(parameters)}::jsonb)`
  const except = exceptCommandId ? sql`and o.remote_command_id <> ${exceptCommandId}::uuid` : sql``
  return sql`exists (select 1 from miner_commands o where o.site_id = m.site_id and o.miner_id = m.id
    and o.status in ('pending', 'sent') ${except} and (o.feature = any(${others}::text[]) or ${otherwise}))`
}

function withoutKey({ secrets, backupId }: TargetDemand): SQL {
  if (backupId !== null)
    return sql`exists (select 1 from miner_backups b where b.site_id = m.site_id and b.id = ${backupId}::uuid
      and b.sealed is not null and b.device_id <> m.device_id)`
  if (secrets === null) return sql`false`
  if (secrets.from === "device") return sql`d.public_key is null`
  return sql`not exists (select 1 from sealed_secrets s where s.site_id = m.site_id
    and s.subject_type = ${secrets.subjectType} and s.subject_id = ${secrets.id}::uuid and s.device_id = m.device_id)`
}

function foreignBackup({ backupId }: TargetDemand): SQL {
  if (backupId === null) return sql`false`
  return sql`not exists (select 1 from miner_backups b
    where b.site_id = m.site_id and b.id = ${backupId}::uuid and b.miner_id = m.id)`
}
