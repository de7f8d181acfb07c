import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { notDone } from "../outcomes.ts"
import { EMPTY_POOL, POOL_SLOTS, type PoolEntry } from "../pool-slots.ts"
import { savedPools } from "../saved-settings.ts"
import { capabilities } from "./capabilities.ts"
import { arePools, readPools, writePools } from "./pools.ts"
import { readSettings } from "./settings.ts"
import { setPowerMode } from "./sleep.ts"
import { numberOfMode, type PowerMode } from "./state.ts"

type Saved = { pools: PoolEntry[] | null; mode: PowerMode | null; note: string | undefined }

/** The power mode and the pools of a backup; fans, clocks and network stay as they are. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedOf(identity, settings)
  if (!saved.ok) return { ...saved, sent: false }
  const { pools, mode, note } = saved.value
  const steps: (() => Promise<ActOutcome>)[] = []
  if (mode !== null) steps.push(() => setPowerMode(context, identity, mode))
  if (pools !== null)
    steps.push(() => writePools(context, identity, pools, "the pools are those of the backup", note))
  return steps.length === 0
    ? notDone("unsupported", "The backup holds nothing that could be restored.")
    : inTurn("setpool, workmode", steps)
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const saved = savedOf(identity, settings)
  if (!saved.ok) return ok(null)
  const { pools, mode } = saved.value
  if (mode !== null) {
    const now = await readSettings(context, identity)
    if (!now.ok) return now
    const { asleep, workMode } = now.value
    if (asleep !== (mode === "sleep")) return ok(false)
    if (!asleep && workMode !== numberOfMode(mode, identity.model)) return ok(false)
  }
  if (pools === null) return ok(mode === null ? null : true)
  const present = await readPools(context)
  return present.ok ? ok(arePools(pools, present.value)) : present
}

function savedOf(identity: Identity, settings: MinerSettings): Outcome<Saved> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  if (!saved.ok) return saved
  const mode = settings.config.power_mode
  if (mode !== null) {
    const can = capabilities(identity).can(`POWER_MODE.${mode}`)
    if (!can.ok) return can
  }
  const { pools, note } = saved.value
  const used = pools.some((pool) => pool.url !== "")
  const slots = Array.from({ length: POOL_SLOTS }, (_, slot) => pools[slot] ?? EMPTY_POOL)
  return ok({ pools: used ? slots : null, mode, note })
}
