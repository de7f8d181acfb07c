import type { ActionOf } from "#server/contract/command-parameters.ts"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { positive } from "../transport/coerce.ts"
import { verifiedWrite } from "../verified-write.ts"
import { getRest, writeRest } from "./rest.ts"
import { listOf, rowOf, unwrapped } from "./units.ts"

export type Cooling = {
  /** Null where this release's configuration does not tell it. */
  mode: "auto" | "manual" | "immersion" | "hydro" | null
  /** What it is set to, or, where no mode is told, what all fans turn at now. */
  speedPct: number | null
}
type FanMode = ActionOf<"THERMAL_POLICY">["parameters"]["fan_mode"]

/** The fans alone; the temperature limits of the policy are the collector's to keep. */
export function setFan(
  context: DriverContext,
  { fan_mode, fan_speed_pct }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  const speedPct = fan_mode === "manual" ? (fan_speed_pct ?? 100) : null
  const told = {
    auto: "the fans run by temperature",
    manual: `the fans run at ${speedPct} %`,
    immersion: "cooling is set to immersion",
  }[fan_mode]
  return verifiedWrite<Cooling>({
    context,
    ran: `PUT cooling/mode ${fan_mode}`,
    read: () => readCooling(context),
    isSo: (cooling) => isCooled(cooling, fan_mode, speedPct),
    shown: ({ mode, speedPct: pct }) => ({ fan_mode: mode, fan_speed_pct: mode === "manual" ? pct : null }),
    send: () => writeRest(context, "cooling/mode", coolingBody(fan_mode, speedPct)),
    told,
    slowToShow: true,
  })
}

/** What the change leaves out the machine fills with its own defaults, the limits of temperature among it. */
export function coolingBody(mode: FanMode, speedPct: number | null): Record<string, unknown> {
  return { [mode]: mode === "manual" ? { fan_speed_ratio: (speedPct ?? 100) / 100 } : {} }
}

export function isCooled(cooling: Cooling, mode: FanMode, speedPct: number | null): boolean {
  return cooling.mode === mode && (mode !== "manual" || cooling.speedPct === speedPct)
}

export async function readCooling(context: DriverContext): Promise<Outcome<Cooling>> {
  const told = await getRest(context, "configuration/miner")
  if (!told.ok) return told
  const set = coolingOf(rowOf(told.value).temperature)
  if (set.mode !== null) return ok(set)
  const state = await getRest(context, "cooling/state")
  if (!state.ok) return state
  const speeds = listOf(rowOf(state.value).fans).map((fan) => percentOf(fan.target_speed_ratio))
  const same = speeds.length > 0 && speeds.every((speed) => speed === speeds[0])
  return ok({ mode: null, speedPct: same ? speeds[0]! : null })
}

/** `temperature` of the configuration: one member named after the mode, at the top or under `mode`. */
export function coolingOf(temperature: unknown): Cooling {
  const row = rowOf(temperature)
  for (const place of [row, rowOf(row.mode)])
    for (const [name, value] of Object.entries(place)) {
      const mode = /^(?:cooling)?(auto|manual|immersion|hydro)(?:mode)?$/i.exec(name)?.[1]?.toLowerCase()
      if (mode === undefined || value === null) continue
      return {
        mode: mode as Exclude<Cooling["mode"], null>,
        speedPct: percentOf(rowOf(value).fan_speed_ratio),
      }
    }
  return { mode: null, speedPct: null }
}

function percentOf(ratio: unknown): number | null {
  const value = positive(unwrapped(ratio))
  return value === null || value > 1 ? null : Math.round(value * 100)
}
