import type { ActionOf } from "#server/contract/command-parameters.ts"
import { fault } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { number } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { NO_PRESET } from "./presets.ts"
import { changeSettings, fanOf, overclockOf, readSettings } from "./settings.ts"
import { openReads } from "./web.ts"

/** One frequency for all boards instead of a preset; the voltage stays, within what `model` allows. */
export async function setFrequency(
  context: DriverContext,
  { frequency_mhz, profile }: ActionOf<"SET_FREQ">["parameters"],
): Promise<ActOutcome> {
  const [model, settings] = [await openReads(context).object("model"), await readSettings(context)]
  for (const each of [model, settings]) if (!each.ok) return { ok: false, fault: each.fault, sent: false }
  if (!model.ok || !settings.ok) return notDone("unsupported", "The machine does not tell its limits.")
  const limits = objectAt(model.value, "overclock")
  const [least, most] = [number(limits.min_freq), number(limits.max_freq)]
  const mhz = Math.round(frequency_mhz)
  if ((least !== null && mhz < least) || (most !== null && mhz > most))
    return {
      ...fault(
        "unsupported",
        `${frequency_mhz} MHz are outside ${least ?? 0} to ${most} MHz of this machine.`,
      ),
      sent: false,
    }
  const volt = overclockOf(settings.value).millivolts || number(limits.default_voltage)
  if (volt === null || volt <= 0)
    return notDone("unsupported", "The machine tells no voltage that could go with a frequency.")
  const told = `the frequency is ${mhz} MHz at ${volt / 1000} V, without a preset`
  return changeSettings(context, {
    isSo: (now) => {
      const { preset, mhz: present } = overclockOf(now)
      return (preset === NO_PRESET || preset === null) && present === mhz
    },
    shown: (now) => {
      const { preset, mhz: frequency, millivolts } = overclockOf(now)
      return { preset, frequency_mhz: frequency, voltage_mv: millivolts }
    },
    body: ({ miner }) => {
      const overclock = objectAt(miner, "overclock")
      const globals = { ...objectAt(overclock, "globals"), freq: mhz, volt }
      return { overclock: { ...overclock, preset: NO_PRESET, globals } }
    },
    told,
    ...(profile === undefined
      ? {}
      : { note: `A frequency has no profile, so "${profile}" had no part in it.` }),
  })
}

/** The fans alone; the temperature limits of the policy are the collector's to keep. */
export async function setFan(
  context: DriverContext,
  { fan_mode, fan_speed_pct = 0 }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  const model = await openReads(context).object("model")
  const limits = model.ok ? objectAt(model.value, "cooling") : {}
  const least = number(limits.min_fan_pwm)
  if (fan_mode === "manual" && least !== null && fan_speed_pct < least)
    return {
      ...fault(
        "unsupported",
        `${fan_speed_pct} % are under the ${least} % that this machine keeps its fans at.`,
      ),
      sent: false,
    }
  const told = {
    auto: "the fans run by temperature",
    manual: `the fans run at ${fan_speed_pct} %`,
    immersion: "the fans stand still, for immersion",
  }[fan_mode]
  return changeSettings(context, {
    isSo: (settings) => {
      const fan = fanOf(settings)
      return fan?.mode === fan_mode && (fan_mode !== "manual" || fan.speed_pct === fan_speed_pct)
    },
    shown: (settings) => ({ fan: fanOf(settings) }),
    body: ({ miner }) => {
      const cooling = objectAt(miner, "cooling")
      return { cooling: { ...cooling, mode: fanMode(fan_mode, fan_speed_pct, limits) } }
    },
    told,
  })
}

function fanMode(mode: "auto" | "manual" | "immersion", speedPct: number, limits: Row): Row {
  if (mode === "immersion") return { name: "immers" }
  return mode === "manual" ? { name: "manual", param: speedPct } : { name: "auto", param: targetC(limits) }
}

/** Where the machine tells its range, the middle of it. */
function targetC(limits: Row): number {
  const [least, most] = [number(limits.min_target_temp), number(limits.max_target_temp)]
  return least !== null && most !== null ? Math.round((least + most) / 2) : 60
}
