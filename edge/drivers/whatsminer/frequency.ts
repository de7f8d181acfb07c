import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Settings } from "./settings.ts"

export type Step = { offsetPct: number; told: string; note?: string }

/**
 * A frequency as the whole per cent above or below the factory's that comes nearest; what is set within half a per cent of
 * it stays. `highestPct`: how far above it this machine goes.
 */
export function frequencyStep(
  { nominalMhz, offsetPct }: Pick<Settings, "nominalMhz" | "offsetPct">,
  { frequency_mhz, profile }: ActionOf<"SET_FREQ">["parameters"],
  highestPct: number,
): Outcome<Step> {
  if (nominalMhz === null || offsetPct === null)
    return fault("unsupported", "The machine does not tell now which frequency its offset counts from.")
  const exact = (frequency_mhz / nominalMhz - 1) * 100
  const nearest = Math.abs(exact - offsetPct) <= 0.5 ? offsetPct : Math.round(exact)
  if (nearest > highestPct)
    return fault(
      "unsupported",
      `${frequency_mhz} MHz are above what this machine takes, 1 to ${(nominalMhz * (1 + highestPct / 100)).toFixed(0)} MHz: ` +
        `the factory's ${nominalMhz} MHz and at most ${signed(highestPct)} %.`,
    )
  const mhz = Math.round(nominalMhz * (1 + nearest / 100))
  const told = `the frequency is ${signed(nearest)} % of the factory's ${nominalMhz} MHz, which is ${mhz} MHz (${frequency_mhz} MHz were asked for)`
  return ok({
    offsetPct: nearest,
    told,
    ...(profile === undefined
      ? {}
      : { note: `This firmware knows no profiles, so "${profile}" had no part in it.` }),
  })
}

const signed = (value: number) => (value > 0 ? `+${value}` : String(value))
