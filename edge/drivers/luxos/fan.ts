import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { verifiedWrite } from "../verified-write.ts"
import { withSession } from "./session.ts"
import { type LuxState, readState } from "./settings.ts"

/** The fans alone; the temperature limits of the policy are the collector's to keep. */
export function setFan(
  context: DriverContext,
  { fan_mode, fan_speed_pct }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  const speedPct = fan_mode === "manual" ? (fan_speed_pct ?? 100) : null
  return verifiedWrite<LuxState>({
    context,
    ran: `fanset speed=${speedPct ?? -1}`,
    read: () => readState(context),
    isSo: ({ fan }) =>
      speedPct === null ? fan.mode === "auto" : fan.mode !== "auto" && fan.speedPct === speedPct,
    shown: ({ fan }) => ({ fan_mode: fan.mode, fan_speed_pct: fan.mode === "auto" ? null : fan.speedPct }),
    send: () => withSession(context, (session) => session.send("fanset", [`speed=${speedPct ?? -1}`])),
    told: speedPct === null ? "the fans run by temperature" : `the fans run at ${speedPct} %`,
    // Firmware that tells no mode shows automatic fans by their speed alone.
    slowToShow: true,
  })
}
