import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { MASK } from "../mask-secrets.ts"
import { ANY_PASSWORD, namedPools, type PoolEntry } from "../pool-slots.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { FAMILY } from "./identify.ts"
import {
  changeSettings,
  fanOf,
  overclockOf,
  poolsOf,
  readSettings,
  type Settings,
  samePools,
} from "./settings.ts"

type Plan = { pools: PoolEntry[]; parts: Row; madeUp: boolean }
const PARTS = ["overclock", "cooling"] as const

/** Pools, tuning and fans of a backup; the network and everything else keep their present values. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const plan = planOf(identity, settings)
  if (!plan.ok) return { ok: false, fault: plan.fault, sent: false }
  const { pools, parts, madeUp } = plan.value
  return changeSettings(context, {
    isSo: (now) => isRestoredTo(now, plan.value),
    shown: (now) => ({ pools: namedPools(poolsOf(now)), fan: fanOf(now), ...overclockOf(now) }),
    body: () => ({
      ...parts,
      ...(pools.length > 0 ? { pools: pools.map((pool, order) => ({ ...pool, order })) } : {}),
    }),
    told: "pools, tuning and fans are those of the backup",
    note: `The network settings stay as they are.${madeUp ? ` Pools whose password was not told got "${ANY_PASSWORD}".` : ""}`,
  })
}

export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const plan = planOf(identity, settings)
  const now = await readSettings(context)
  if (!now.ok) return now
  return ok(plan.ok ? isRestoredTo(now.value, plan.value) : null)
}

function planOf(identity: Identity, { config, passwords }: MinerSettings): Outcome<Plan> {
  if (config.family !== FAMILY)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (passwords.length > 0 && passwords.length !== config.pools.length)
    return fault("unsupported", "The backup's passwords do not fit its pools.")
  const saved = objectAt(config.raw, "settings", "miner")
  const parts: Row = {}
  for (const part of PARTS) {
    const kept = objectAt(saved, part)
    if (Object.keys(kept).length > 0 && !JSON.stringify(kept).includes(`"${MASK}"`)) parts[part] = kept
  }
  const pools = config.pools.map(({ url, user }, at) => ({ url, user, pass: passwords[at] || ANY_PASSWORD }))
  if (pools.length === 0 && Object.keys(parts).length === 0)
    return fault("unsupported", "The backup holds nothing that could be restored.")
  return ok({ pools, parts, madeUp: pools.some((_, at) => !passwords[at]) })
}

function isRestoredTo(now: Settings, { pools, parts }: Plan): boolean {
  const samePart = ([name, kept]: [string, unknown]) => holds(now.miner[name], kept)
  return (pools.length === 0 || samePools(poolsOf(now), pools)) && Object.entries(parts).every(samePart)
}

/** Whether a document holds what another says, whatever else it says. */
function holds(actual: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return actual === wanted
  if (typeof actual !== "object" || actual === null) return false
  return Object.entries(wanted).every(([key, each]) => holds((actual as Row)[key], each))
}
