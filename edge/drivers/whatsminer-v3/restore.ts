import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { inTurn } from "../in-turn.ts"
import { arePools, passwordNote } from "../whatsminer/pools.ts"
import { areSettings, savedBy } from "../whatsminer/saved.ts"
import { capabilities } from "./capabilities.ts"
import { letFansStop, readFansMayStop } from "./fan.ts"
import { FAMILY } from "./identify.ts"
import { writePools } from "./pools.ts"
import { limitPower, setMode, setOffset } from "./power.ts"
import { readPools, readSettings } from "./settings.ts"

/**
 * Pools, fans, frequency, power limit and power mode, each by its own command. The network, the host's name and whether it
 * mines stay as they are.
 */
export async function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  const saved = savedBy(FAMILY, identity, settings, capabilities(identity))
  if (!saved.ok) return { ok: false, fault: saved.fault, sent: false }
  const { pools, offsetPct, powerLimitW, mode, fansMayStop } = saved.value
  const steps: (() => Promise<ActOutcome>)[] = []
  if (pools !== null)
    steps.push(async () => {
      const present = await readPools(context)
      if (!present.ok) return { ok: false, fault: present.fault, sent: false }
      const note = passwordNote(present.value, pools)
      return writePools(context, pools, { told: "the pools are those of the backup", note })
    })
  if (fansMayStop !== null) steps.push(() => letFansStop(context, fansMayStop))
  if (offsetPct !== null)
    steps.push(() => setOffset(context, offsetPct, { told: "the frequency is that of the backup" }))
  if (powerLimitW !== null) steps.push(() => limitPower(context, powerLimitW))
  if (mode !== null) steps.push(() => setMode(context, mode))
  return inTurn("set.miner.pools, settings", steps)
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const saved = savedBy(FAMILY, identity, settings, capabilities(identity))
  if (!saved.ok) return ok(null)
  const { pools, fansMayStop } = saved.value
  const now = await readSettings(context)
  if (!now.ok) return now
  const present = await readPools(context)
  if (!present.ok) return present
  const fans = await readFansMayStop(context)
  if (!fans.ok) return fans
  const sameFans = fansMayStop === null || fans.value === null || fans.value === fansMayStop
  return ok(
    areSettings(now.value, saved.value) && sameFans && (pools === null || arePools(present.value, pools)),
  )
}
