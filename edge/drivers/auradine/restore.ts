import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { notDone } from "../outcomes.ts"
import { EMPTY_POOL, namedPools, POOL_SLOTS, type PoolEntry } from "../pool-slots.ts"
import { keptSettings, savedPools } from "../saved-settings.ts"
import { powerModeOf } from "./map.ts"
import { readMode, setPowerMode, setSleep } from "./mode.ts"
import { arePools, readPools, writePools } from "./pools.ts"

/** Put together from what the machine tells; it tells no passwords of pools. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const mode = await readMode(context)
  if (!mode.ok) return mode
  const present = await readPools(context)
  if (!present.ok) return present
  const { name, asleep, watts } = mode.value
  return keptSettings(identity, {
    pools: namedPools(present.value).map((pool) => ({ ...pool, pass: "" })),
    power_mode: asleep ? "sleep" : powerModeOf({ Mode: name }),
    raw: { mode: name, power_w: watts },
  })
}

/** The pools and the mode of a backup; power, fans, clocks and network stay as they are. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  if (!saved.ok) return { ...saved, sent: false }
  const pools = slotsOf(saved.value.pools)
  const mode = settings.config.power_mode
  const steps: (() => Promise<ActOutcome>)[] = []
  if (pools !== null)
    steps.push(() => writePools(context, pools, "the pools are those of the backup", saved.value.note))
  if (mode !== null)
    steps.push(() => (mode === "sleep" ? setSleep(context, true) : setPowerMode(context, mode)))
  return steps.length === 0
    ? notDone("unsupported", "The backup holds nothing that could be restored.")
    : inTurn("POST updatepools, POST mode", steps)
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
  const mode = await readMode(context)
  if (!mode.ok) return mode
  const wanted = settings.config.power_mode
  const now = mode.value.asleep ? "sleep" : powerModeOf({ Mode: mode.value.name })
  return ok(arePools(pools, present.value) && (wanted === null || wanted === now))
}

function slotsOf(pools: readonly PoolEntry[]): PoolEntry[] | null {
  if (!pools.some((pool) => pool.url !== "")) return null
  return Array.from({ length: POOL_SLOTS }, (_, slot) => pools[slot] ?? EMPTY_POOL)
}
