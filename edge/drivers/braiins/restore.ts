import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { ANY_PASSWORD, type PoolEntry } from "../pool-slots.ts"
import { number } from "../transport/coerce.ts"
import { isCooled, readCooling, setFan } from "./cooling.ts"
import { dialectOf } from "./dialect.ts"
import { FAMILY } from "./identify.ts"
import { arePools, readPools, writePools } from "./pools.ts"
import { powerTargetOf, readPowerTarget, setPowerTarget } from "./power-target.ts"
import { rowOf } from "./units.ts"

type Wanted = {
  web: "rest" | "graphql"
  targetW: number | null
  fan: { mode: "auto" | "manual" | "immersion"; speedPct: number | null } | null
  pools: PoolEntry[]
}

/** Power target and cooling, then the pools; only what differs is written, and never the network. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const wanted = wantedOf(identity, settings)
  if (!wanted.ok) return { ...wanted, sent: false }
  const { web, targetW, fan, pools } = wanted.value
  const steps: (() => Promise<ActOutcome>)[] = []
  if (targetW !== null) steps.push(() => setPowerTarget(context, web, targetW))
  if (fan !== null)
    steps.push(() =>
      setFan(context, {
        fan_mode: fan.mode,
        ...(fan.speedPct === null ? {} : { fan_speed_pct: fan.speedPct }),
      }),
    )
  if (pools.length > 0) {
    const hidden = settings.passwords.every((password) => password === "")
    const note = hidden ? `The backup has no pool passwords: they are "${ANY_PASSWORD}".` : ""
    steps.push(() =>
      writePools(context, web, pools, {
        told: "the pools are those of the backup",
        note: [note, "The network settings stay as they are."].filter(Boolean).join(" "),
      }),
    )
  }
  return inTurn("settings of a backup", steps)
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const wanted = wantedOf(identity, settings)
  if (!wanted.ok) return ok(null)
  const { web, targetW, fan, pools } = wanted.value
  if (targetW !== null) {
    const now = await readPowerTarget(context, web)
    if (!now.ok) return now
    if (now.value.targetW !== targetW) return ok(false)
  }
  if (fan !== null) {
    const now = await readCooling(context)
    if (!now.ok) return now
    if (now.value.mode === null) return ok(null)
    if (!isCooled(now.value, fan.mode, fan.speedPct)) return ok(false)
  }
  const now = await readPools(context, web)
  return now.ok ? ok(pools.length === 0 || arePools(now.value, pools)) : now
}

function wantedOf(identity: Identity, { config, passwords }: MinerSettings): Outcome<Wanted> {
  if (config.family !== FAMILY)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (passwords.length > 0 && passwords.length !== config.pools.length)
    return fault("unsupported", "The backup's passwords do not fit its pools.")
  const web = dialectOf(identity)
  if (web === "rpc") return fault("unsupported", "This release takes no configuration.")
  const fan = web === "rest" ? config.fan : null
  const wanted: Wanted = {
    web,
    targetW: targetOf(config.raw),
    fan: fan === null ? null : { mode: fan.mode, speedPct: fan.speed_pct },
    pools: config.pools.map(({ url, user }, at) => ({ url, user, pass: passwords[at] || ANY_PASSWORD })),
  }
  return wanted.targetW === null && wanted.fan === null && wanted.pools.length === 0
    ? fault("unsupported", "The backup holds nothing that could be restored.")
    : ok(wanted)
}

/** Of a tuner that keeps to watts; another one is left as it is. */
function targetOf(raw: Record<string, unknown>): number | null {
  const rest = powerTargetOf(rowOf(raw["configuration/miner"]).tuner)
  const told = rest.targetW ?? number(rowOf(raw.autotuning).powerTarget)
  return rest.byPower && told !== null && told >= 100 && told <= 20_000 ? Math.round(told) : null
}
