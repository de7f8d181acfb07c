import { fault } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { number } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { type SentWrite, verifiedWrite } from "../verified-write.ts"
import { LEVELS, levelsOf, type Mode, modeOf } from "./map.ts"
import { put, readSetting } from "./web.ts"

const TOLD: Record<Mode, string> = {
  normal: "the machine works at normal power",
  eco: "the machine works at low power",
  sleep: "the machine sleeps",
}

/** The power plan of that level, where this unit offers it. The page is read and put back whole. */
export function setMode(context: DriverContext, mode: Mode): Promise<ActOutcome> {
  return verifiedWrite<Row>({
    context,
    ran: "PUT /mcb/setting",
    read: () => readSetting(context),
    isSo: (setting) => number(setting.select) === LEVELS[mode],
    shown: (setting) => ({ power_mode: modeOf(setting) ?? `level ${String(setting.select)}` }),
    send: async (setting) => {
      const offered = levelsOf(setting)
      return offered.includes(LEVELS[mode])
        ? put(context, "setting", { ...setting, select: LEVELS[mode] })
        : unsent(`This unit offers no ${mode} plan: its levels are ${offered.join(", ") || "not told"}.`)
    },
    told: TOLD[mode],
  })
}

/** A machine that mines at another power than the normal one is enabled as it is. */
export async function enable(context: DriverContext): Promise<ActOutcome> {
  const now = await readSetting(context)
  if (!now.ok) return { ok: false, fault: now.fault, sent: false }
  return setMode(context, modeOf(now.value) === "eco" ? "eco" : "normal")
}

/** The lamp that its own page calls led control. */
export function setLight(context: DriverContext, on: boolean): Promise<ActOutcome> {
  return verifiedWrite<Row>({
    context,
    ran: "PUT /mcb/setting",
    read: () => readSetting(context),
    isSo: ({ ledcontrol }) => ledcontrol === on,
    shown: ({ ledcontrol }) => ({ light: ledcontrol ?? null }),
    send: async (setting) =>
      typeof setting.ledcontrol === "boolean"
        ? put(context, "setting", { ...setting, ledcontrol: on })
        : unsent("This unit's settings tell of no lamp."),
    told: `the lamp is ${on ? "on" : "off"}`,
  })
}

export const unsent = (message: string): SentWrite => ({
  kind: "unsent",
  fault: fault("unsupported", message).fault,
})
