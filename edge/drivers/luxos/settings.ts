import type { Outcome } from "#server/contract/driver-faults.ts"
import { ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { boolean, number, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { isAsleep, modeOfStep } from "./map.ts"
import { readSections } from "./rpc.ts"

/** What a machine is set to; null: not told. */
export type LuxState = {
  asleep: boolean
  profile: string | null
  step: number | null
  blinking: boolean
  fan: { mode: "auto" | "manual" | null; speedPct: number | null }
  thermal: { target: number | null; hot: number | null; dangerous: number | null }
  /** Its own control of profiles by temperature; null where the firmware has none. */
  atm: boolean | null
  /** On models that keep to watts. */
  power: { target: number; min: number | null; max: number | null } | null
}

export async function readState(context: DriverContext): Promise<Outcome<LuxState>> {
  const told = await readSections(context, ["config", "fans", "tempctrl", "atm"])
  return told.ok ? ok(stateOf(told.value)) : told
}

/** Pure. */
export function stateOf(told: Record<"config" | "fans" | "tempctrl" | "atm", Row[]>): LuxState {
  const [config, thermal, atm] = [told.config[0], told.tempctrl[0], told.atm[0]]
  const target = number(atm?.PowerTarget)
  return {
    asleep: isAsleep(config),
    profile: text(config?.Profile, 64),
    step: number(config?.ProfileStep),
    blinking: /^(?:on|blink)$/i.test(String(config?.RedLed)),
    fan: { mode: fanMode(thermal?.Mode), speedPct: oneSpeed(told.fans) },
    thermal: {
      target: number(thermal?.Target),
      hot: number(thermal?.Hot),
      dangerous: number(thermal?.Dangerous),
    },
    atm: boolean(atm?.Enabled) ?? boolean(config?.IsAtmEnabled),
    power: target === null ? null : { target, min: number(atm?.PowerMin), max: number(atm?.PowerLimit) },
  }
}

export const powerModeOf = (state: LuxState) => (state.asleep ? "sleep" : modeOfStep(state.step))

function fanMode(told: unknown): "auto" | "manual" | null {
  const mode = text(told, 32)
  return mode === null ? null : /auto/i.test(mode) ? "auto" : /manual|fixed/i.test(mode) ? "manual" : null
}

/** What all fans are set to; null where they differ, as automatic ones may. */
function oneSpeed(fans: readonly Row[]): number | null {
  const speeds = fans.map((fan) => number(fan.Speed))
  return speeds.length > 0 && speeds.every((speed) => speed === speeds[0]) ? speeds[0]! : null
}
