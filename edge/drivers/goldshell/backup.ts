import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { POOL_SLOTS } from "../pool-slots.ts"
import { keptSettings, savedPools } from "../saved-settings.ts"
import { LEVELS, type Mode, modeOf } from "./map.ts"
import { asEntries, readPools, setPools } from "./pools.ts"
import { setMode } from "./settings.ts"
import { readSetting } from "./web.ts"

/** Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const setting = await readSetting(context)
  if (!setting.ok) return setting
  const pools = await readPools(context)
  if (!pools.ok) return pools
  return keptSettings(identity, {
    pools: asEntries(pools.value),
    power_mode: modeOf(setting.value),
    raw: { setting: setting.value, pools: pools.value.map(({ row }) => row) },
  })
}

const isMode = (mode: string | null): mode is Mode => mode !== null && Object.hasOwn(LEVELS, mode)

/** Pools and power plan of a backup. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  if (!saved.ok) return { ok: false, fault: saved.fault, sent: false }
  const { pools, note } = saved.value
  const mode = settings.config.power_mode
  const steps = [
    ...(isMode(mode) ? [() => setMode(context, mode)] : []),
    ...(pools.length > 0 ? [() => setPools(context, pools, "the pools are those of the backup", note)] : []),
  ]
  return steps.length === 0
    ? { ...fault("unsupported", "The backup holds nothing that could be restored."), sent: false }
    : inTurn("PUT /mcb/setting, /mcb/newpool, /mcb/delpool", steps)
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  if (!saved.ok) return ok(null)
  const setting = await readSetting(context)
  if (!setting.ok) return setting
  const pools = await readPools(context)
  if (!pools.ok) return pools
  const mode = settings.config.power_mode
  const samePools =
    saved.value.pools.length === pools.value.length &&
    saved.value.pools.every(
      ({ url, user }, at) => pools.value[at]!.url === url && pools.value[at]!.user === user,
    )
  return ok(
    (saved.value.pools.length === 0 || samePools) && (!isMode(mode) || modeOf(setting.value) === mode),
  )
}
