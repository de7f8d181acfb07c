import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { boolean, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { fanOf, modeOf, poolsOf, SLEEP } from "./config.ts"
import { FAMILY } from "./identify.ts"
import { marathonReads } from "./web.ts"

/** `miner_config` is all that a user can set, and `network_config` his network. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const reads = marathonReads(context)
  const whole = await reads.object("miner_config")
  if (!whole.ok) return whole
  const network = await reads.object("network_config")
  if (!network.ok && network.fault.kind !== "unsupported") return network
  const pools = poolsOf(whole.value)
  const { selector, fixedMhz } = modeOf(whole.value)
  const config = minerConfigurationSchema.safeParse({
    family: FAMILY,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools: pools.map(({ url, user }) => ({ url, user })),
    power_mode: selector === SLEEP ? "sleep" : selector === "Stock" ? "normal" : null,
    frequency_mhz: selector === "Fixed" ? fixedMhz : null,
    frequency_level_pct: null,
    voltage_v: null,
    fan: fanOf(whole.value),
    network: network.ok ? networkOf(network.value) : null,
    raw: maskSecrets({
      miner_config: whole.value,
      ...(network.ok ? { network_config: network.value } : {}),
    }),
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: pools.map((pool) => pool.pass) })
    : fault("garbled", "The miner's configuration holds values that no backup can carry.")
}

function networkOf(info: Row): MinerConfiguration["network"] {
  const dns = Array.isArray(info.dns) ? info.dns : [info.dns ?? info.dnsservers]
  return {
    dhcp: boolean(info.dhcp),
    hostname: text(info.hostname, 255),
    ip_address: text(info.ipaddress ?? info.ip_address ?? info.ip, 64),
    netmask: text(info.netmask, 64),
    gateway: text(info.gateway, 64),
    dns: dns
      .map((server) => text(server, 255))
      .filter((server) => server !== null)
      .slice(0, 8),
  }
}
