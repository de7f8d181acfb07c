import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { namedPools, POOL_SLOTS } from "../pool-slots.ts"
import { keptSettings, savedPools } from "../saved-settings.ts"
import { areSo, asEntries, readPools, setPools } from "./pools.ts"

/** The pools are all that it tells of its settings and takes back. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const pools = await readPools(context)
  if (!pools.ok) return pools
  const entries = asEntries(pools.value)
  return keptSettings(identity, {
    pools: entries.slice(0, namedPools(entries).length),
    raw: { pools: entries },
  })
}

export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  if (!saved.ok) return { ok: false, fault: saved.fault, sent: false }
  const { pools, note } = saved.value
  return pools.length === 0
    ? { ...fault("unsupported", "The backup holds nothing that could be restored."), sent: false }
    : setPools(context, pools, "the pools are those of the backup", note)
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  const now = await readPools(context)
  if (!now.ok) return now
  return ok(saved.ok && saved.value.pools.length > 0 ? areSo(now.value, saved.value.pools) : null)
}
