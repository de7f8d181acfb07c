import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext, Identity } from "../driver.ts"
import { notDone } from "../outcomes.ts"
import { acceptedWrite, verifiedWrite } from "../verified-write.ts"
import { optionMissing, set } from "./ascset.ts"
import { readSettings, type Settings } from "./settings.ts"

/** The slowest that its fans run. */
const LOWEST_PCT = 15
/** A fan that has come this near to its speed has got there. */
const NEAR_PCT = 3
const LIMITS = "The temperature limits are the collector's to keep."

/**
 * The machine tells the speed of its fans, not whether a person or its controller chose it. So it is always told, even
 * where the fans happen to run so already, and automatic control cannot be read back.
 */
export async function setFan(
  context: DriverContext,
  identity: Identity,
  { fan_mode, fan_speed_pct = 100 }: ActionOf<"THERMAL_POLICY">["parameters"],
): Promise<ActOutcome> {
  const manual = fan_mode === "manual"
  if (manual && fan_speed_pct < LOWEST_PCT)
    return notDone(
      "unsupported",
      `${fan_speed_pct} % are not set: the fans of an Avalon run at ${LOWEST_PCT} to 100 %.`,
    )
  const missing = await optionMissing(context, identity, "fan-spd")
  if (missing !== null) return missing
  if (!manual)
    return acceptedWrite({
      ran: "ascset 0,fan-spd,-1",
      send: () => set(context, "fan-spd,-1"),
      message: `The miner accepted that its fans run by temperature; it does not tell so itself. ${LIMITS}`,
    })
  const isNear = ({ fanPct }: Settings) => fanPct !== null && Math.abs(fanPct - fan_speed_pct) <= NEAR_PCT
  let readingProves = false
  return verifiedWrite<Settings>({
    context,
    ran: `ascset 0,fan-spd,${fan_speed_pct}`,
    read: () => readSettings(context, identity),
    isSo: (now) => readingProves && isNear(now),
    shown: ({ fanPct }) => ({ fan_speed_pct: fanPct }),
    send: async (before) => {
      const write = await set(context, `fan-spd,${fan_speed_pct}`)
      // Fans that ran so before do not tell whether a request without an answer arrived.
      readingProves = write.kind !== "lost" || !isNear(before)
      return write
    },
    told: `the fans run at ${fan_speed_pct} %`,
    note: LIMITS,
    slowToShow: true,
  })
}
