// path: command 6/10
import { type CommandRow, lockCommands, uuidArray } from "#db/queries/commands.ts"
import { type LeasedRow, leaseRows, selectLeasableCommandIds } from "#db/queries/commands-edge.ts"
import { FIRMWARE_LEASE_MS, LEASE_MS } from "#server/contract/budgets.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import { claimInstance } from "../collectors/claim-instance.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { checkJournal } from "./check-journal.ts"
import { moveCommand } from "./lifecycle.ts"

export type LeaseInput = {
  max: number
  instanceId: string
  /** Null: the journal was checked earlier in the same poll. */
  journal: { epoch: string; seq: number } | null
}

/**
 * Hands a collector commands for its own machines, most urgent first, each under a lease of 60 s with a fencing token
 * that grows with every lease. A lease that lapsed without an answer is handed out again: the collector's journal
 * answers for what it ran. Throws CONFLICT when another process holds the key.
 */
export async function leaseCommands(ctx: Context, input: LeaseInput): Promise<LeasedCommand[]> {
  const device = requireDevice(ctx)
  await claimInstance(ctx, { instanceId: input.instanceId })
  if (input.journal) await checkJournal(ctx, device, input.journal)
  const { siteId, deviceId } = device
  const at = ctx.now()
  const ids = await selectLeasableCommandIds(ctx.db, siteId, deviceId, input.max, at)
  if (ids.length === 0) return []

  return ctx.db.transaction(async (tx) => {
    const commands = await lockCommands(tx, siteId, ids)
    const open = commands.filter((command) => command.status === "QUEUED" || command.status === "RUNNING")
    const rows = await leaseRows(tx, {
      siteId,
      deviceId,
      commandIds: uuidArray(open.map((command) => command.id)),
      max: input.max,
      at,
      leaseUntil: new Date(at.getTime() + LEASE_MS),
      firmwareLeaseUntil: new Date(at.getTime() + FIRMWARE_LEASE_MS),
    })
    for (const command of open) {
      const leased = rows.filter((row) => row.commandId === command.id)
      if (leased.length === 0) continue
      if (command.status === "QUEUED")
        await moveCommand(tx, ctx, command, "RUNNING", {
          change: { startedAt: at },
          details: { leased: leased.length },
        })
      else await tellStarted(tx, command, leased, at)
    }
    return rows.map(asLeased)
  })
}

async function tellStarted(
  tx: Parameters<typeof notifyLive>[0],
  command: CommandRow,
  leased: LeasedRow[],
  at: Date,
): Promise<void> {
  const minerIds = leased.map((row) => row.minerRowId)
  const { siteId, id: commandId } = command
  await notifyLive(tx, { kind: "command", siteId, commandId, minerIds, at: at.toISOString() })
}

function asLeased(row: LeasedRow): LeasedCommand {
  return {
    id: row.id,
    command_id: row.commandId,
    miner_id: row.minerId,
    ip_address: row.ipAddress,
    mac: row.mac,
    serial: row.serial,
    type: row.type,
    parameters: row.parameters,
    priority: row.priority,
    attempt: row.attempt,
    fencing_token: row.fencingToken,
    lease_until: row.leaseUntil.toISOString(),
    expires_at: row.expiresAt.toISOString(),
  }
}
