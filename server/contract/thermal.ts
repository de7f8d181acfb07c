import { z } from "zod"
import type { CommandFeature } from "./commands.ts"
import { minerIdSchema, type TelemetrySample } from "./telemetry.ts"

/**
 * The thermal guard (`decisions.md` 30): a policy a site, enforced by its collectors, uplink or not. Here are the words
 * that page, database, gateway and edge share, and how a reading is judged: the edge acts by it, the check shows by it.
 */

/** From weak to strong. `fan_up`: all fans at full speed. `off`: mining is disabled. */
export const THERMAL_ACTIONS = ["fan_up", "eco", "sleep", "off"] as const
export type ThermalAction = (typeof THERMAL_ACTIONS)[number]

/** What a machine has to be able to do for an action. */
export const THERMAL_FEATURES: Record<ThermalAction, CommandFeature> = {
  fan_up: "THERMAL_POLICY.manual",
  eco: "POWER_MODE.eco",
  sleep: "POWER_MODE.sleep",
  off: "DISABLE",
}
/** After one of these the machine does not mine, and nothing weaker is of use. */
export const isStopping = (action: ThermalAction): boolean => action === "sleep" || action === "off"

const tempC = z.number().min(0).max(150)
const coolDownS = z.number().int().min(0).max(86_400)

/** What `edge.config` sends. Absent: the guard warns by the site's chip limits and never acts. */
export const thermalPolicySchema = z.object({
  armed: z.boolean(),
  /** °C of the hottest chip, else of the hottest board sensor. */
  warning_c: tempC,
  critical_c: tempC,
  resume_c: tempC,
  /** Those that may be taken, in their order. */
  actions: z.array(z.enum(THERMAL_ACTIONS)).max(THERMAL_ACTIONS.length),
  /** After an action, seconds until the next one, and at least that long until it is undone. */
  cool_down_s: z.record(z.enum(THERMAL_ACTIONS), coolDownS),
  /** Acts that a collector begins within any 60 s, undoing included; the hottest machines come first. */
  max_actions_per_minute: z.number().int().min(1).max(500),
})
export type ThermalPolicy = z.infer<typeof thermalPolicySchema>

export const THERMAL_DEFAULTS = {
  actions: [...THERMAL_ACTIONS] as ThermalAction[],
  cool_down_s: { fan_up: 120, eco: 300, sleep: 600, off: 900 },
  max_actions_per_minute: 10,
} as const
/** Of a site that has set nothing: this far below the warning. */
export const RESUME_BELOW_WARNING_C = 10

/** Which chip limits hold, °C: the policy's, or a machine's own (THERMAL_POLICY is an override for one machine). */
export type HeatLimits = { warningC: number; criticalC: number; resumeC: number }

export function heatLimits(
  policy: Pick<ThermalPolicy, "warning_c" | "critical_c" | "resume_c">,
  own: { warningC: number; criticalC: number } | null = null,
): HeatLimits {
  const { warning_c, critical_c, resume_c } = policy
  if (own === null) return { warningC: warning_c, criticalC: critical_c, resumeC: resume_c }
  return { ...own, resumeC: own.warningC - (warning_c - resume_c) }
}

/** What the guard looks at of a sample. */
export type HeatFacts = Pick<
  TelemetrySample,
  "temperature_max" | "temperature_chips" | "boards" | "fan_speeds" | "mining" | "power_mode"
>

const hottestOf = (values: readonly (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => value != null)
  return known.length === 0 ? null : Math.max(...known)
}

/** °C of the hottest chip, else of the hottest board sensor; null when the machine tells neither. */
export function hottestC(facts: HeatFacts): number | null {
  const chips = [
    facts.temperature_max,
    ...(facts.temperature_chips ?? []),
    ...(facts.boards ?? []).map((board) => board.temp_chip_max),
  ]
  return hottestOf(chips) ?? hottestOf((facts.boards ?? []).map((board) => board.temp))
}

/** A fitted fan stands still while the machine works (`decisions.md` 3). */
export function hasStoppedFan(facts: HeatFacts): boolean {
  return facts.mining !== false && (facts.fan_speeds ?? []).includes(0)
}

export const HEAT_LEVELS = ["unknown", "normal", "warning", "critical"] as const
export type HeatLevel = (typeof HEAT_LEVELS)[number]

/**
 * How hot that is. `danger`: a step of the policy is due; at the critical temperature, and with a stopped fan from the
 * warning on. A temperature that is not told is never a danger.
 */
export function judgeHeat(
  tempC: number | null,
  stoppedFan: boolean,
  limits: HeatLimits,
): { level: HeatLevel; danger: boolean } {
  if (tempC === null) return { level: "unknown", danger: false }
  const level = tempC >= limits.criticalC ? "critical" : tempC >= limits.warningC ? "warning" : "normal"
  return { level, danger: level === "critical" || (stoppedFan && level === "warning") }
}

/**
 * The next step for a machine in danger, out of the policy's; `passed`: those that were taken or cannot be. Faster fans
 * do not mend a stopped one, low power would wake a machine that does not mine, and sleep adds nothing to sleep. Null:
 * there is none left.
 */
export function nextThermalAction(
  actions: readonly ThermalAction[],
  facts: { stoppedFan: boolean; hasFans: boolean; mining: boolean | null; powerMode: string | null },
  passed: (action: ThermalAction) => boolean,
): ThermalAction | null {
  const asleep = facts.mining === false && facts.powerMode === "sleep"
  const useful = (action: ThermalAction) => {
    if (action === "fan_up") return facts.hasFans && !facts.stoppedFan && !asleep
    if (action === "eco") return facts.mining !== false && facts.powerMode !== "eco"
    return !asleep
  }
  return actions.find((action) => !passed(action) && useful(action)) ?? null
}

/**
 * `warning`: over a limit, a fan stands still, or no step is left. `unreadable`: tells no temperature. `held`: the guard
 * holds the machine from now on. `action`: a step was taken. `skipped`: a step the machine cannot take. `failed`: a step
 * or its undoing failed. `resumed`: a step was undone. `released`: the hold ended without undoing. `cleared`: cool again.
 * The last three are the server's own: an armed site whose collector is silent, one where a machine is too hot and
 * nobody armed the guard.
 */
export const THERMAL_EVENT_KINDS = [
  "warning",
  "unreadable",
  "held",
  "action",
  "skipped",
  "failed",
  "resumed",
  "released",
  "cleared",
  "guard_silent",
  "unguarded",
] as const
export type ThermalEventKind = (typeof THERMAL_EVENT_KINDS)[number]

/** Made at the edge with its id, so that an upload is stored once however often it is sent. */
export const thermalEventSchema = z.object({
  event_id: z.uuid(),
  miner_id: minerIdSchema,
  kind: z.enum(THERMAL_EVENT_KINDS).exclude(["guard_silent", "unguarded"]),
  action: z.enum(THERMAL_ACTIONS).nullable(),
  temperature_c: z.number().min(-60).max(250).nullable(),
  /** The limit that the temperature was held against. */
  threshold_c: z.number().min(-60).max(250).nullable(),
  /** What happened or what came of it: one sentence for a person, no secrets. */
  message: z.string().max(1_000),
  /** Corrected clock of the edge. */
  at: z.iso.datetime({ offset: true }),
})
export type ThermalEvent = z.infer<typeof thermalEventSchema>

export const thermalHoldSchema = z.object({
  miner_id: minerIdSchema,
  since: z.iso.datetime({ offset: true }),
  /** When the hold began. */
  temperature_c: z.number().min(-60).max(250).nullable(),
  threshold_c: z.number().min(-60).max(250).nullable(),
  /** What the guard has changed and not yet undone, in its order. */
  actions: z.array(z.enum(THERMAL_ACTIONS)).max(THERMAL_ACTIONS.length),
})
export type ThermalHold = z.infer<typeof thermalHoldSchema>

export const THERMAL_EVENTS_A_REQUEST = 500
export const thermalInputSchema = z.object({
  instance_id: z.uuid(),
  events: z.array(thermalEventSchema).max(THERMAL_EVENTS_A_REQUEST),
  /** Every machine that this collector holds now; absent: nothing about that is told. */
  holds: z.array(thermalHoldSchema).max(20_000).optional(),
})
export type ThermalInput = z.infer<typeof thermalInputSchema>
/** All events of the request are stored: now, or `duplicates` of them before. */
export type ThermalAnswer = { recorded: number; duplicates: number }
