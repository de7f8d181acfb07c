import type { TempLimits } from "./driver.ts"

/** Limits of a site that has set none (`decisions.md` 3), °C. */
export const DEFAULT_TEMP_LIMITS: TempLimits = {
  chipWarningC: 85,
  chipCriticalC: 95,
  boardWarningC: 70,
  boardCriticalC: 80,
}
