import { type HeatRow, selectHeatRows } from "#db/queries/thermal-check.ts"
import { findThermalConfig } from "#db/queries/thermal-config.ts"
import {
  type HeatLevel,
  hasStoppedFan,
  heatLimits,
  hottestC,
  judgeHeat,
  nextThermalAction,
  THERMAL_FEATURES,
  type ThermalAction,
} from "#server/contract/thermal.ts"
import type { Context } from "../context.ts"
import { type ThermalConfig, thermalConfigOf } from "./thermal-config.ts"
import { thermalSite } from "./thermal-site.ts"

/**
 * What the guard would do with a machine: `act` (the named step), `wait` (it holds the machine and a step may follow when
 * it has cooled down long enough), `undo` (cool: it would let go), `warn`, `exhausted` (too hot, no step is left),
 * `unreadable` (no temperature), `nothing`.
 */
export type ThermalVerdict = "act" | "wait" | "undo" | "warn" | "exhausted" | "unreadable" | "nothing"
export type CheckedMiner = {
  minerId: number
  name: string
  temperatureC: number | null
  level: HeatLevel
  stoppedFan: boolean
  verdict: ThermalVerdict
  action: ThermalAction | null
  /** Steps that this machine cannot take, with its driver's reason. */
  cannot: { action: ThermalAction; reason: string }[]
  held: ThermalAction[] | null
  heldSince: Date | null
  collectedAt: Date
}
export type ThermalCheck = {
  site: { id: number; slug: string; name: string }
  checkedAt: Date
  armed: boolean
  config: ThermalConfig
  /** Machines that were judged, and those that are not well; the hottest first. */
  judged: number
  miners: CheckedMiner[]
}

/**
 * Judges the newest readings of a site by its policy, without acting (C08). The collectors do the same with each reading,
 * and know besides when a cool-down has passed. Throws NOT_FOUND, FORBIDDEN without THERMAL_MANAGE READ.
 */
export async function checkThermal(ctx: Context, input: { slug: string }): Promise<ThermalCheck> {
  const site = await thermalSite(ctx, input.slug, "READ")
  const config = thermalConfigOf(site, await findThermalConfig(ctx.db, site.id))
  const rows = await selectHeatRows(ctx.db, site.id, ctx.now())
  const miners = rows
    .map((row) => judge(row, config))
    .filter((miner) => miner.verdict !== "nothing" || miner.held !== null)
    .sort((a, b) => (b.temperatureC ?? -1) - (a.temperatureC ?? -1) || a.minerId - b.minerId)
  const { id, slug, name } = site
  return {
    site: { id, slug, name },
    checkedAt: ctx.now(),
    armed: config.armed,
    config,
    judged: rows.length,
    miners,
  }
}

function judge(row: HeatRow, config: ThermalConfig): CheckedMiner {
  const limits = heatLimits(config)
  const temperatureC = hottestC(row)
  const stoppedFan = hasStoppedFan(row)
  const { level, danger } = judgeHeat(temperatureC, stoppedFan, limits)
  const cannot = config.actions.flatMap((action) => {
    const reason = row.features?.[THERMAL_FEATURES[action]]
    return reason == null ? [] : [{ action, reason }]
  })
  const asleep = row.mining === false && row.power_mode === "sleep"
  const facts = {
    stoppedFan,
    hasFans: (row.fan_speeds?.length ?? 0) > 0,
    mining: row.mining,
    powerMode: row.power_mode,
  }
  const passed = (action: ThermalAction) =>
    (row.held ?? []).includes(action) || cannot.some((each) => each.action === action)
  const next = danger ? nextThermalAction(config.actions, facts, passed) : null
  const cool = temperatureC !== null && temperatureC <= limits.resumeC && !stoppedFan
  const verdict = (): ThermalVerdict => {
    if (temperatureC === null && !asleep) return "unreadable"
    if (danger && !config.armed) return "warn"
    if (danger && next === null) return "exhausted"
    if (danger) return row.held === null ? "act" : "wait"
    if (row.held !== null) return cool || (temperatureC === null && asleep) ? "undo" : "wait"
    return level === "warning" || stoppedFan ? "warn" : "nothing"
  }
  return {
    minerId: row.minerId,
    name: row.name,
    temperatureC,
    level,
    stoppedFan,
    verdict: verdict(),
    action: next,
    cannot: danger ? cannot : [],
    held: row.held,
    heldSince: row.heldSince,
    collectedAt: row.collectedAt,
  }
}
