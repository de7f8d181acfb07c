import type { EdgeConfig } from "#server/contract/edge.ts"
import { RESUME_BELOW_WARNING_C, THERMAL_DEFAULTS, type ThermalPolicy } from "#server/contract/thermal.ts"

/** The policy of a configuration. One that says nothing of it (an older server) warns by the chip limits and never acts. */
export function policyOf(config: EdgeConfig): ThermalPolicy {
  const { chip_warning_c, chip_critical_c } = config.limits
  return (
    config.thermal ?? {
      armed: false,
      warning_c: chip_warning_c,
      critical_c: chip_critical_c,
      resume_c: chip_warning_c - RESUME_BELOW_WARNING_C,
      ...THERMAL_DEFAULTS,
    }
  )
}
