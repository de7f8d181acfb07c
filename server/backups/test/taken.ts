import { randomUUID } from "node:crypto"
import type { TakenBackup } from "#server/contract/edge.ts"
import type { Farm, FarmSite } from "../../commands/test/farm.ts"
import { type BackupToStore, storeBackups } from "../store-backup.ts"

/** Settings of an Antminer as its collector sends them, with whatever else is given. */
export function taken(
  config: Partial<TakenBackup["config"]> = {},
  sealed: string | null = null,
): TakenBackup {
  return {
    config: {
      family: "antminer-stock",
      model: "Antminer S19",
      firmware_version: "2022-11",
      pools: [
        { url: "stratum+tcp://pool.example.com:3333", user: "farm.one" },
        { url: "stratum+tcp://backup.example.com:3333", user: "farm.one" },
      ],
      power_mode: "normal",
      frequency_mhz: 675,
      frequency_level_pct: null,
      voltage_v: null,
      fan: { mode: "auto", speed_pct: null },
      network: null,
      raw: {
        "bitmain-freq": "675",
        pools: [{ url: "stratum+tcp://pool.example.com:3333", user: "farm.one", pass: "***" }],
      },
      ...config,
    },
    sealed,
  }
}

type Asked = {
  type?: string
  parameters?: Record<string, unknown>
  source?: string
  requestedBy?: number | null
  status?: string
}

/** A command's row alone, as it stands when its results come in. */
export async function makeCommand(farm: Farm, siteId: number, asked: Asked = {}): Promise<string> {
  const id = randomUUID()
  const parameters = JSON.stringify(asked.parameters ?? { name: "Before summer" })
  await farm.database.sql`
    insert into remote_commands (site_id, id, request_id, command_type, parameters, status, source, target_ids,
      priority, ttl_minutes, requested_by, requested_at)
    values (${siteId}, ${id}, ${randomUUID()}, ${asked.type ?? "BACKUP_CONFIG"}, ${parameters}::jsonb,
      ${asked.status ?? "RUNNING"}, ${asked.source ?? "manual"}, '{}', 5, 30, ${asked.requestedBy ?? null}, ${farm.clock.now})`
  return id
}

/** Stores one backup of a machine, and tells its id. */
export async function makeBackup(
  farm: Farm,
  site: FarmSite,
  given: { minerId?: number; taken?: TakenBackup; asked?: Asked; takenAt?: Date; commandId?: string } = {},
): Promise<string> {
  const commandId = given.commandId ?? (await makeCommand(farm, site.siteId, given.asked))
  const row: BackupToStore = {
    siteId: site.siteId,
    commandId,
    minerId: given.minerId ?? site.minerIds[0]!,
    deviceId: site.device.deviceId,
    takenAt: given.takenAt ?? farm.clock.now,
    taken: given.taken ?? taken(),
  }
  await farm.services().db.transaction((tx) => storeBackups(tx, farm.as(site.device), [row]))
  const [stored] = await farm.database.sql<{ id: string }[]>`
    select id from miner_backups
    where site_id = ${site.siteId} and command_id = ${commandId} and miner_id = ${row.minerId}`
  return stored!.id
}
