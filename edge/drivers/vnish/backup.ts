import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { boolean, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import { FAMILY } from "./identify.ts"
import { fanOf, overclockOf, poolsOf, readSettings, type Settings } from "./settings.ts"

/**
 * `settings` is all that a user can set. The machine's own archive is not used: it holds passwords in clear, and putting
 * it back would give a machine the address of another.
 */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const settings = await readSettings(context)
  if (!settings.ok) return settings
  const pools = poolsOf(settings.value).filter((pool) => pool.url !== "")
  const { mhz, millivolts } = overclockOf(settings.value)
  const config = minerConfigurationSchema.safeParse({
    family: FAMILY,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools: pools.map(({ url, user }) => ({ url, user })),
    power_mode: null,
    frequency_mhz: mhz,
    frequency_level_pct: null,
    voltage_v: millivolts === null ? null : millivolts / 1000,
    fan: fanOf(settings.value),
    network: networkOf(settings.value),
    raw: maskSecrets({ settings: settings.value.whole }),
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: pools.map((pool) => pool.pass) })
    : fault("garbled", "The miner's configuration holds values that no backup can carry.")
}

function networkOf({ whole }: Settings): MinerConfiguration["network"] {
  const network = objectAt(whole, "network")
  if (Object.keys(network).length === 0) return null
  const dns = Array.isArray(network.dnsservers) ? network.dnsservers : network.dns
  return {
    dhcp: boolean(network.dhcp),
    hostname: text(network.hostname, 255),
    ip_address: text(network.ipaddress ?? network.ip, 64),
    netmask: text(network.netmask, 64),
    gateway: text(network.gateway, 64),
    dns: (Array.isArray(dns) ? dns : [])
      .map((server) => text(server, 255) ?? "")
      .filter(Boolean)
      .slice(0, 8),
  }
}
