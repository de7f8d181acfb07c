import { OFFLINE_AFTER_MISSES } from "#server/contract/budgets.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"

/**
 * What a machine's live row remembers between samples, and what the next sample changes. Pure: no clock, no database.
 *
 *   online ──offline sample──▶ missing (1, 2) ──third in a row──▶ offline (since that sample) ──online sample──▶ online
 *   cool ──chip ≥ warning──▶ hot ──chip < warning − 3 °C──▶ cool
 *
 * A sample that is not newer than the state changes nothing: a spool drained late must not undo the present.
 */
export type LiveState = {
  collectedAtMs: number
  misses: number
  offlineSinceMs: number | null
  temperatureMax: number | null
  boardsHealthy: number | null
  /** Ids of boards that told 0 chips; null when that is not known. */
  deadBoards: readonly number[] | null
  hot: boolean
}

export type LiveChange = {
  kind: "miner_offline" | "miner_online" | "board_lost" | "board_back" | "hot" | "cooled"
  severity: "info" | "warning" | "critical"
  message: string
  atMs: number
}

export type ThermalLimits = { chipWarningC: number; chipCriticalC: number }

/** A machine counts as cooled only this far under the warning, so that it does not flutter around it. */
export const COOLED_BELOW_WARNING_C = 3

/** The state after a sample, and the changes worth telling. `null`: the machine's first sample. */
export function foldLive(
  before: LiveState | null,
  sample: TelemetrySample,
  collectedAtMs: number,
  limits: ThermalLimits,
): { state: LiveState; changes: LiveChange[] } {
  if (before && collectedAtMs <= before.collectedAtMs) return { state: before, changes: [] }
  const changes: LiveChange[] = []
  const tell = (kind: LiveChange["kind"], severity: LiveChange["severity"], message: string) =>
    changes.push({ kind, severity, message, atMs: collectedAtMs })

  const misses = sample.online ? 0 : Math.min((before?.misses ?? 0) + 1, 32_767)
  let offlineSinceMs = before?.offlineSinceMs ?? null
  if (sample.online && offlineSinceMs !== null) {
    offlineSinceMs = null
    tell("miner_online", "info", "Back online.")
  } else if (!sample.online && offlineSinceMs === null && misses >= OFFLINE_AFTER_MISSES) {
    offlineSinceMs = collectedAtMs
    const why = sample.error_message ? `: ${sample.error_message}` : ""
    tell("miner_offline", "critical", `No answer in ${OFFLINE_AFTER_MISSES} readings${why}`.slice(0, 300))
  }

  const temperatureMax = sample.temperature_max ?? null
  const crossed = thermalChange(before?.hot ?? false, temperatureMax, limits)
  if (crossed === "hot" && temperatureMax !== null)
    tell(
      "hot",
      temperatureMax >= limits.chipCriticalC ? "critical" : "warning",
      `Hottest chip ${temperatureMax.toFixed(1)} °C, warning at ${limits.chipWarningC} °C.`,
    )
  if (crossed === "cooled" && temperatureMax !== null)
    tell("cooled", "info", `Hottest chip back to ${temperatureMax.toFixed(1)} °C.`)

  const boardsHealthy = sample.boards_healthy ?? null
  const deadBoards = deadBoardsOf(sample)
  // A machine that sleeps or does not answer says nothing about its boards.
  if (before && sample.online && sample.mining !== false) {
    const newlyDead = before.deadBoards
      ? deadBoards.filter((board) => !before.deadBoards?.includes(board))
      : []
    const lost =
      before.boardsHealthy !== null && boardsHealthy !== null ? before.boardsHealthy - boardsHealthy : 0
    if (newlyDead.length > 0)
      tell("board_lost", "warning", `Board ${newlyDead.join(", ")} has no chips left.`)
    else if (lost > 0) tell("board_lost", "warning", healthyBoards(sample))
    else if (lost < 0) tell("board_back", "info", healthyBoards(sample))
  }

  return {
    state: {
      collectedAtMs,
      misses,
      offlineSinceMs,
      temperatureMax,
      boardsHealthy,
      deadBoards,
      hot: crossed === "hot" || ((before?.hot ?? false) && crossed !== "cooled"),
    },
    changes,
  }
}

function healthyBoards(sample: TelemetrySample): string {
  const total = sample.boards_total ?? sample.boards?.length
  return `${sample.boards_healthy}${total == null ? "" : ` of ${total}`} boards healthy.`
}

function thermalChange(
  hot: boolean,
  temperature: number | null,
  limits: ThermalLimits,
): "hot" | "cooled" | null {
  if (temperature === null) return null
  if (!hot && temperature >= limits.chipWarningC) return "hot"
  return hot && temperature < limits.chipWarningC - COOLED_BELOW_WARNING_C ? "cooled" : null
}

export function deadBoardsOf(sample: TelemetrySample): number[] {
  if (!sample.boards) return []
  return sample.boards.filter((board) => board.chips_ok === 0).map((board) => board.id)
}

/**
 * Whether these temperatures can make a machine hot or cool, seen from the last one known: only then its state has to
 * be looked up.
 */
export function mayCross(
  last: number | null,
  temperatures: readonly (number | null)[],
  warningC: number,
): boolean {
  const cool = warningC - COOLED_BELOW_WARNING_C
  return temperatures.some(
    (now) =>
      now !== null && ((now >= warningC && (last ?? 0) < warningC) || (now < cool && (last ?? cool) >= cool)),
  )
}
