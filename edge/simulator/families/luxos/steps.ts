import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import type { LuxosTraits } from "./profiles.ts"

export type Step = { name: string; step: number; mhz: number; volts: number; watts: number; ths: number }

const LOWEST_STEP = -16
const HIGHEST_STEP = 8
const STEP_MHZ = 25

export const traitsOf = (miner: SimulatedMiner) => miner.profile as Machine & LuxosTraits

/** 25 profiles of 25 MHz around the factory's, as LuxOS makes them for each machine. */
export function stepsOf(miner: SimulatedMiner): Step[] {
  const { frequencyMhz, powerW, ths, profileVolts } = traitsOf(miner)
  const steps: Step[] = []
  for (let step = LOWEST_STEP; step <= HIGHEST_STEP; step += 1) {
    const mhz = frequencyMhz + step * STEP_MHZ
    const share = mhz / frequencyMhz
    steps.push({
      name: step === 0 ? "default" : `${mhz}MHz`,
      step,
      mhz,
      volts: Math.round((profileVolts + Math.max(step, -12) * 0.15) * 100) / 100,
      watts: Math.round(powerW * share ** 1.18),
      ths: Math.round(ths * share * 10) / 10,
    })
  }
  return steps
}

/** The step that the machine runs at. */
export function presentStep(miner: SimulatedMiner): Step {
  const mhz = (traitsOf(miner).frequencyMhz * miner.settings.frequencyPercent) / 100
  return stepsOf(miner).reduce((best, each) =>
    Math.abs(each.mhz - mhz) < Math.abs(best.mhz - mhz) ? each : best,
  )
}

/** `540MHz`, `+1` and `-2` from the present one, `118THs`, `2.5kW`, `2500W`. */
export function stepNamed(miner: SimulatedMiner, selector: string): Step | null {
  const steps = stepsOf(miner)
  const exact = steps.find(({ name }) => name === selector)
  if (exact) return exact
  if (/^[+-]\d+$/.test(selector)) {
    const wanted = presentStep(miner).step + Number(selector)
    return steps.find(({ step }) => step === wanted) ?? null
  }
  const figure = /^([\d.]+)(THs|kW|W)$/.exec(selector)
  if (!figure) return null
  const value = Number(figure[1]) * (figure[2] === "kW" ? 1000 : 1)
  const of = (step: Step) => (figure[2] === "THs" ? step.ths : step.watts)
  return steps.findLast((step) => of(step) <= value) ?? null
}
