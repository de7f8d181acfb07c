import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { notDone } from "../outcomes.ts"
import { ANY_PASSWORD, EMPTY_POOL, POOL_SLOTS, type PoolEntry } from "../pool-slots.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY } from "./identify.ts"
import { arePools, readPools, writePools } from "./pools.ts"
import { readSettings } from "./settings.ts"
import { setPowerMode } from "./sleep.ts"
import { numberOfMode, type PowerMode } from "./state.ts"

type Saved = { pools: PoolEntry[] | null; mode: PowerMode | null; guessed: boolean }

/** The power mode and the pools of a backup; fans, clocks and network stay as they are. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedOf(identity, settings)
  if (!saved.ok) return { ...saved, sent: false }
  const { pools, mode, guessed } = saved.value
  const told = guessed
    ? `the pools are those of the backup, with "${ANY_PASSWORD}" for the passwords that it does not hold`
    : "the pools are those of the backup"
  const steps = [
    ...(mode === null ? [] : [() => setPowerMode(context, identity, mode)]),
    ...(pools === null ? [] : [() => writePools(context, identity, pools, told)]),
  ]
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
  if (pools === null) return ok(mode !== null)
  const present = await readPools(context)
  return present.ok ? ok(arePools(pools, present.value)) : present
}

/** Refuses what this machine cannot be set to: a backup is data that lay somewhere for months. */
function savedOf(identity: Identity, { config, passwords }: MinerSettings): Outcome<Saved> {
  if (config.family !== FAMILY)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (config.pools.length > POOL_SLOTS || (passwords.length > 0 && passwords.length !== config.pools.length))
    return fault("unsupported", "The backup's passwords do not fit its pools.")
  const used = config.pools.some((pool) => pool.url !== "")
  const pools = Array.from({ length: POOL_SLOTS }, (_, slot): PoolEntry => {
    const pool = config.pools[slot]
    if (pool === undefined || pool.url === "") return EMPTY_POOL
    return { url: pool.url, user: pool.user, pass: passwords[slot] || ANY_PASSWORD }
  })
  const mode = config.power_mode
  if (mode !== null) {
    const can = capabilities(identity).can(`POWER_MODE.${mode}`)
    if (!can.ok) return can
  }
  const guessed = config.pools.some((pool, slot) => pool.url !== "" && !passwords[slot])
  return ok({ pools: used ? pools : null, mode, guessed })
}
