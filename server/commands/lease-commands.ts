// path: command 6/10
import type { Transaction } from "#db/client.ts"
import {
  type LeasedRow,
  lapseRows,
  leaseRows,
  lockLeases,
  selectHeldCommandIds,
  selectLeasable,
  selectLeaseGate,
} from "#db/queries/commands-lease.ts"
import { type CommandState, lockCommandStates } from "#db/queries/commands-state.ts"
import { FIRMWARE_LEASE_MS, LEASE_MS } from "#server/contract/budgets.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import { selectBackupForLease } from "../backups/select-backup-for-lease.ts"
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
  /** The collector's process has just started: what an earlier one held lapses now instead of a minute later. */
  started?: boolean
}
/** `paused`: the kill switch of the site or the collector is on; then nothing is leased. */
export type LeaseAnswer = { paused: boolean; commands: LeasedCommand[] }

/**
 * Hands a collector commands for its own machines, most urgent first, each under a lease of 60 s (firmware 30 min) with
 * a fencing token that grows with every lease: released waves only, one command a machine at a time in the order of
 * their dispatch, as many at a site at once as its cap says. A lease that lapsed without an answer is handed out again:
 * the collector's journal answers for what it ran. Throws CONFLICT when another process holds the key.
 */
export async function leaseCommands(ctx: Context, input: LeaseInput): Promise<LeaseAnswer> {
  const device = requireDevice(ctx)
  await claimInstance(ctx, { instanceId: input.instanceId })
  if (input.journal) await checkJournal(ctx, device, input.journal)
  const { siteId, deviceId } = device
  if (input.started) await lapseLeases(ctx, siteId, deviceId)
  // Looked at without the lock first: a quiet poll holds nobody up.
  const gate = await selectLeaseGate(ctx.db, siteId, deviceId, ctx.now())
  if (gate.paused || gate.room <= 0 || !gate.waiting) return { paused: gate.paused, commands: [] }

  const { paused, commands, rows } = await ctx.db.transaction((tx) =>
    lease(tx, ctx, { siteId, deviceId, max: input.max }),
  )
  const backupFirst = new Map(commands.map((command) => [command.id, command.backupFirst]))
  const leased: LeasedCommand[] = []
  for (const row of rows)
    leased.push(asLeased(row, backupFirst.get(row.commandId) ?? false, await backupOf(ctx, siteId, row)))
  return { paused, commands: leased }
}

/** A crash must not use up the site's cap until its leases lapse; the journal answers for what it ran. */
async function lapseLeases(ctx: Context, siteId: number, deviceId: number): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await lockCommandStates(tx, siteId, await selectHeldCommandIds(tx, siteId, deviceId))
    await lapseRows(tx, siteId, deviceId, ctx.now())
  })
}

async function lease(
  tx: Transaction,
  ctx: Context,
  { siteId, deviceId, max }: { siteId: number; deviceId: number; max: number },
): Promise<{ paused: boolean; commands: CommandState[]; rows: LeasedRow[] }> {
  await lockLeases(tx, siteId)
  const at = ctx.now()
  const { paused, room } = await selectLeaseGate(tx, siteId, deviceId, at)
  if (paused || room <= 0) return { paused, commands: [], rows: [] }
  const picked = await selectLeasable(tx, { siteId, deviceId, max: Math.min(max, room), at })
  const commandIds = [...new Set(picked.map((row) => row.commandId))]
  const commands = (await lockCommandStates(tx, siteId, commandIds)).filter(
    (command) => command.status === "QUEUED" || command.status === "RUNNING",
  )
  const rows = await leaseRows(tx, {
    siteId,
    ids: picked.map((row) => row.id),
    commandIds: commands.map((command) => command.id),
    at,
    leaseUntil: new Date(at.getTime() + LEASE_MS),
    firmwareLeaseUntil: new Date(at.getTime() + FIRMWARE_LEASE_MS),
  })
  for (const command of commands) {
    const leased = rows.filter((row) => row.commandId === command.id)
    if (leased.length === 0) continue
    if (command.status === "QUEUED")
      await moveCommand(tx, ctx, command, "RUNNING", {
        change: { startedAt: at },
        details: { leased: leased.length },
      })
    else await tellStarted(tx, command, leased, at)
  }
  return { paused, commands, rows }
}

async function tellStarted(
  tx: Transaction,
  command: CommandState,
  leased: LeasedRow[],
  at: Date,
): Promise<void> {
  const minerIds = leased.map((row) => row.minerRowId)
  const { siteId, id: commandId } = command
  await notifyLive(tx, { kind: "command", siteId, commandId, minerIds, at: at.toISOString() })
}

/** What a restore writes. One that cannot be read is left out, and the edge refuses to act without it. */
async function backupOf(ctx: Context, siteId: number, row: LeasedRow): Promise<LeasedCommand["backup"]> {
  const backupId = row.type === "RESTORE_CONFIG" ? row.parameters.backup_id : null
  if (typeof backupId !== "string" || !ctx.vault) return null
  try {
    return await selectBackupForLease(ctx.db, ctx.vault, siteId, backupId)
  } catch (error) {
    ctx.log.error({ err: error, command_id: row.commandId, backup_id: backupId }, "a backup cannot be read")
    return null
  }
}

function asLeased(row: LeasedRow, backupFirst: boolean, backup: LeasedCommand["backup"]): LeasedCommand {
  return {
    id: row.id,
    command_id: row.commandId,
    miner_id: row.minerId,
    ip_address: row.ipAddress,
    mac: row.mac,
    serial: row.serial,
    label: row.label,
    type: row.type,
    parameters: row.parameters,
    sealed: row.sealed,
    backup_first: backupFirst,
    backup,
    artifact: row.artifact,
    priority: row.priority,
    attempt: row.attempt,
    fencing_token: row.fencingToken,
    lease_until: row.leaseUntil.toISOString(),
    expires_at: row.expiresAt.toISOString(),
  }
}
