import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { MASK } from "../mask-secrets.ts"
import { ANY_PASSWORD, namedPools, type PoolEntry } from "../pool-slots.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { changeConfig, fanOf, modeOf, poolsOf, readConfig } from "./config.ts"
import { FAMILY } from "./identify.ts"
import { samePools } from "./pools.ts"

/** Everything of `miner_config` that is documented as a setting; the network is another page. */
const PARTS = ["pool-group", "mode", "advance-config", "general-config"] as const
type Plan = { saved: Row; pools: PoolEntry[] }

export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const plan = planOf(identity, settings)
  if (!plan.ok) return { ok: false, fault: plan.fault, sent: false }
  return changeConfig(context, {
    isSo: (config) => isRestoredTo(config, plan.value),
    shown: (config) => {
      const { selector, fixedMhz, powerTargetW } = modeOf(config)
      const mode = { work_mode: selector, frequency_mhz: fixedMhz, power_target_w: powerTargetW }
      return { pools: namedPools(poolsOf(config)), fan: fanOf(config), ...mode }
    },
    change: (config) => restored(config, plan.value),
    told: "pools, work mode and fans are those of the backup",
    note: "The network settings stay as they are.",
  })
}

export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const config = await readConfig(context)
  if (!config.ok) return config
  const plan = planOf(identity, settings)
  return ok(plan.ok ? isRestoredTo(config.value, plan.value) : null)
}

function planOf(identity: Identity, { config, passwords }: MinerSettings): Outcome<Plan> {
  if (config.family !== FAMILY)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (passwords.length > 0 && passwords.length !== config.pools.length)
    return fault("unsupported", "The backup's passwords do not fit its pools.")
  const saved = objectAt(config.raw, "miner_config")
  if (Object.keys(saved).length === 0)
    return fault("unsupported", "The backup holds no configuration that could be posted.")
  const pools = config.pools.map(({ url, user }, at) => ({ url, user, pass: passwords[at] || ANY_PASSWORD }))
  return ok({ saved, pools })
}

function restored(config: Row, { saved, pools }: Plan): Row {
  const next: Row = { ...config }
  for (const part of PARTS) if (part in saved) next[part] = unmasked(saved[part], config[part])
  const rows = Array.isArray(saved.pools) ? saved.pools : []
  if (pools.length > 0) next.pools = pools.map((pool, at) => ({ ...(rows[at] as Row | undefined), ...pool }))
  return next
}

function isRestoredTo(config: Row, plan: Plan): boolean {
  const { pools, saved } = plan
  const parts = PARTS.filter((part) => part in saved)
  const wanted = restored(config, plan)
  const same = (part: string) => JSON.stringify(config[part]) === JSON.stringify(wanted[part])
  return (pools.length === 0 || samePools(poolsOf(config), pools)) && parts.every(same)
}

/** A secret that the backup does not hold keeps its present value. */
function unmasked(saved: unknown, present: unknown): unknown {
  if (saved === MASK) return present
  if (typeof saved !== "object" || saved === null) return saved
  const at = (key: string | number) => (present as Record<string | number, unknown> | null | undefined)?.[key]
  return Array.isArray(saved)
    ? saved.map((each, index) => unmasked(each, at(index)))
    : Object.fromEntries(Object.entries(saved).map(([key, each]) => [key, unmasked(each, at(key))]))
}
