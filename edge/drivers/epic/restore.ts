import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import type { PoolEntry } from "../pool-slots.ts"
import { objectAt } from "../transport/http-reads.ts"
import { setFan } from "./act.ts"
import { FAMILY } from "./identify.ts"
import { setPools } from "./pools.ts"
import { tune } from "./tune.ts"
import { tuningOf } from "./words.ts"

/** Pools, fans and tuner of a backup, one after the other; the network stays as it is. */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const steps = stepsOf(context, identity, settings)
  if (!steps.ok) return { ok: false, fault: steps.fault, sent: false }
  return inTurn("coin, fanspeed and perpetualtune", steps.value)
}

function stepsOf(
  context: DriverContext,
  identity: Identity,
  { config, passwords }: MinerSettings,
): Outcome<(() => Promise<ActOutcome>)[]> {
  if (config.family !== FAMILY)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  const steps: (() => Promise<ActOutcome>)[] = []
  const pools = config.pools.map(({ url, user }, at): PoolEntry => ({ url, user, pass: passwords[at] ?? "" }))
  if (pools.length > 0) steps.push(() => setPools(context, pools, "the pools are those of the backup"))
  const { fan } = config
  if (fan?.mode === "auto") steps.push(() => setFan(context, { fan_mode: "auto" }))
  if (fan?.mode === "manual" && fan.speed_pct !== null) {
    const fan_speed_pct = fan.speed_pct
    if (fan_speed_pct < 0 || fan_speed_pct > 100)
      return fault("unsupported", "The backup's fan speed is no per cent.")
    steps.push(() => setFan(context, { fan_mode: "manual", fan_speed_pct }))
  }
  const { running, algo, target } = tuningOf(objectAt(config.raw, "summary"))
  if (running === true && algo !== null && target !== null && target > 0)
    steps.push(() =>
      tune(context, algo, target, `the tuner is ${algo} with the backup's target of ${target}`),
    )
  return steps.length > 0
    ? ok(steps)
    : fault("unsupported", "The backup holds nothing that could be restored.")
}
