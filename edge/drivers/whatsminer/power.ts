import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { verifiedWrite } from "../verified-write.ts"
import { frequencyStep } from "./frequency.ts"
import { type Command, sendWrite } from "./send.ts"
import { type PowerMode, readSettings, type Settings, untilBack } from "./settings.ts"

type Change = {
  command: Command
  isSo: (settings: Settings) => boolean
  shown: (settings: Settings) => Record<string, unknown>
  told: string
  note?: string
}

/** A btminer that restarts is mostly back by the last. */
const LOOKS_MS = [0, 1_000, 3_000] as const

function change(context: DriverContext, identity: Identity, wanted: Change): Promise<ActOutcome> {
  const { command, ...steps } = wanted
  return verifiedWrite({
    context,
    ran: command.cmd,
    read: () => readSettings(context),
    send: () => sendWrite(context, identity, command),
    // btminer says yes first, and starts anew with the setting after that.
    slowToShow: true,
    looksMs: LOOKS_MS,
    ...steps,
  })
}

/** The control board stays up, and answers before the hashing ends. */
export function pause(context: DriverContext, identity: Identity): Promise<ActOutcome> {
  return change(context, identity, {
    command: { cmd: "power_off", respbefore: "true" },
    isSo: ({ off }) => off === true,
    shown: ({ off }) => ({ paused: off }),
    told: "mining is paused",
  })
}

export function resume(context: DriverContext, identity: Identity): Promise<ActOutcome> {
  return change(context, identity, {
    command: { cmd: "power_on" },
    isSo: ({ off }) => off === false,
    shown: ({ off }) => ({ paused: off }),
    told: "mining is resumed",
  })
}

const COMMAND_OF: Record<PowerMode, string> = {
  eco: "set_low_power",
  normal: "set_normal_power",
  high: "set_high_power",
}
export const MODE_TOLD: Record<PowerMode, string> = {
  eco: "the machine works at low power",
  normal: "the machine works at normal power",
  high: "the machine works at high power",
}

export function setMode(context: DriverContext, identity: Identity, mode: PowerMode): Promise<ActOutcome> {
  return change(context, identity, {
    command: { cmd: COMMAND_OF[mode] },
    isSo: (settings) => settings.mode === mode,
    shown: (settings) => ({ power_mode: settings.mode }),
    told: MODE_TOLD[mode],
    note: "Its mining starts anew with that.",
  })
}

export function limitPower(context: DriverContext, identity: Identity, watts: number): Promise<ActOutcome> {
  return change(context, identity, {
    command: { cmd: "adjust_power_limit", power_limit: String(watts) },
    isSo: ({ powerLimitW }) => powerLimitW === watts,
    shown: ({ powerLimitW }) => ({ power_limit_w: powerLimitW }),
    told: `the power limit is ${watts} W`,
    note: "Its mining starts anew with that.",
  })
}

/** POWER_MODE in all its forms; a machine that is paused works again with any but sleep. */
export async function setPower(
  context: DriverContext,
  identity: Identity,
  parameters: ActionOf<"POWER_MODE">["parameters"],
): Promise<ActOutcome> {
  if (!("mode" in parameters)) return limitPower(context, identity, parameters.power_limit_w)
  const { mode } = parameters
  if (mode === "sleep") return pause(context, identity)
  const settings = await readSettings(context)
  if (!settings.ok) return { ok: false, fault: settings.fault, sent: false }
  if (settings.value.off !== true) return setMode(context, identity, mode)
  return inTurn(`power_on, ${COMMAND_OF[mode]}`, [
    () => resume(context, identity),
    async () => {
      await untilBack(context)
      return setMode(context, identity, mode)
    },
  ])
}

const HIGHEST_OFFSET_PCT = 100

export async function setFrequency(
  context: DriverContext,
  identity: Identity,
  parameters: ActionOf<"SET_FREQ">["parameters"],
): Promise<ActOutcome> {
  const settings = await readSettings(context)
  if (!settings.ok) return { ok: false, fault: settings.fault, sent: false }
  const step = frequencyStep(settings.value, parameters, HIGHEST_OFFSET_PCT)
  if (!step.ok) return { ok: false, fault: step.fault, sent: false }
  const { told, note } = step.value
  return setOffset(context, identity, step.value.offsetPct, note === undefined ? { told } : { told, note })
}

export function setOffset(
  context: DriverContext,
  identity: Identity,
  percent: number,
  words: { told: string; note?: string },
): Promise<ActOutcome> {
  return change(context, identity, {
    command: { cmd: "set_target_freq", percent: String(percent) },
    isSo: ({ offsetPct }) => offsetPct === percent,
    shown: ({ offsetPct, nominalMhz }) => ({ frequency_offset_pct: offsetPct, factory_mhz: nominalMhz }),
    ...words,
  })
}
