import type { SqlTransaction } from "#db/client.ts"
import {
  type FleetEventRow,
  findHotMiners,
  insertFleetEvents,
  type LiveBefore,
  readLiveForUpdate,
  upsertLive,
} from "#db/queries/telemetry.ts"
import type { LiveRow, RawRow } from "#db/queries/telemetry-rows.ts"
import { deadBoardsOf, foldLive, type LiveState, mayCross, type ThermalLimits } from "./fold-live.ts"

export type LiveUpdate = { wentOffline: number[]; cameOnline: number[] }

/**
 * Brings the live rows to the newest sample of every machine and writes what changed as fleet events. Reads the old
 * rows, decides in memory (`foldLive`), writes in one statement; samples that are not newer change nothing.
 */
export async function updateLive(
  tx: SqlTransaction,
  place: { siteId: number; deviceId: number; receivedAt: Date; limits: ThermalLimits },
  rows: readonly RawRow[],
  added: readonly number[],
): Promise<LiveUpdate> {
  const { siteId, deviceId, receivedAt, limits } = place
  const byMiner = inOrder(rows)
  const minerIds = [...byMiner.keys()]
  const withDead = minerIds.filter((id) =>
    byMiner.get(id)?.some((row) => deadBoardsOf(row.sample).length > 0),
  )
  const before = new Map(
    (await readLiveForUpdate(tx, siteId, deviceId, minerIds, withDead)).map((row) => [row.minerId, row]),
  )
  const hot = await hotBefore(tx, siteId, byMiner, before, limits.chipWarningC)

  const newAmong = new Set(added)
  const live: LiveRow[] = []
  const events: FleetEventRow[] = []
  const update: LiveUpdate = { wentOffline: [], cameOnline: [] }
  for (const [minerId, ownRows] of byMiner) {
    const old = before.get(minerId)
    let state = old ? stateOf(old, hot.has(minerId)) : null
    const first = ownRows[0] as RawRow
    if (newAmong.has(minerId))
      events.push({
        minerId,
        kind: "miner_added",
        severity: "info",
        message: "First seen.",
        at: new Date(first.collectedAtMs),
      })
    let newest: RawRow | null = null
    for (const row of ownRows) {
      const folded = foldLive(state, row.sample, row.collectedAtMs, limits)
      if (folded.state === state) continue
      state = folded.state
      newest = row
      for (const { atMs, ...change } of folded.changes)
        events.push({ minerId, ...change, at: new Date(atMs) })
    }
    if (!newest || !state) continue
    live.push({
      ...newest,
      receivedAtMs: receivedAt.getTime(),
      misses: state.misses,
      offlineSinceMs: state.offlineSinceMs,
    })
    const wasOffline = old?.offlineSince != null
    if (state.offlineSinceMs !== null && !wasOffline) update.wentOffline.push(minerId)
    if (state.offlineSinceMs === null && wasOffline) update.cameOnline.push(minerId)
  }
  if (live.length > 0) await upsertLive(tx, live)
  if (events.length > 0) await insertFleetEvents(tx, siteId, deviceId, events)
  return update
}

/** The rows of each machine, oldest first. */
function inOrder(rows: readonly RawRow[]): Map<number, RawRow[]> {
  const byMiner = new Map<number, RawRow[]>()
  for (const row of rows) {
    const own = byMiner.get(row.minerId)
    if (own) own.push(row)
    else byMiner.set(row.minerId, [row])
  }
  for (const own of byMiner.values())
    if (own.length > 1) own.sort((one, other) => one.collectedAtMs - other.collectedAtMs)
  return byMiner
}

async function hotBefore(
  tx: SqlTransaction,
  siteId: number,
  byMiner: Map<number, RawRow[]>,
  before: Map<number, LiveBefore>,
  warningC: number,
): Promise<Set<number>> {
  const hot = new Set<number>()
  const uncertain: number[] = []
  for (const [minerId, rows] of byMiner) {
    const old = before.get(minerId)
    if (!old) continue
    const temperatures = rows.map((row) => row.sample.temperature_max ?? null)
    if (mayCross(old.temperatureMax, temperatures, warningC)) uncertain.push(minerId)
    else if (old.temperatureMax !== null && old.temperatureMax >= warningC) hot.add(minerId)
  }
  if (uncertain.length > 0) for (const minerId of await findHotMiners(tx, siteId, uncertain)) hot.add(minerId)
  return hot
}

function stateOf(row: LiveBefore, hot: boolean): LiveState {
  return {
    collectedAtMs: row.collectedAt.getTime(),
    misses: row.misses,
    offlineSinceMs: row.offlineSince?.getTime() ?? null,
    temperatureMax: row.temperatureMax,
    boardsHealthy: row.boardsHealthy,
    deadBoards: row.deadBoards,
    hot,
  }
}
