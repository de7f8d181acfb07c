import type { Outcome } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { configurationOf } from "../whatsminer/backup.ts"
import { readFansMayStop } from "./fan.ts"
import { FAMILY } from "./identify.ts"
import { frameSession, member } from "./session.ts"
import { readPools, readSettings } from "./settings.ts"

/** Put together from what it reports; passwords of its pools are not among that. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const settings = await readSettings(context)
  if (!settings.ok) return settings
  const pools = await readPools(context)
  if (!pools.ok) return pools
  const fans = await readFansMayStop(context)
  if (!fans.ok) return fans
  const system = await frameSession(context).optional("get.system.setting")
  if (!system.ok) return system
  const { info, setting, ...words } = settings.value
  const network = member(info, "network")
  return configurationOf(identity, {
    family: FAMILY,
    settings: words,
    pools: pools.value,
    fan: fans.value === null ? null : { mode: fans.value ? "immersion" : "auto", speed_pct: null },
    network,
    raw: {
      network,
      ...(setting && { "get.miner.setting": setting }),
      ...(system.value && { "get.system.setting": system.value.msg }),
    },
  })
}
