import {
  type BoardSample,
  boardHealth,
  currentHashrateGhs,
  type OverallHealth,
} from "#server/contract/telemetry.ts"
import type { Reading, TempLimits } from "./driver.ts"

/** Before this much uptime a low hashrate is a warm-up, not a finding (`decisions.md` 3). */
export const WARM_UP_SECONDS = 900
export const LOW_HASHRATE_SHARE = 0.8
const HEALTHY_CHIP_SHARE = 0.95
/** Beyond this a rate is as good as none (a machine warming up), and a ratio to it means nothing. */
const MAX_JTH = 1e6

type Judged = Pick<
  Reading,
  | "online"
  | "mining"
  | "power_mode"
  | "boards"
  | "boards_total"
  | "fan_speeds"
  | "temperature_max"
  | "hashrate_ghs"
  | "hashrate_5s_ghs"
  | "hashrate_expected_ghs"
  | "uptime_seconds"
>

/**
 * The worst of: boards (missing, dead or under 95 % of chips critical, some chips gone a warning), chips and boards
 * against the site's limits, a fitted fan at 0 RPM (critical), and a short-window rate under 80 % of expected after
 * 15 minutes (a warning). A machine asleep stands still on purpose: only its temperatures are judged. What is not
 * known is not judged.
 */
export function overallHealth(reading: Judged, limits: TempLimits): OverallHealth {
  if (!reading.online) return "offline"
  const asleep = reading.mining === false && reading.power_mode === "sleep"
  const temperature = temperatureHealth(reading, limits)
  if (asleep || temperature === "critical") return temperature
  const boards = boardsHealth(reading)
  if (boards === "critical" || fansHealth(reading) === "critical") return "critical"
  return temperature === "warning" || boards === "warning" ? "warning" : rateHealth(reading)
}

function boardsHealth({ boards, boards_total }: Judged): OverallHealth {
  if (boards == null || boards.length === 0) return "healthy"
  if (boards_total != null && boards.length < boards_total) return "critical"
  let worst: OverallHealth = "healthy"
  for (const { chips_ok, chips_total } of boards) {
    const state = boardHealth(chips_ok, chips_total)
    if (state === "critical" || state === "offline") return "critical"
    if (state === "warning") worst = "warning"
  }
  return worst
}

function temperatureHealth({ boards, temperature_max }: Judged, limits: TempLimits): OverallHealth {
  let chip = NOT_KNOWN
  let board = NOT_KNOWN
  for (const { temp, temp_chip_max } of boards ?? []) {
    if (temp_chip_max != null && temp_chip_max > chip) chip = temp_chip_max
    if (temp != null && temp > board) board = temp
  }
  // The total is the hottest chip, unless the family only knows board sensors; then the boards already speak.
  const total = chip === NOT_KNOWN && board !== NOT_KNOWN ? null : temperature_max
  if (total != null && total > chip) chip = total
  if (chip >= limits.chipCriticalC || board >= limits.boardCriticalC) return "critical"
  return chip >= limits.chipWarningC || board >= limits.boardWarningC ? "warning" : "healthy"
}

/** Reaches no limit. */
const NOT_KNOWN = Number.NEGATIVE_INFINITY

function fansHealth({ fan_speeds, mining }: Judged): OverallHealth {
  return mining !== false && fan_speeds?.includes(0) ? "critical" : "healthy"
}

function rateHealth(reading: Judged): OverallHealth {
  const rate = currentHashrateGhs(reading)
  const expected = reading.hashrate_expected_ghs
  if (rate === null || expected == null || expected <= 0 || reading.uptime_seconds == null) return "healthy"
  return reading.uptime_seconds >= WARM_UP_SECONDS && rate < expected * LOW_HASHRATE_SHARE
    ? "warning"
    : "healthy"
}

/** Boards with at least 95 % of their chips. Null when no board can be judged. */
export function healthyBoards(boards: readonly BoardSample[] | null | undefined): number | null {
  let judged = 0
  let healthy = 0
  for (const { chips_ok, chips_total } of boards ?? []) {
    if (chips_ok !== 0 && (chips_ok == null || !chips_total)) continue
    judged += 1
    if (chips_ok > 0 && chips_ok >= chips_total! * HEALTHY_CHIP_SHARE) healthy += 1
  }
  return judged === 0 ? null : healthy
}

/**
 * Chips a board should have: the catalogue's figure, unless the machine shows that it is of another batch: a board
 * has more, or all its working boards (two at least) agree on another figure within 10 % of the catalogue's.
 */
export function chipsPerBoard(catalogue: number | null, detected: readonly (number | null)[]): number | null {
  let known = 0
  let most = 0
  let agreed = true
  for (const count of detected) {
    if (count === null || count <= 0) continue
    if (known > 0 && count !== most) agreed = false
    known += 1
    if (count > most) most = count
  }
  if (known === 0) return catalogue
  if (catalogue === null) return null
  if (most > catalogue) return most
  return agreed && known > 1 && most >= catalogue * 0.9 ? most : catalogue
}

/** J/TH from a measured power and the hashrate of now; null when either is missing or the machine does not hash. */
export function efficiencyJth(powerW: number | null | undefined, rateGhs: number | null): number | null {
  if (powerW == null || powerW <= 0 || rateGhs === null || rateGhs <= 0) return null
  const jth = powerW / (rateGhs / 1000)
  return jth <= MAX_JTH ? Math.round(jth * 100) / 100 : null
}
