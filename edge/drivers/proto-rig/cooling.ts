import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { Outcome } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { number, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { verifiedWrite } from "../verified-write.ts"
import { getProto, writeProto } from "./web.ts"

export type Cooling = {
  mode: "auto" | "manual" | "immersion"
  speedPct: number | null
  targetC: number | null
}
const WORDS = { auto: "Auto", manual: "Manual", immersion: "Off" } as const

export async function getCooling(context: DriverContext): Promise<Outcome<Row>> {
  const read = await getProto(context, "cooling")
  return read.ok ? { ok: true, value: objectAt(read.value, "cooling-status") } : read
}

/** `Off` is a rig in a bath. Null: the rig does not say. */
export function coolingOf(status: Row): Cooling | null {
  const word = text(status.fan_mode, 16)?.toLowerCase()
  const mode = (["auto", "manual", "immersion"] as const).find((each) => WORDS[each].toLowerCase() === word)
  return mode === undefined
    ? null
    : { mode, speedPct: number(status.speed_percentage), targetC: number(status.target_temperature_c) }
}

export function isCooled(status: Row, wanted: Pick<Cooling, "mode" | "speedPct">): boolean {
  const now = coolingOf(status)
  return now?.mode === wanted.mode && (wanted.mode !== "manual" || now.speedPct === wanted.speedPct)
}

export function coolingBody({ mode, speedPct, targetC }: Cooling): Row {
  return {
    mode: WORDS[mode],
    ...(mode === "manual" ? { speed_percentage: speedPct } : {}),
    ...(mode === "auto" && targetC !== null ? { target_temperature_c: targetC } : {}),
  }
}

/** The fans alone; the temperature limits of the policy are the collector's to keep. */
export function setCooling(
  context: DriverContext,
  { fan_mode, fan_speed_pct = 100 }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  const wanted = { mode: fan_mode, speedPct: fan_mode === "manual" ? fan_speed_pct : null }
  return verifiedWrite({
    context,
    ran: "PUT cooling",
    read: () => getCooling(context),
    isSo: (status) => isCooled(status, wanted),
    shown: (status) => ({ fan: coolingOf(status) }),
    send: (status) =>
      writeProto(
        context,
        "PUT",
        "cooling",
        coolingBody({ ...wanted, targetC: coolingOf(status)?.targetC ?? null }),
      ),
    told: {
      auto: "the fans run by temperature",
      manual: `the fans run at ${fan_speed_pct} %`,
      immersion: "the fans stand still, for immersion",
    }[fan_mode],
    looksMs: [0, 1_000, 3_000],
  })
}
