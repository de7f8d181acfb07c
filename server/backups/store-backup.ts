import { randomUUID } from "node:crypto"
import type { Transaction } from "#db/client.ts"
import { insertBackup, selectBackupCommands, type TakenByCommand } from "#db/queries/backups.ts"
import type { CommandType } from "#server/contract/commands.ts"
import { type TakenBackup, takenBackupSchema } from "#server/contract/edge.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { canonicalJson } from "./canonical-json.ts"
import { maskConfiguration } from "./mask-configuration.ts"
import { aboutBackup, requireVault } from "./require-vault.ts"

/** `minerId` is `hosting_miners.id`; `deviceId` the collector that sealed the passwords; `takenAt` the edge's clock. */
export type BackupToStore = {
  siteId: number
  commandId: string
  minerId: number
  deviceId: number
  takenAt: Date
  taken: TakenBackup
}

/**
 * Keeps the settings that commands took of machines, in the caller's transaction: masked again, enciphered, one a
 * command and machine (a repeat changes nothing). Name and kind come from the command. Returns how many were new.
 */
export async function storeBackups(
  tx: Transaction,
  ctx: Context,
  rows: readonly BackupToStore[],
): Promise<number> {
  if (rows.length === 0) return 0
  const vault = requireVault(ctx)
  const now = ctx.now()
  const commands = await selectBackupCommands(tx, rows)
  const stored: BackupToStore[] = []
  for (const row of rows) {
    const command = commands.find((one) => one.siteId === row.siteId && one.id === row.commandId)
    if (!command) continue
    const { config, sealed } = parseInput(takenBackupSchema, row.taken)
    const masked = maskConfiguration(config)
    const id = randomUUID()
    const isNew = await insertBackup(tx, {
      siteId: row.siteId,
      id,
      minerId: row.minerId,
      ...describe(command),
      family: config.family,
      model: config.model,
      firmwareVersion: config.firmware_version,
      config: vault.seal(aboutBackup(id), JSON.stringify(masked)),
      configHash: vault.mark(canonicalJson(masked)),
      sealed,
      deviceId: row.deviceId,
      commandId: row.commandId,
      createdBy: command.requestedBy,
      createdAt: row.takenAt < now ? row.takenAt : now,
    })
    if (isNew) stored.push(row)
  }
  for (const siteId of new Set(stored.map((row) => row.siteId)))
    await notifyLive(tx, {
      kind: "miners",
      siteId,
      minerIds: stored.filter((row) => row.siteId === siteId).map((row) => row.minerId),
      change: "edited",
      at: now.toISOString(),
    })
  return stored.length
}

const BEFORE: Partial<Record<CommandType, string>> = {
  CHANGE_POOL: "Before the change of pools",
  UPDATE_FIRMWARE: "Before the firmware update",
}

function describe(command: TakenByCommand) {
  if (command.type !== "BACKUP_CONFIG")
    return { kind: "pre_update" as const, name: BEFORE[command.type] ?? "Before a change", description: null }
  const { name, description } = command.parameters as { name?: string; description?: string }
  return {
    kind:
      command.source === "manual" || command.source === "api" ? ("manual" as const) : ("automatic" as const),
    name: name ?? "Backup",
    description: description ?? null,
  }
}
