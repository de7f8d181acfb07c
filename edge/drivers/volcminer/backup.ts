import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { EMPTY_POOL, namedPools, POOL_SLOTS } from "../pool-slots.ts"
import { keptSettings, savedPools } from "../saved-settings.ts"
import { number } from "../transport/coerce.ts"
import { fanOf, isSo, poolsOf, type VolcChange } from "./conf.ts"
import { changeConf, readConf } from "./settings.ts"

/** Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const settings = await readConf(context)
  if (!settings.ok) return settings
  const pools = poolsOf(settings.value)
  const { conf, more } = settings.value
  const millivolts = number(more.voltage)
  return keptSettings(identity, {
    pools: pools.slice(0, namedPools(pools).length),
    frequency_mhz: number(conf.freq),
    voltage_v: millivolts === null ? null : millivolts / 1000,
    fan: fanOf(settings.value),
    raw: { get_miner_conf: conf, get_miner_confV1: more },
  })
}

/** Pools and fans of a backup; every other setting keeps its present value. */
export function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  return changeConf(context, () => {
    const change = changeOf(identity, settings)
    if (!change.ok) return change
    const note = [change.value.note, "Network, frequency and voltage stay as they are."]
      .filter(Boolean)
      .join(" ")
    return ok({ change: change.value.change, told: "pools and fans are those of the backup", note })
  })
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const change = changeOf(identity, settings)
  const now = await readConf(context)
  if (!now.ok) return now
  return ok(change.ok ? isSo(now.value, change.value.change) : null)
}

function changeOf(
  identity: Identity,
  settings: MinerSettings,
): Outcome<{ change: VolcChange; note: string | undefined }> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  if (!saved.ok) return saved
  const { fan } = settings.config
  const change: VolcChange = {}
  if (saved.value.pools.length > 0)
    change.pools = Array.from({ length: POOL_SLOTS }, (_, slot) => saved.value.pools[slot] ?? EMPTY_POOL)
  if (fan?.mode === "auto") change.fan = { manual: false, pct: 100 }
  const pct = fan?.mode === "manual" ? fan.speed_pct : null
  if (pct !== null && pct >= 0 && pct <= 100) change.fan = { manual: true, pct }
  return Object.keys(change).length > 0
    ? ok({ change, note: saved.value.note })
    : fault("unsupported", "The backup holds nothing that could be restored.")
}
