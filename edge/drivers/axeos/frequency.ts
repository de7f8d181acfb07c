import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { boolean, mhz } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { store } from "./store.ts"
import { getAsic, getInfo } from "./web.ts"

/** The nearest of the frequencies that the board offers; any whole one between them where overclocking is switched on. */
export async function setFrequency(context: DriverContext, wantedMhz: number): Promise<ActOutcome> {
  const info = await getInfo(context)
  if (!info.ok) return { ok: false, fault: info.fault, sent: false }
  const asic = await getAsic(context)
  if (!asic.ok) return { ok: false, fault: asic.fault, sent: false }
  const chosen = stepFor(wantedMhz, optionsOf(asic.value), boolean(info.value.overclockEnabled) === true)
  if (!chosen.ok) return { ok: false, fault: chosen.fault, sent: false }
  const frequency = chosen.value
  return store({
    context,
    isSo: (now) => mhz(now.frequency) === frequency,
    shown: shownClock,
    patch: () => ({ frequency }),
    told: `the frequency is ${frequency} MHz`,
    ...(frequency === wantedMhz ? {} : { note: `${wantedMhz} MHz is none of its steps.` }),
    restart: needsRestart,
  })
}

/** Firmware that tells what it really works with changes it while it runs; older one at its next start. */
export const needsRestart = (info: Row): boolean => !("actualFrequency" in info)

export const shownClock = (info: Row) => ({
  frequency_mhz: mhz(info.frequency),
  core_voltage_mv: mhz(info.coreVoltage),
})

export function optionsOf(asic: Row): number[] {
  const listed = Array.isArray(asic.frequencyOptions) ? asic.frequencyOptions.slice(0, 64) : []
  return listed
    .map(mhz)
    .filter((each) => each !== null)
    .sort((one, other) => one - other)
}

/** Pure. */
export function stepFor(wantedMhz: number, options: readonly number[], anyBetween: boolean): Outcome<number> {
  const [lowest, highest] = [options[0], options.at(-1)]
  if (lowest === undefined || highest === undefined)
    return fault("unsupported", "This machine does not tell which frequencies it offers.")
  if (wantedMhz < lowest || wantedMhz > highest)
    return fault(
      "unsupported",
      `${wantedMhz} MHz are outside of what this board offers, ${lowest} to ${highest} MHz.`,
    )
  if (anyBetween) return ok(Math.round(wantedMhz))
  const distance = (option: number) => Math.abs(option - wantedMhz)
  return ok(options.reduce((best, option) => (distance(option) < distance(best) ? option : best)))
}
