import type { Outcome } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { namedPools } from "../pool-slots.ts"
import { keptSettings } from "../saved-settings.ts"
import { readPools } from "./pools.ts"
import { readSettings } from "./settings.ts"
import { modeOfNumber } from "./state.ts"

/** Put together from what the machine tells: it has no document of its own. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const settings = await readSettings(context, identity)
  if (!settings.ok) return settings
  const present = await readPools(context)
  if (!present.ok) return present
  const slots = present.value.map((pool) => ({ ...pool, pass: pool.pass ?? "" }))
  const { asleep, workMode, workLevel, fanPct, targetTempC, light, clocks } = settings.value
  return keptSettings(identity, {
    pools: namedPools(slots).map((pool, slot) => ({ ...pool, pass: slots[slot]!.pass })),
    power_mode: asleep ? "sleep" : workMode === null ? null : modeOfNumber(workMode, identity.model),
    raw: {
      work_mode: workMode,
      work_level: workLevel,
      fan_speed_pct: fanPct,
      target_temp_c: targetTempC,
      light,
      clocks_mhz: clocks,
    },
  })
}
