import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { verifiedWrite } from "../verified-write.ts"
import { frequencyStep } from "../whatsminer/frequency.ts"
import { hasFans } from "../whatsminer/models.ts"
import { MODE_TOLD } from "../whatsminer/power.ts"
import type { PowerMode } from "../whatsminer/settings.ts"
import { type SetEnd, sendSet } from "./send.ts"
import { CODES } from "./session.ts"
import { readSettings, type SettingsV3 } from "./settings.ts"

type Change = {
  send: () => Promise<SetEnd>
  ran: string
  isSo: (settings: SettingsV3) => boolean
  shown: (settings: SettingsV3) => Record<string, unknown>
  told: string
  note?: string
}

/** It says yes first, and starts its mining anew with the setting after that. */
const change = (context: DriverContext, wanted: Change): Promise<ActOutcome> =>
  verifiedWrite({ context, read: () => readSettings(context), slowToShow: true, ...wanted })

const command = (context: DriverContext, cmd: string, param: unknown) => ({
  ran: typeof param === "object" ? cmd : `${cmd} ${String(param)}`,
  send: () => sendSet(context, { cmd, param }),
})

export function pause(context: DriverContext): Promise<ActOutcome> {
  return change(context, {
    ...command(context, "set.miner.service", "stop"),
    isSo: ({ off }) => off === true,
    shown: ({ off }) => ({ paused: off }),
    told: "mining is paused",
  })
}

export function resume(context: DriverContext): Promise<ActOutcome> {
  return change(context, {
    ...command(context, "set.miner.service", "start"),
    isSo: ({ off }) => off === false,
    shown: ({ off }) => ({ paused: off }),
    told: "mining is resumed",
  })
}

const WORD: Record<PowerMode, string> = { eco: "low", normal: "normal", high: "high" }

export function setMode(context: DriverContext, mode: PowerMode): Promise<ActOutcome> {
  return change(context, {
    ran: `set.miner.power_mode ${WORD[mode]}`,
    send: async () => {
      const param = WORD[mode]
      const end = await sendSet(context, { cmd: "set.miner.power_mode", param })
      // Some firmware has it under its older name; what is not known did not run.
      return end.code === CODES.unknown ? sendSet(context, { cmd: "set.miner.mode", param }) : end
    },
    isSo: (settings) => settings.mode === mode,
    shown: (settings) => ({ power_mode: settings.mode }),
    told: MODE_TOLD[mode],
    note: "Its mining starts anew with that.",
  })
}

export function limitPower(context: DriverContext, watts: number): Promise<ActOutcome> {
  return change(context, {
    ...command(context, "set.miner.power_limit", watts),
    isSo: ({ powerLimitW }) => powerLimitW === watts,
    shown: ({ powerLimitW }) => ({ power_limit_w: powerLimitW }),
    told: `the power limit is ${watts} W`,
    note: "Its mining starts anew with that.",
  })
}

/** POWER_MODE in all its forms; a machine that is paused works again with any but sleep. */
export async function setPower(
  context: DriverContext,
  parameters: ActionOf<"POWER_MODE">["parameters"],
): Promise<ActOutcome> {
  if (!("mode" in parameters)) return limitPower(context, parameters.power_limit_w)
  const { mode } = parameters
  if (mode === "sleep") return pause(context)
  const settings = await readSettings(context)
  if (!settings.ok) return { ok: false, fault: settings.fault, sent: false }
  return settings.value.off === true
    ? inTurn(`set.miner.power_mode ${WORD[mode]}, set.miner.service start`, [
        () => setMode(context, mode),
        () => resume(context),
      ])
    : setMode(context, mode)
}

/** The vendor lets machines with fans go below the factory's frequency only. */
const highestOffset = (identity: Identity) => (hasFans(identity.model) ? 0 : 100)

export async function setFrequency(
  context: DriverContext,
  identity: Identity,
  parameters: ActionOf<"SET_FREQ">["parameters"],
): Promise<ActOutcome> {
  const settings = await readSettings(context)
  if (!settings.ok) return { ok: false, fault: settings.fault, sent: false }
  const step = frequencyStep(settings.value, parameters, highestOffset(identity))
  if (!step.ok) return { ok: false, fault: step.fault, sent: false }
  const { told, note, offsetPct } = step.value
  return setOffset(context, offsetPct, note === undefined ? { told } : { told, note })
}

export function setOffset(
  context: DriverContext,
  percent: number,
  words: { told: string; note?: string },
): Promise<ActOutcome> {
  return change(context, {
    ...command(context, "set.miner.target_freq", percent),
    isSo: ({ offsetPct }) => offsetPct === percent,
    shown: ({ offsetPct, nominalMhz }) => ({ frequency_offset_pct: offsetPct, factory_mhz: nominalMhz }),
    ...words,
  })
}
