import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { capabilities } from "./capabilities.ts"
import { coolingOf } from "./cooling.ts"
import { dialectOf } from "./dialect.ts"
import { askGraphql } from "./graphql.ts"
import { FAMILY } from "./identify.ts"
import { readPools } from "./pools.ts"
import { getRest } from "./rest.ts"
import { count, listOf, rowOf } from "./units.ts"

const DHCP = 1

/** The configuration and the network as the release tells them; pool passwords apart, empty where it does not. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const can = capabilities(identity).can("BACKUP_CONFIG")
  if (!can.ok) return can
  const web = dialectOf(identity) === "rest" ? "rest" : "graphql"
  const raw = web === "rest" ? await rawByRest(context) : await rawByGraphql(context)
  if (!raw.ok) return raw
  const pools = await readPools(context, web)
  if (!pools.ok) return pools
  const kept = pools.value.slice(0, 16)
  const cooling = coolingOf(rowOf(raw.value["configuration/miner"]).temperature)
  const { mode } = cooling
  const config = minerConfigurationSchema.safeParse({
    family: FAMILY,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools: kept.map(({ url, user }) => ({ url, user })),
    power_mode: null,
    frequency_mhz: null,
    frequency_level_pct: null,
    voltage_v: null,
    fan:
      mode === null || mode === "hydro"
        ? null
        : { mode, speed_pct: mode === "manual" ? cooling.speedPct : null },
    network: networkOf(raw.value),
    raw: maskSecrets(raw.value),
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: kept.map(({ pass }) => pass) })
    : fault("garbled", "The machine's configuration holds values that no backup can carry.")
}

async function rawByRest(context: DriverContext): Promise<Outcome<Row>> {
  const configuration = await getRest(context, "configuration/miner")
  if (!configuration.ok) return configuration
  const network = await getRest(context, "network")
  if (!network.ok && network.fault.kind !== "unsupported") return network
  return ok({
    "configuration/miner": configuration.value,
    ...(network.ok ? { network: network.value } : {}),
  })
}

async function rawByGraphql(context: DriverContext): Promise<Outcome<Row>> {
  const told = await askGraphql(context, {
    bos: { hostname: true },
    bosminer: { config: { autotuning: { mode: true, powerTarget: true, enabled: true } } },
  })
  if (!told.ok) return told
  return ok({
    autotuning: rowOf(rowOf(told.value.bosminer).config).autotuning ?? null,
    network: { hostname: rowOf(told.value.bos).hostname ?? null },
  })
}

function networkOf(raw: Row): MinerConfiguration["network"] {
  if (raw.network === undefined) return null
  const network = rowOf(raw.network)
  const own = listOf(network.networks)[0]
  const protocol = count(network.protocol)
  return {
    dhcp: protocol === null ? null : protocol === DHCP,
    hostname: text(network.hostname, 255),
    ip_address: text(own?.address, 64),
    netmask: text(own?.netmask, 64),
    gateway: text(network.default_gateway, 64),
    dns: (Array.isArray(network.dns_servers) ? network.dns_servers : [])
      .map((server) => text(server, 255))
      .filter((server) => server !== null)
      .slice(0, 8),
  }
}
