import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { changeConfig, fanOf, like, modeOf, readConfig, SLEEP, selectorOf } from "./config.ts"

const STOCK = "Stock"
/** How machines worked before this process put them to sleep, by address. */
const before = new Map<string, string>()
const BEFORE_MAX = 20_000
const keyOf = ({ address }: DriverContext) => `${address.host}:${address.webPort}`

const withMode = (config: Row, change: Row): Row => ({
  ...config,
  mode: { ...objectAt(config, "mode"), ...change },
})
const shown = (config: Row) => ({ work_mode: selectorOf(config) })

export async function sleep(context: DriverContext): Promise<ActOutcome> {
  return changeConfig(context, {
    isSo: (config) => selectorOf(config) === SLEEP,
    shown,
    change: (config) => {
      const selector = selectorOf(config)
      if (before.size >= BEFORE_MAX) before.clear()
      if (selector !== null) before.set(keyOf(context), selector)
      return withMode(config, { "work-mode-selector": SLEEP })
    },
    told: "the machine sleeps",
  })
}

/** As it worked before it was put to sleep, where that is remembered, else as the vendor's firmware would. */
export function wake(context: DriverContext): Promise<ActOutcome> {
  const remembered = before.get(keyOf(context))
  const selector = remembered ?? STOCK
  return changeConfig(context, {
    isSo: (config) => selectorOf(config) !== null && selectorOf(config) !== SLEEP,
    shown,
    change: (config) => withMode(config, { "work-mode-selector": selector }),
    told: `mining is enabled, with the work mode ${selector} where it slept`,
    ...(remembered === undefined
      ? { note: "What its work mode was before it slept is not known here." }
      : {}),
  })
}

export function setStock(context: DriverContext): Promise<ActOutcome> {
  return changeConfig(context, {
    isSo: (config) => selectorOf(config) === STOCK,
    shown,
    change: (config) => withMode(config, { "work-mode-selector": STOCK }),
    told: "the work mode is Stock, which is normal power",
  })
}

export function limitPower(context: DriverContext, limitW: number): Promise<ActOutcome> {
  return changeConfig(context, {
    isSo: (config) => {
      const { selector, powerTargetW, tunesPower } = modeOf(config)
      return selector === "Auto" && tunesPower && powerTargetW === limitW
    },
    shown: (config) => ({ ...shown(config), power_target_w: modeOf(config).powerTargetW }),
    change: (config) => {
      const concorde = objectAt(config, "mode", "concorde")
      const target = like(concorde["power-target"], limitW)
      return withMode(config, {
        "work-mode-selector": "Auto",
        concorde: { ...concorde, "mode-select": "PowerTarget", "power-target": target },
      })
    },
    told: `the machine tunes itself to ${limitW} W`,
  })
}

/** The voltage stays as the page has it; where it has none, no frequency is set. */
export async function setFrequency(
  context: DriverContext,
  { frequency_mhz, profile }: ActionOf<"SET_FREQ">["parameters"],
): Promise<ActOutcome> {
  const now = await readConfig(context)
  if (!now.ok) return { ok: false, fault: now.fault, sent: false }
  const { fixedVoltage } = modeOf(now.value)
  if (fixedVoltage === null || fixedVoltage <= 0)
    return notDone(
      "unsupported",
      "The machine's configuration tells no voltage that could go with a frequency.",
    )
  const mhz = Math.round(frequency_mhz)
  return changeConfig(context, {
    isSo: (config) => {
      const { selector, fixedMhz } = modeOf(config)
      return selector === "Fixed" && fixedMhz === mhz
    },
    shown: (config) => ({ ...shown(config), frequency_mhz: modeOf(config).fixedMhz }),
    change: (config) => {
      const fixed = objectAt(config, "mode", "fixed")
      return withMode(config, {
        "work-mode-selector": "Fixed",
        fixed: { ...fixed, frequency: like(fixed.frequency, mhz) },
      })
    },
    told: `the frequency is fixed at ${mhz} MHz, with the voltage of the configuration`,
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
  if (fan_mode === "immersion") return notDone("unsupported", "Its immersion profile is not documented.")
  const manual = fan_mode === "manual"
  return changeConfig(context, {
    isSo: (config) => {
      const fan = fanOf(config)
      return fan?.mode === fan_mode && (!manual || fan.speed_pct === fan_speed_pct)
    },
    shown: (config) => ({ fan: fanOf(config) }),
    change: (config) => {
      const advance = objectAt(config, "advance-config")
      const percent = { "fan-fixed-percent": like(advance["fan-fixed-percent"], fan_speed_pct) }
      return {
        ...config,
        "advance-config": { ...advance, "override-fan-control": manual, ...(manual ? percent : {}) },
      }
    },
    told: manual ? `the fans run at ${fan_speed_pct} %` : "the fans run by temperature",
  })
}
