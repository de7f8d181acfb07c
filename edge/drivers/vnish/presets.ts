import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { boolean, number, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { changeSettings, overclockOf } from "./settings.ts"
import { lockedReads } from "./web.ts"

/** A tuning for a number of watts, which is its name. */
export type Preset = { name: string; watts: number; words: string; tuned: boolean }

/** No preset: the frequency and voltage that stand in the settings. */
export const NO_PRESET = "disabled"

/** Those that this unit's own power supply carries, the smallest first. */
async function readPresets(context: DriverContext): Promise<Outcome<Preset[]>> {
  const answer = await lockedReads(context).value("autotune/presets")
  if (!answer.ok) return answer
  const list = Array.isArray(answer.value) ? answer.value.slice(0, 200) : []
  const presets = list
    .filter((each): each is Row => typeof each === "object" && each !== null)
    .flatMap((each): Preset[] => {
      const name = text(each.name, 64)
      const watts = name !== null && /^\d+$/.test(name) ? number(name) : null
      if (name === null || watts === null || boolean(each.modded_psu_required) === true) return []
      return [{ name, watts, words: text(each.pretty, 64) ?? name, tuned: each.status === "tuned" }]
    })
  presets.sort((one, other) => one.watts - other.watts)
  return presets.length > 0 ? ok(presets) : fault("unsupported", "This machine offers no presets.")
}

const setPreset = (context: DriverContext, name: string, told: string, note?: string): Promise<ActOutcome> =>
  changeSettings(context, {
    isSo: (settings) => overclockOf(settings).preset === name,
    shown: (settings) => ({ preset: overclockOf(settings).preset }),
    body: ({ miner }) => ({ overclock: { ...objectAt(miner, "overclock"), preset: name } }),
    told,
    ...(note === undefined ? {} : { note }),
  })

const untuned = ({ tuned }: Preset) =>
  tuned ? undefined : "The machine has not tuned itself for it yet and will take a while to."

/** The greatest preset within the limit. */
export async function limitPower(context: DriverContext, limitW: number): Promise<ActOutcome> {
  const presets = await readPresets(context)
  if (!presets.ok) return { ok: false, fault: presets.fault, sent: false }
  const within = presets.value.findLast(({ watts }) => watts <= limitW)
  if (within === undefined) {
    const [least, most] = [presets.value[0]!.watts, presets.value.at(-1)!.watts]
    const message = `No preset keeps to ${limitW} W; this machine has presets from ${least} to ${most} W.`
    return { ...fault("unsupported", message), sent: false }
  }
  const told = `the preset is ${within.name} W (${within.words}), for a limit of ${limitW} W`
  return setPreset(context, within.name, told, untuned(within))
}

/** Low and high power are the smallest and the greatest preset, normal is none. */
export async function setMode(context: DriverContext, mode: "eco" | "normal" | "high"): Promise<ActOutcome> {
  if (mode === "normal") return setPreset(context, NO_PRESET, "no preset is set, which is normal power")
  const presets = await readPresets(context)
  if (!presets.ok) return { ok: false, fault: presets.fault, sent: false }
  const preset = mode === "eco" ? presets.value[0]! : presets.value.at(-1)!
  const which = mode === "eco" ? "smallest" : "greatest"
  return setPreset(
    context,
    preset.name,
    `the preset is ${preset.name} W, the ${which} of this machine`,
    untuned(preset),
  )
}
