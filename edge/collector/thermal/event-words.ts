import type { HeatLevel, HeatLimits, ThermalAction } from "#server/contract/thermal.ts"

/** Words of the guard's events: they are stored as sentences, as results of commands are. */
export const ACTION_WORDS: Record<ThermalAction, string> = {
  fan_up: "all fans at full speed",
  eco: "low power",
  sleep: "sleep",
  off: "mining off",
}
export const UNDO_WORDS: Record<ThermalAction, string> = {
  fan_up: "the fans as they were",
  eco: "the power mode as it was",
  sleep: "awake again",
  off: "mining on again",
}

export const degrees = (tempC: number | null): string =>
  tempC === null ? "No temperature" : `${Math.round(tempC * 10) / 10} °C`

/** The limit that a level is over, °C. */
export function threshold(level: HeatLevel, limits: HeatLimits): number | null {
  if (level === "unknown") return null
  return level === "critical" ? limits.criticalC : limits.warningC
}

/** Why a command is refused on a machine that the guard holds. */
export function holdWords(hold: {
  sinceMs: number
  tempC: number | null
  thresholdC: number | null
  actions: readonly ThermalAction[]
}): string {
  const since = new Date(hold.sinceMs).toISOString().replace("T", " ").slice(0, 16)
  const at = hold.tempC === null ? "" : ` at ${degrees(hold.tempC)} (limit ${degrees(hold.thresholdC)})`
  const done = hold.actions.map((action) => ACTION_WORDS[action]).join(", ")
  return `Rejected: thermal hold: the thermal guard holds this machine since ${since} UTC${at}${done === "" ? "" : `: ${done}`}. It lets go by itself when the machine is cool; LED, backup and switching off are possible meanwhile.`
}
