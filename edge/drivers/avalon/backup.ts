import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { namedPools } from "../pool-slots.ts"
import { FAMILY } from "./identify.ts"
import { readPools } from "./pools.ts"
import { readSettings } from "./settings.ts"
import { modeOfNumber } from "./state.ts"

/** Put together from what the machine tells: it has no document of its own. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const settings = await readSettings(context, identity)
  if (!settings.ok) return settings
  const present = await readPools(context)
  if (!present.ok) return present
  const pools = namedPools(present.value.map((pool) => ({ ...pool, pass: "" })))
  const { asleep, workMode, workLevel, fanPct, targetTempC, light, clocks } = settings.value
  const config = minerConfigurationSchema.safeParse({
    family: FAMILY,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools,
    power_mode: asleep ? "sleep" : workMode === null ? null : modeOfNumber(workMode, identity.model),
    frequency_mhz: null,
    frequency_level_pct: null,
    voltage_v: null,
    fan: null,
    network: null,
    raw: {
      work_mode: workMode,
      work_level: workLevel,
      fan_speed_pct: fanPct,
      target_temp_c: targetTempC,
      light,
      clocks_mhz: clocks,
    },
  } satisfies MinerConfiguration)
  if (!config.success)
    return fault("garbled", "The miner's configuration holds values that no backup can carry.")
  return ok({
    config: config.data,
    passwords: present.value.slice(0, pools.length).map((pool) => pool.pass ?? ""),
  })
}
