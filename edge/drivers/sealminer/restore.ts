import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { notDone } from "../outcomes.ts"
import { EMPTY_POOL, POOL_SLOTS, type PoolEntry } from "../pool-slots.ts"
import { savedPools } from "../saved-settings.ts"
import { arePools, writePools } from "./pools.ts"
import { setMode } from "./power.ts"
import { readPools, readRunning } from "./settings.ts"

/** The mode and the pools of a backup; the power limit and the network stay as they are, and nothing is put to sleep. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  if (!saved.ok) return { ...saved, sent: false }
  const mode = settings.config.power_mode
  const pools = slotsOf(saved.value.pools)
  const steps: (() => Promise<ActOutcome>)[] = []
  // The mode first: the pools end with a reboot. That wakes the machine, so it is not put to sleep before it.
  if (mode !== null && mode !== "sleep") steps.push(() => setMode(context, mode))
  if (pools !== null)
    steps.push(() => writePools(context, pools, "the pools are those of the backup", saved.value.note))
  return steps.length === 0
    ? notDone("unsupported", "The backup holds nothing that could be restored.")
    : inTurn("set_mining_mode.php, updatepools", steps)
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  const pools = saved.ok ? slotsOf(saved.value.pools) : null
  if (pools === null) return ok(null)
  const present = await readPools(context)
  if (!present.ok) return present
  const mode = settings.config.power_mode
  if (mode === null || mode === "sleep") return ok(arePools(pools, present.value))
  const running = await readRunning(context)
  return running.ok ? ok(running.value.mode === mode && arePools(pools, present.value)) : running
}

function slotsOf(pools: readonly PoolEntry[]): PoolEntry[] | null {
  if (!pools.some((pool) => pool.url !== "")) return null
  return Array.from({ length: POOL_SLOTS }, (_, slot) => pools[slot] ?? EMPTY_POOL)
}
