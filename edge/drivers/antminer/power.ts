import type { ActOutcome, DriverContext } from "../driver.ts"
import { changeConf, planned } from "./change-conf.ts"
import { MODE_NUMBERS, type PowerMode } from "./conf.ts"

const TOLD: Record<PowerMode, string> = {
  normal: "the machine works at normal power",
  sleep: "the machine sleeps",
  eco: "the machine works at low power",
}

export function setMode(context: DriverContext, mode: PowerMode): Promise<ActOutcome> {
  return changeConf(context, () => planned({ mode: MODE_NUMBERS[mode] }, TOLD[mode]))
}

/** A machine that mines at another power than the normal one is enabled as it is. */
export function enable(context: DriverContext): Promise<ActOutcome> {
  return changeConf(context, (words) => {
    const awake = words.modeNumber !== null && words.mode !== "sleep"
    const mode = awake ? words.modeNumber! : MODE_NUMBERS.normal
    return planned({ mode }, awake ? "mining is enabled" : "mining is resumed at normal power")
  })
}
