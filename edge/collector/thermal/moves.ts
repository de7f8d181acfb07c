import type { DriverAction } from "#edge/drivers/driver.ts"
import type { ThermalAction } from "#server/contract/thermal.ts"
import type { Want } from "./decide.ts"
import type { Before, MachineState } from "./machine-state.ts"

const powerMode = (mode: "high" | "normal" | "eco" | "sleep"): DriverAction => ({
  type: "POWER_MODE",
  parameters: { mode },
})
const ENABLE: DriverAction = { type: "ENABLE", parameters: {} }

const STEPS: Record<ThermalAction, DriverAction> = {
  fan_up: { type: "THERMAL_POLICY", parameters: { fan_mode: "manual", fan_speed_pct: 100 } },
  eco: powerMode("eco"),
  sleep: powerMode("sleep"),
  off: { type: "DISABLE", parameters: {} },
}

/**
 * A move as actions of the driver: the first of them that the machine can. Undoing sets what the machine was set to
 * before, as far as that is known.
 */
export function actionsOf(state: MachineState, want: Pick<Want, "move" | "action">): DriverAction[] {
  if (want.move === "step") return [STEPS[want.action]]
  const newest = state.done.at(-1)
  const before = newest?.before ?? { powerMode: null, fan: null }
  switch (want.action) {
    case "fan_up":
      return [fansAsBefore(before)]
    case "eco":
      return [...modeBefore(before), powerMode("normal")]
    case "sleep":
      return wake(state)
    case "off":
      return [ENABLE]
  }
}

/** To low power where that step still holds, else to the mode of before the guard. */
function wake(state: MachineState): DriverAction[] {
  if (state.done.some((done) => done.action === "eco")) return [powerMode("eco"), ENABLE]
  const asleep = state.done.findLast((done) => done.action === "sleep")
  return [...(asleep === undefined ? [] : modeBefore(asleep.before)), ENABLE, powerMode("normal")]
}

function modeBefore({ powerMode: mode }: Before): DriverAction[] {
  return mode === null || mode === "sleep" ? [] : [powerMode(mode)]
}

function fansAsBefore({ fan }: Before): DriverAction {
  if (fan?.mode === "manual" && fan.speedPct !== null)
    return {
      type: "THERMAL_POLICY",
      parameters: { fan_mode: "manual", fan_speed_pct: Math.round(fan.speedPct) },
    }
  return {
    type: "THERMAL_POLICY",
    parameters: { fan_mode: fan?.mode === "immersion" ? "immersion" : "auto" },
  }
}

/** What the machine was set to, from the reading that led to the act and what the driver read before it. */
export function beforeOf(powerModeRead: string | null, told: Record<string, unknown> | null): Before {
  const modes = ["eco", "normal", "high", "sleep"] as const
  const mode = modes.find((each) => each === told?.power_mode) ?? modes.find((each) => each === powerModeRead)
  const fan = (typeof told?.fan === "object" && told.fan !== null ? told.fan : told) as Record<
    string,
    unknown
  > | null
  const kinds = ["auto", "manual", "immersion"] as const
  const kind = kinds.find((each) => each === (fan?.mode ?? fan?.fan_mode))
  const speed = fan?.speed_pct ?? fan?.fan_speed_pct
  return {
    powerMode: mode ?? null,
    fan: kind === undefined ? null : { mode: kind, speedPct: typeof speed === "number" ? speed : null },
  }
}
