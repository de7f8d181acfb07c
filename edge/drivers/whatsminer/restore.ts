import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { capabilities } from "./capabilities.ts"
import { FAMILY } from "./identify.ts"
import { arePools, passwordNote, writePools } from "./pools.ts"
import { limitPower, setMode, setOffset } from "./power.ts"
import { areSettings, savedBy } from "./saved.ts"
import { readPools, readSettings, untilBack } from "./settings.ts"

/**
 * Pools, frequency, power limit and power mode, each by its own command; what restarts the mining comes last. The network,
 * the host's name and whether it mines stay as they are.
 */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedBy(FAMILY, identity, settings, capabilities(identity))
  if (!saved.ok) return { ok: false, fault: saved.fault, sent: false }
  const { pools, offsetPct, powerLimitW, mode } = saved.value
  const steps: (() => Promise<ActOutcome>)[] = []
  if (pools !== null)
    steps.push(async () => {
      const present = await readPools(context)
      if (!present.ok) return { ok: false, fault: present.fault, sent: false }
      const note = passwordNote(present.value, pools)
      return writePools(context, identity, pools, { told: "the pools are those of the backup", note })
    })
  if (offsetPct !== null)
    steps.push(() => setOffset(context, identity, offsetPct, { told: "the frequency is that of the backup" }))
  if (powerLimitW !== null) steps.push(() => limitPower(context, identity, powerLimitW))
  if (mode !== null) steps.push(() => setMode(context, identity, mode))
  return inTurn(
    "update_pools, settings",
    steps.map((step, at) => async () => {
      if (at > 0) await untilBack(context)
      return step()
    }),
  )
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const saved = savedBy(FAMILY, identity, settings, capabilities(identity))
  if (!saved.ok) return ok(null)
  const now = await readSettings(context)
  if (!now.ok) return now
  const pools = await readPools(context)
  if (!pools.ok) return pools
  return ok(
    areSettings(now.value, saved.value) &&
      (saved.value.pools === null || arePools(pools.value, saved.value.pools)),
  )
}
