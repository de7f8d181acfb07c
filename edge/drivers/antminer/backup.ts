import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import { cgiNetwork } from "../cgi-network.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { namedPools } from "../pool-slots.ts"
import { confWords, levelMhz } from "./conf.ts"
import { getWeb } from "./web.ts"

/** `get_miner_conf` and `get_network_info` are all that a user can set; passwords of pools stand apart. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const conf = await getWeb(context, "get_miner_conf")
  if (!conf.ok) return conf
  const network = await getWeb(context, "get_network_info")
  if (!network.ok && network.fault.kind !== "unsupported") return network
  const words = confWords(conf.value)
  const pools = namedPools(words.pools)
  const config = minerConfigurationSchema.safeParse({
    family: identity.family,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools,
    power_mode: words.mode,
    frequency_mhz: levelMhz(words),
    frequency_level_pct: words.levelPct,
    voltage_v: words.voltageV,
    fan: words.fan,
    network: network.ok ? cgiNetwork(network.value) : null,
    raw: maskSecrets({
      get_miner_conf: conf.value,
      ...(network.ok ? { get_network_info: network.value } : {}),
    }),
  } satisfies MinerConfiguration)
  if (!config.success)
    return fault("garbled", "The miner's configuration holds values that no backup can carry.")
  return ok({ config: config.data, passwords: words.pools.slice(0, pools.length).map((pool) => pool.pass) })
}
