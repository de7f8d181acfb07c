import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { FAMILY } from "./identify.ts"
import { epicReads } from "./web.ts"
import { fanOf, poolsOf } from "./words.ts"

/** Members of `summary` that a user sets. */
const SETTINGS = ["Mining", "StratumConfigs", "Fans", "PerpetualTune", "PresetInfo", "HwConfig", "Misc"]

/** The settings as `summary` and `network` tell them; the machine tells no passwords of pools. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const reads = epicReads(context)
  const summary = await reads.object("summary")
  if (!summary.ok) return summary
  const network = await reads.object("network")
  if (!network.ok && network.fault.kind !== "unsupported") return network
  const pools = poolsOf(summary.value)
  const kept = Object.fromEntries(
    SETTINGS.filter((name) => name in summary.value).map((name) => [name, summary.value[name]]),
  )
  const config = minerConfigurationSchema.safeParse({
    family: FAMILY,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools: pools.map(({ url, user }) => ({ url, user })),
    power_mode: null,
    frequency_mhz: null,
    frequency_level_pct: null,
    voltage_v: null,
    fan: fanOf(summary.value),
    network: network.ok ? networkOf(network.value, summary.value) : null,
    raw: maskSecrets({ summary: kept, ...(network.ok ? { network: network.value } : {}) }),
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: pools.map(() => "") })
    : fault("garbled", "The miner's configuration holds values that no backup can carry.")
}

function networkOf(network: Row, summary: Row): MinerConfiguration["network"] {
  const dhcp = "dhcp" in network
  const place = dhcp ? objectAt(network, "dhcp") : objectAt(network, "static")
  const dns = text(place.dns, 255)
  return {
    dhcp: dhcp || "static" in network ? dhcp : null,
    hostname: text(summary.Hostname, 255),
    ip_address: text(place.address ?? place.ip, 64),
    netmask: text(place.netmask, 64),
    gateway: text(place.gateway, 64),
    dns: dns === null ? [] : [dns],
  }
}
