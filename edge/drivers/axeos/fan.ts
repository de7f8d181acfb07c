import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import type { Row } from "../transport/reply.ts"
import { fanOf } from "./settings.ts"
import { store } from "./store.ts"

export type FanChange = { mode: "auto" } | { mode: "manual"; speedPct: number }

/** The fans alone, at once; the temperature limits of the policy are the collector's to keep. */
export function setFan(
  context: DriverContext,
  { fan_mode, fan_speed_pct = 100 }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  const change: FanChange =
    fan_mode === "auto" ? { mode: "auto" } : { mode: "manual", speedPct: fan_speed_pct }
  return store({
    context,
    isSo: (info) => isFan(info, change),
    shown: (info) => ({ fan: fanOf(info) }),
    patch: (info) => fanPatch(info, change),
    told: change.mode === "auto" ? "the fan runs by temperature" : `the fan runs at ${change.speedPct} %`,
    restart: false,
  })
}

export function isFan(info: Row, change: FanChange): boolean {
  const now = fanOf(info)
  return now?.mode === change.mode && (change.mode === "auto" || now.speedPct === change.speedPct)
}

/** `fanspeed` was the set speed before it became the measured one, and `manualFanSpeed` the set one. */
export function fanPatch(info: Row, change: FanChange): Row {
  if (change.mode === "auto") return { autofanspeed: 1 }
  const set = "manualFanSpeed" in info ? { manualFanSpeed: change.speedPct } : {}
  return { autofanspeed: 0, fanspeed: change.speedPct, ...set }
}
