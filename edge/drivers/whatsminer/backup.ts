import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { namedPools, type PoolEntry } from "../pool-slots.ts"
import { boolean, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { FAMILY, flat, optional } from "./identify.ts"
import { readPools, readSettings, type Settings } from "./settings.ts"

/** Put together from what it reports; passwords of its pools are not among that. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const settings = await readSettings(context)
  if (!settings.ok) return settings
  const pools = await readPools(context)
  if (!pools.ok) return pools
  const info = await optional(rpcSession(context).read("get_miner_info"))
  if (!info.ok) return info
  const { status, ...words } = settings.value
  const network = flat(info.value)
  return configurationOf(identity, {
    family: FAMILY,
    settings: words,
    pools: pools.value,
    fan: null,
    network,
    raw: { ...(status && { status }), ...(network && { get_miner_info: network }) },
  })
}

export type BackupParts = {
  family: string
  settings: Settings
  pools: readonly PoolEntry[]
  fan: MinerConfiguration["fan"]
  /** `ip`, `proto`, `netmask`, `gateway`, `dns`, `hostname`: both dialects name them so. */
  network: Row | null
  raw: Row
}

/** `raw.settings` is what a restore reads; the rest of `raw` is the machine's own words. */
export function configurationOf(identity: Identity, parts: BackupParts): Outcome<MinerSettings> {
  const { settings, network } = parts
  const { nominalMhz, offsetPct } = settings
  const pools = namedPools(parts.pools)
  const config = minerConfigurationSchema.safeParse({
    family: parts.family,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools,
    power_mode: settings.mode,
    frequency_mhz:
      nominalMhz === null || offsetPct === null ? null : Math.round(nominalMhz * (1 + offsetPct / 100)),
    frequency_level_pct: offsetPct === null ? null : 100 + offsetPct,
    voltage_v: null,
    fan: parts.fan,
    network: network === null ? null : networkOf(network),
    raw: maskSecrets({
      settings: { power_limit_w: settings.powerLimitW, frequency_offset_pct: offsetPct },
      ...parts.raw,
    }),
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: pools.map(() => "") })
    : fault("garbled", "The miner's configuration holds values that no backup can carry.")
}

function networkOf(told: Row): MinerConfiguration["network"] {
  const protocol = text(told.proto, 16)
  return {
    dhcp: protocol === null ? boolean(told.dhcp) : /^dhcp$/i.test(protocol),
    hostname: text(told.hostname, 255),
    ip_address: text(told.ip, 64),
    netmask: text(told.netmask, 64),
    gateway: text(told.gateway, 64),
    dns: (text(told.dns, 1024) ?? "")
      .split(/[\s,;]+/)
      .filter(Boolean)
      .slice(0, 8)
      .map((server) => server.slice(0, 255)),
  }
}
