import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { verifiedWrite } from "../verified-write.ts"
import { optionMissing, set } from "./ascset.ts"
import { readSettings, type Settings } from "./settings.ts"

const NEAR_MHZ = 2

/**
 * The chips of a board run at four clocks. Their mean becomes the frequency that was asked for, and the distances that the
 * tuning found stay in proportion. How far a model goes, its firmware decides.
 */
export async function setFrequency(
  context: DriverContext,
  identity: Identity,
  { frequency_mhz, profile }: ActionOf<"SET_FREQ">["parameters"],
): Promise<ActOutcome> {
  const missing = await optionMissing(context, identity, "frequency")
  if (missing !== null) return missing
  return verifiedWrite<Settings>({
    context,
    ran: "ascset 0,frequency",
    read: () => readSettings(context, identity),
    isSo: ({ clocks }) =>
      clocks.length > 0 && clocks.every((board) => Math.abs(mean(board) - frequency_mhz) <= NEAR_MHZ),
    shown: ({ clocks }) => ({ frequency_mhz: clocks.map((board) => Math.round(mean(board))) }),
    send: ({ clocks }) => set(context, `frequency,${clocksFor(clocks[0] ?? [], frequency_mhz)}`),
    told: `the chips run at ${frequency_mhz} MHz in the mean`,
    ...(profile === undefined
      ? {}
      : { note: `An Avalon knows no profiles, so "${profile}" had no part in it.` }),
    slowToShow: true,
  })
}

/** Whole MHz; one number alone where the machine does not tell its clocks. */
function clocksFor(present: readonly number[], wantedMhz: number): string {
  if (present.length !== 4) return String(Math.round(wantedMhz))
  const factor = wantedMhz / mean(present)
  return present.map((clock) => Math.round(clock * factor)).join(":")
}

const mean = (clocks: readonly number[]) => clocks.reduce((sum, each) => sum + each, 0) / clocks.length
