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
  const findings = [temperatureHealth(reading, limits)]
  if (!asleep) findings.push(boardsHealth(reading), fansHealth(reading), rateHealth(reading))
  if (findings.includes("critical")) return "critical"
  return findings.includes("warning") ? "warning" : "healthy"
}

function boardsHealth({ boards, boards_total }: Judged): OverallHealth {
  if (boards == null || boards.length === 0) return "healthy"
  const states = boards.map((board) => boardHealth(board.chips_ok, board.chips_total))
  if (states.includes("critical") || states.includes("offline")) return "critical"
  if (boards_total != null && boards.length < boards_total) return "critical"
  return states.includes("warning") ? "warning" : "healthy"
}

function temperatureHealth({ boards, temperature_max }: Judged, limits: TempLimits): OverallHealth {
  const chip = hottest(boards?.map((board) => board.temp_chip_max))
  const board = hottest(boards?.map((each) => each.temp))
  // The total is the hottest chip, unless the family only knows board sensors; then the boards already speak.
  const total = chip === null && board !== null ? null : (temperature_max ?? null)
  const hottestChip = hottest([chip, total])
  if (reaches(hottestChip, limits.chipCriticalC) || reaches(board, limits.boardCriticalC)) return "critical"
  return reaches(hottestChip, limits.chipWarningC) || reaches(board, limits.boardWarningC)
    ? "warning"
    : "healthy"
}

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

function hottest(values: (number | null | undefined)[] | undefined): number | null {
  const known = (values ?? []).filter((value) => value != null)
  return known.length === 0 ? null : Math.max(...known)
}

const reaches = (value: number | null, limit: number) => value !== null && value >= limit

/** Boards with at least 95 % of their chips. Null when no board can be judged. */
export function healthyBoards(boards: readonly BoardSample[] | null | undefined): number | null {
  const judged = (boards ?? []).filter(
    ({ chips_ok, chips_total }) => chips_ok === 0 || (chips_ok != null && chips_total),
  )
  if (judged.length === 0) return null
  return judged.filter(
    (board) => board.chips_ok! > 0 && board.chips_ok! >= board.chips_total! * HEALTHY_CHIP_SHARE,
  ).length
}

/**
 * Chips a board should have: the catalogue's figure, unless the machine shows that it is of another batch: a board
 * has more, or all its working boards (two at least) agree on another figure within 10 % of the catalogue's.
 */
export function chipsPerBoard(catalogue: number | null, detected: readonly (number | null)[]): number | null {
  const counts = detected.filter((count) => count !== null && count > 0) as number[]
  if (counts.length === 0) return catalogue
  const most = Math.max(...counts)
  if (catalogue === null) return null
  if (most > catalogue) return most
  const agreed = counts.length > 1 && counts.every((count) => count === most)
  return agreed && most >= catalogue * 0.9 ? most : catalogue
}

/** J/TH from a measured power and the hashrate of now; null when either is missing or the machine does not hash. */
export function efficiencyJth(powerW: number | null | undefined, rateGhs: number | null): number | null {
  if (powerW == null || powerW <= 0 || rateGhs === null || rateGhs <= 0) return null
  const jth = powerW / (rateGhs / 1000)
  return jth <= MAX_JTH ? Math.round(jth * 100) / 100 : null
}
