import { z } from "zod"
import { type CommandResultRow, type ResultQuery, selectResultsAfter } from "#db/queries/commands-results.ts"
import type { CommandScope } from "#db/queries/commands-scope.ts"
import { parseInput } from "../access/parse-input.ts"
import type { Context } from "../context.ts"
import { type CsvCell, csvLine } from "../csv.ts"
import { commandScopeOf } from "./command-scope.ts"
import { poolSlotOf } from "./pool-change.ts"
import { findCommand } from "./read-command.ts"

export const exportResultsInput = z.object({ commandId: z.string() })

type Command = { id: string; type: string; requestedAt: Date }

/**
 * The columns of the file, in their order. Empty is unknown. `result_code`: 0 ok, 1 failed, 2 skipped, 3 rejected,
 * 4 busy, 5 unknown outcome; `duration_ms`: from start to finish at the machine; `recovered_at`: when it showed what
 * its command demands; `before` and `after`: JSON as the machine told.
 */
const COLUMNS: readonly [name: string, cell: (row: CommandResultRow, command: Command) => CsvCell][] = [
  ["command_id", (_, command) => command.id],
  ["command_type", (_, command) => command.type],
  ["requested_at", (_, command) => command.requestedAt],
  ["miner_id", (row) => row.minerKey],
  ["label", (row) => row.label],
  ["model", (row) => row.model],
  ["ip_address", (row) => row.ip],
  ["place", (row) => row.place],
  ["wave", (row) => row.wave],
  ["status", (row) => row.resultStatus],
  ["result_code", (row) => row.resultCode],
  ["skip_reason", (row) => row.skipReason],
  ["already", (row) => row.already],
  ["message", (row) => row.resultMessage],
  ["ran", (row) => row.ran],
  ["attempt", (row) => row.attempt],
  ["started_at", (row) => row.startedAt],
  ["finished_at", (row) => row.finishedAt],
  ["duration_ms", (row) => durationMs(row)],
  ["recovered_at", (row) => row.recoveredAt],
  ["hashrate_before_ghs", (row) => row.hashrateBeforeGhs],
  ["old_pool_url", (row) => row.oldPoolUrl],
  ["old_worker", (row) => row.oldWorker],
  ["new_pool_url", (row) => row.newPoolUrl],
  ["new_worker", (row) => row.newWorker],
  ["backup_id", (row) => row.backupId],
  ["before", (row) => (row.before ? JSON.stringify(row.before) : null)],
  ["after", (row) => (row.after ? JSON.stringify(row.after) : null)],
]

export const RESULT_COLUMNS: readonly string[] = COLUMNS.map(([name]) => name)

function durationMs(row: CommandResultRow): number | null {
  return row.startedAt && row.finishedAt ? row.finishedAt.getTime() - row.startedAt.getTime() : null
}

const PIECE = 1_000

/**
 * All targets of a command that the actor may see as lines of a CSV file, its header first, each with its line end; read
 * piece by piece, so that its size does not matter. Throws NOT_FOUND before the first line.
 */
export async function exportResults(
  ctx: Context,
  input: z.input<typeof exportResultsInput>,
): Promise<AsyncIterable<string>> {
  const { commandId } = parseInput(exportResultsInput, input)
  const scope = commandScopeOf(ctx)
  const command = await findCommand(ctx, scope, commandId)
  return lines(ctx, scope, command, {
    siteId: command.siteId,
    commandId: command.id,
    slot: poolSlotOf(command),
  })
}

async function* lines(
  ctx: Context,
  scope: CommandScope,
  command: Command,
  query: ResultQuery,
): AsyncGenerator<string> {
  yield csvLine(RESULT_COLUMNS)
  let after = 0
  for (;;) {
    const rows = await selectResultsAfter(ctx.db, scope, query, after, PIECE)
    for (const row of rows) yield csvLine(COLUMNS.map(([, cell]) => cell(row, command)))
    const last = rows.at(-1)
    if (!last || rows.length < PIECE) return
    after = last.minerId
  }
}
