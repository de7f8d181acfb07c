import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { optionMissing, set } from "./ascset.ts"
import { generationOf, isHome } from "./models.ts"
import { readSettings, type Settings } from "./settings.ts"
import { numberOfMode, type PowerMode } from "./state.ts"

/** How far ahead of its own clock a machine is told to sleep or wake; it is looked at until after that. */
const AHEAD_S = 5
const LOOKS_MS = [0, 1_000, 5_000, 3_000]

type Plan = { asleep: boolean; workMode: number | null; told: string; note?: string }

/** Hashing stops, the control board stays up. */
export const putToSleep = (context: DriverContext, identity: Identity): Promise<ActOutcome> =>
  change(context, identity, { asleep: true, workMode: null, told: "mining is paused" })

export const wake = (context: DriverContext, identity: Identity): Promise<ActOutcome> =>
  change(context, identity, {
    asleep: false,
    workMode: null,
    told: "mining is resumed",
    note: "It takes 3 to 10 minutes to come to its full rate.",
  })

/** A mode to mine in wakes a machine that sleeps. */
export async function setPowerMode(
  context: DriverContext,
  identity: Identity,
  mode: PowerMode,
): Promise<ActOutcome> {
  if (mode === "sleep") return putToSleep(context, identity)
  const workMode = numberOfMode(mode, identity.model)
  if (workMode === null) return notDone("unsupported", `This Avalon has no mode ${mode}.`)
  return change(context, identity, { asleep: false, workMode, told: `the power mode is ${mode}` })
}

async function change(context: DriverContext, identity: Identity, plan: Plan): Promise<ActOutcome> {
  const option = plan.asleep ? "softoff" : plan.workMode === null ? "softon" : "workmode"
  const missing = await optionMissing(context, identity, option)
  if (missing !== null) return missing
  /** What a schedule was sent with: a machine that shows this time has taken it. */
  let sentAtS: number | null = null
  const comesSo = (settings: Settings) =>
    settings.asleep === plan.asleep ||
    (sentAtS !== null && (plan.asleep ? settings.sleepsAtS : settings.wakesAtS) === sentAtS)
  return verifiedWrite<Settings>({
    context,
    ran: `ascset 0,${option}`,
    read: () => readSettings(context, identity),
    isSo: (settings) => comesSo(settings) && (plan.workMode === null || settings.workMode === plan.workMode),
    shown: (settings) => ({
      asleep: comesSo(settings) ? plan.asleep : settings.asleep,
      ...(plan.workMode === null ? {} : { work_mode: settings.workMode }),
    }),
    send: async (settings) => {
      if (plan.workMode !== null && settings.workMode !== plan.workMode) {
        const written = await set(context, modeParameter(identity, plan.workMode))
        if (written.kind !== "accepted" || !settings.asleep) return written
      }
      return toggle(context, identity, plan.asleep, settings, (atS) => {
        sentAtS = atS
      })
    },
    told: plan.told,
    ...(plan.note === undefined ? {} : { note: plan.note }),
    looksMs: LOOKS_MS,
    slowToShow: true,
  })
}

const modeParameter = ({ model }: Identity, mode: number): string =>
  isHome(generationOf(model)) ? `workmode,set,${mode}` : `workmode,${mode}`

/**
 * A time on the machine's own clock, which its last answer told: a clock that is years behind would else never come to it.
 * The A13 takes the word alone. A machine that wakes may close the connection instead of answering.
 */
function toggle(
  context: DriverContext,
  { model }: Identity,
  off: boolean,
  settings: Settings,
  scheduled: (atS: number) => void,
): Promise<SentWrite> {
  const option = off ? "softoff" : "softon"
  if (generationOf(model) === "a13") return set(context, option, { silenceIsYes: !off })
  const atS = (settings.deviceTimeS ?? Math.floor(Date.now() / 1000)) + AHEAD_S
  scheduled(atS)
  return set(context, `${option},1:${atS}`, { silenceIsYes: !off })
}
