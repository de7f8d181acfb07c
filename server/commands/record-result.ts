// path: command 9/10
import { z } from "zod"
import type { Transaction } from "#db/client.ts"
import {
  type EdgeRow,
  noteLateAnswers,
  type ResultWrite,
  selectEdgeRows,
  writeResults,
} from "#db/queries/commands-edge.ts"
import { selectWaitingDevices } from "#db/queries/commands-lease.ts"
import { type CommandState, lockCommandStates } from "#db/queries/commands-state.ts"
import { waveHasEnded } from "#db/queries/commands-waves.ts"
import { lockSite } from "#db/queries/sites.ts"
import { RESULT_CODES, type ResultCode, type ResultStatus, waveGate } from "#server/contract/commands.ts"
import { type AckAnswer, type CommandResult, commandResultSchema } from "#server/contract/edge.ts"
import { commandExecutionTotal } from "#server/metrics.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { storeBackups } from "../backups/store-backup.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"
import { bringLogins, storeSetLogins } from "../credentials/store-set-logins.ts"
import { notifyCommands, notifyLive } from "../live/notify-live.ts"
import { concludeCommand } from "./conclude.ts"

export const recordResultInput = z.object({ results: z.array(commandResultSchema).min(1).max(500) })

type AckState = AckAnswer["results"][number]["state"]
type Taken = { row: EdgeRow; result: CommandResult }

/**
 * Takes a collector's answers for its own rows, each once, with the backups they bring, and ends the commands whose last
 * target has answered; all in one transaction. `stale`: the row was leased again since. A repeat is `taken` and changes
 * nothing; an answer for a row that was given up as unknown is noted beside that verdict. The end of a wave, or a
 * failure in one, has its gate looked at at once.
 */
export async function recordResult(
  ctx: Context,
  input: z.input<typeof recordResultInput>,
): Promise<AckAnswer> {
  const { siteId, deviceId } = requireDevice(ctx)
  const { results } = parseInput(recordResultInput, input)
  const ids = results.map((result) => result.id)
  const { states, taken } = await ctx.db.transaction(async (tx) => {
    const found = await selectEdgeRows(tx, siteId, deviceId, ids)
    // The site before its commands, as everybody locks them.
    if (bringLogins(found)) await lockSite(tx, siteId)
    const commands = await lockCommandStates(tx, siteId, [...new Set(found.map((row) => row.commandId))])
    // Read again: the rows may have moved before their commands were ours.
    const rows = new Map((await selectEdgeRows(tx, siteId, deviceId, ids)).map((row) => [row.id, row]))
    const states = new Map<string, AckState>()
    const taken: Taken[] = []
    const late: Taken[] = []
    for (const result of results) {
      const row = rows.get(result.id)
      if (states.has(result.id)) continue
      states.set(result.id, stateOf(row, result))
      if (!row || states.get(result.id) !== "taken") continue
      if (row.status === "sent") taken.push({ row, result })
      else if (isLate(row, result)) late.push({ row, result })
    }
    await storeSetLogins(tx, ctx, siteId, [...taken, ...late])
    for (const command of commands) await settle(tx, ctx, command, taken, late)
    await keepBackups(tx, ctx, { siteId, deviceId }, [...taken, ...late])
    await goOn(tx, ctx, siteId, commands, taken)
    return { states, taken }
  })
  for (const { row, result } of taken)
    commandExecutionTotal.inc({ type: row.type, status: metricStatus(result.result_code) })
  return { results: results.map(({ id }) => ({ id, state: states.get(id) ?? "unknown" })) }
}

function stateOf(row: EdgeRow | undefined, result: CommandResult): AckState {
  if (!row) return "unknown"
  return row.fencingToken === BigInt(result.fencing_token).toString() ? "taken" : "stale"
}

function isLate(row: EdgeRow, result: CommandResult): boolean {
  return (
    row.resultCode === RESULT_CODES.UNKNOWN &&
    result.result_code !== RESULT_CODES.UNKNOWN &&
    !row.resultMessage?.includes(LATE)
  )
}
const LATE = "Answered too late:"

async function settle(
  tx: Transaction,
  ctx: Context,
  command: CommandState,
  allTaken: readonly Taken[],
  allLate: readonly Taken[],
): Promise<void> {
  const taken = allTaken.filter(({ row }) => row.commandId === command.id)
  const late = allLate.filter(({ row }) => row.commandId === command.id)
  if (taken.length + late.length === 0) return
  const at = ctx.now()
  if (taken.length > 0) await writeResults(tx, command.siteId, taken.map(asWrite), at)
  if (late.length > 0)
    await noteLateAnswers(
      tx,
      command.siteId,
      late.map(({ row, result }) => ({
        command_id: row.commandId,
        miner_id: row.minerId,
        message: `${row.resultMessage ?? ""} ${LATE} ${result.message}`.trim(),
      })),
    )
  await writeAudit(tx, ctx, {
    action: "command.result",
    siteId: command.siteId,
    subjectType: "command",
    subjectId: command.id,
    details: { ...countByStatus(taken), ...(late.length > 0 ? { late: late.length } : {}) },
  })
  await notifyLive(tx, {
    kind: "command",
    siteId: command.siteId,
    commandId: command.id,
    minerIds: [...taken, ...late].map(({ row }) => row.minerId),
    at: at.toISOString(),
  })
  if (command.status === "RUNNING") await concludeCommand(tx, ctx, command)
}

async function keepBackups(
  tx: Transaction,
  ctx: Context,
  { siteId, deviceId }: { siteId: number; deviceId: number },
  answered: readonly Taken[],
): Promise<void> {
  await storeBackups(
    tx,
    ctx,
    answered.flatMap(({ row, result }) => {
      if (!result.backup) return []
      const { commandId, minerId } = row
      return [
        { siteId, deviceId, commandId, minerId, takenAt: new Date(result.finished_at), taken: result.backup },
      ]
    }),
  )
}

/** Room under the cap and at the machines is used at once, and so is the end of a wave. */
async function goOn(
  tx: Transaction,
  ctx: Context,
  siteId: number,
  commands: readonly CommandState[],
  taken: readonly Taken[],
): Promise<void> {
  if (taken.length === 0) return
  for (const id of await selectWaitingDevices(tx, siteId)) await notifyCommands(tx, id)
  for (const command of commands) {
    const ofWave = taken.filter(
      ({ row }) => row.commandId === command.id && row.wave === command.releasedWave,
    )
    if (command.haltedAt || command.releasedWave >= command.waves || ofWave.length === 0) continue
    const failed = ofWave.some(({ result }) => resultStatusOf(result.result_code) === "FAILED")
    if (!failed && !(await waveHasEnded(tx, command, command.releasedWave))) continue
    await ctx.queue.send(tx, "command.advance-waves", {}, { singletonKey: "wave-ended" })
    return
  }
}

function resultStatusOf(code: ResultCode): ResultStatus {
  if (code === RESULT_CODES.OK) return "SUCCEEDED"
  return code === RESULT_CODES.SKIPPED ? "SKIPPED" : "FAILED"
}

function metricStatus(code: ResultCode): string {
  return code === RESULT_CODES.UNKNOWN ? "UNKNOWN" : resultStatusOf(code)
}

function asWrite({ row, result }: Taken): ResultWrite {
  const status = resultStatusOf(result.result_code)
  return {
    id: result.id,
    edge_status: status === "FAILED" ? "failed" : "completed",
    result_status: status,
    result_code: result.result_code,
    result_message: result.message,
    ran: result.ran,
    before: result.before,
    after: result.after,
    already: result.already,
    recovered: status === "SUCCEEDED" && waveGate(row.feature).sign === "answered",
    started_at: result.started_at,
    finished_at: result.finished_at,
  }
}

function countByStatus(taken: readonly Taken[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { result } of taken) {
    const name = metricStatus(result.result_code).toLowerCase()
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
