import type { TempLimits } from "#edge/drivers/driver.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { hasStoppedFan, heatLimits, hottestC, type ThermalPolicy } from "#server/contract/thermal.ts"
import type { HeatReading, Rules } from "./decide.ts"

/** What the guard sees of a sample. */
export function readingOf(sample: TelemetrySample, atMs: number): HeatReading {
  return {
    atMs,
    tempC: hottestC(sample),
    mining: sample.mining ?? null,
    powerMode: sample.power_mode ?? null,
    stoppedFan: hasStoppedFan(sample),
    hasFans: (sample.fan_speeds?.length ?? 0) > 0,
  }
}

/** A policy for one machine: `own` limits take the place of the policy's where they differ from the site's. */
export function rulesOf(policy: ThermalPolicy, own: TempLimits, site: TempLimits): Rules {
  const differs = own.chipWarningC !== site.chipWarningC || own.chipCriticalC !== site.chipCriticalC
  const { fan_up, eco, sleep, off } = policy.cool_down_s
  return {
    armed: policy.armed,
    limits: heatLimits(policy, differs ? { warningC: own.chipWarningC, criticalC: own.chipCriticalC } : null),
    actions: policy.actions,
    coolDownMs: { fan_up: fan_up * 1000, eco: eco * 1000, sleep: sleep * 1000, off: off * 1000 },
  }
}
