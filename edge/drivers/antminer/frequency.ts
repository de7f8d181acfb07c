import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { changeConf, planned } from "./change-conf.ts"
import { type ConfWords, levelMhz } from "./conf.ts"

/** The web interface steps by this many per cent of the nominal frequency. */
const STEP_PCT = 5
const LOWEST_PCT = 50

/** Frequency as the level of the web interface: the step of the nominal frequency that comes nearest. */
export function setFrequency(
  context: DriverContext,
  { frequency_mhz, profile }: ActionOf<"SET_FREQ">["parameters"],
): Promise<ActOutcome> {
  return changeConf(context, (words) => {
    const level = nearestLevel(words, frequency_mhz)
    if (!level.ok) return level
    const mhz = levelMhz({ ...words, levelPct: level.value })
    const told = `the frequency level is ${level.value} % of ${words.nominalMhz} MHz, which is ${mhz} MHz (${frequency_mhz} MHz were asked for)`
    const note =
      profile === undefined
        ? undefined
        : `Stock firmware knows no profiles, so "${profile}" had no part in it.`
    return planned({ levelPct: level.value }, told, note)
  })
}

function nearestLevel({ nominalMhz, levelPct }: ConfWords, wantedMhz: number): Outcome<number> {
  if (levelPct === null || nominalMhz === null)
    return fault(
      "unsupported",
      "This image's configuration tells no frequency level or no nominal frequency to take it from.",
    )
  if (wantedMhz > nominalMhz)
    return fault(
      "unsupported",
      `${wantedMhz} MHz are above the nominal ${nominalMhz} MHz; the stock firmware only goes below it.`,
    )
  const level = Math.round((wantedMhz / nominalMhz) * (100 / STEP_PCT)) * STEP_PCT
  if (level < LOWEST_PCT)
    return fault(
      "unsupported",
      `${wantedMhz} MHz are ${level} % of the nominal ${nominalMhz} MHz; levels under ${LOWEST_PCT} % are not set.`,
    )
  return ok(level)
}
