import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { number, text } from "../transport/coerce.ts"
import { verifiedWrite } from "../verified-write.ts"
import { getReport, post } from "./api.ts"
import { isAsleep, type PowerMode } from "./map.ts"

export type ModeState = { name: string; asleep: boolean; watts: number | null }
const NAMES: Readonly<Record<PowerMode, string>> = { eco: "eco", normal: "normal", high: "turbo" }

export async function readMode(context: DriverContext): Promise<Outcome<ModeState>> {
  const report = await getReport(context, "mode")
  if (!report.ok) return report
  const row = report.value[0]
  if (row === undefined) return fault("garbled", "The miner does not tell its mode.")
  return ok({
    name: (text(row.Mode, 32) ?? "").toLowerCase(),
    asleep: isAsleep(row),
    watts: number(row.Power),
  })
}

const shown = ({ name, asleep, watts }: ModeState) => ({ mode: name, asleep, power_w: watts })

export function setSleep(context: DriverContext, asleep: boolean): Promise<ActOutcome> {
  const sleep = asleep ? "on" : "off"
  return verifiedWrite<ModeState>({
    context,
    ran: `POST mode sleep ${sleep}`,
    read: () => readMode(context),
    isSo: (state) => state.asleep === asleep,
    shown,
    send: () => post(context, "mode", { sleep }),
    told: asleep ? "mining is paused" : "mining is resumed",
    slowToShow: true,
  })
}

/** A mode to mine in wakes a machine that sleeps. */
function setMode(
  context: DriverContext,
  isSo: (state: ModeState) => boolean,
  fields: Record<string, unknown>,
  told: string,
): Promise<ActOutcome> {
  return verifiedWrite<ModeState>({
    context,
    ran: `POST mode ${String(fields.mode)}`,
    read: () => readMode(context),
    isSo: (state) => isSo(state) && !state.asleep,
    shown,
    send: async (state) => {
      if (!isSo(state)) {
        const sent = await post(context, "mode", fields)
        if (sent.kind !== "accepted" || !state.asleep) return sent
      }
      return post(context, "mode", { sleep: "off" })
    },
    told,
    slowToShow: true,
  })
}

export const setPowerMode = (context: DriverContext, mode: PowerMode): Promise<ActOutcome> =>
  setMode(context, (state) => state.name === NAMES[mode], { mode: NAMES[mode] }, `the power mode is ${mode}`)

export const limitPower = (context: DriverContext, watts: number): Promise<ActOutcome> =>
  setMode(
    context,
    (state) => state.name === "custom" && state.watts === watts,
    { mode: "custom", tune: "power", power: watts },
    `the power is tuned to ${watts} W`,
  )
