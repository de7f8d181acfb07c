import type { ActionOf } from "#server/contract/command-parameters.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { planned } from "./change-conf.ts"
import { changerOf } from "./change-legacy.ts"
import type { WebDialect } from "./dialect.ts"

/** The fans alone; the temperature limits of the policy are the collector's to keep. */
export function setFan(
  context: DriverContext,
  { fan_mode, fan_speed_pct = 0 }: ActionOf<"THERMAL_POLICY">["parameters"],
  dialect: WebDialect = "modern",
): Promise<ActOutcome> {
  const change =
    fan_mode === "auto"
      ? { manual: false }
      : { manual: true, pwm: String(fan_mode === "immersion" ? 0 : fan_speed_pct) }
  const told = {
    auto: "the fans run by temperature",
    manual: `the fans run at ${fan_speed_pct} %`,
    immersion: "the fans stand still, for immersion",
  }[fan_mode]
  return changerOf(dialect)(context, () => planned({ fan: change }, told))
}
