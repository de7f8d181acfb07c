import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { DriverContext, Identity, MinerSettings } from "../driver.ts"
import { maskSecrets } from "../mask-secrets.ts"
import { boolean, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { FAMILY } from "./identify.ts"
import { readPools } from "./pools.ts"
import { profilesOf } from "./profiles.ts"
import { readSections } from "./rpc.ts"
import { powerModeOf, stateOf } from "./settings.ts"

/** All that the machine's reads tell of its settings. Passwords of pools are not among it: one empty text for each. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const told = await readSections(context, ["config", "fans", "tempctrl", "atm", "groups", "profiles"])
  if (!told.ok) return told
  const pools = await readPools(context)
  if (!pools.ok) return pools
  const state = stateOf(told.value)
  const profile = profilesOf(told.value.profiles).find(({ name }) => name === state.profile)
  const { profiles: _, ...raw } = told.value
  const config = minerConfigurationSchema.safeParse({
    family: FAMILY,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    pools: pools.value.slice(0, 16).map(({ url, user }) => ({ url, user })),
    power_mode: powerModeOf(state),
    frequency_mhz: profile?.mhz ?? null,
    frequency_level_pct: null,
    voltage_v: profile?.volts ?? null,
    fan: state.fan.mode === null ? null : { mode: state.fan.mode, speed_pct: speedOf(state.fan) },
    network: networkOf(told.value.config[0]),
    raw: maskSecrets(raw),
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: config.data.pools.map(() => "") })
    : fault("garbled", "The machine's settings hold values that no backup can carry.")
}

const speedOf = ({ mode, speedPct }: { mode: string | null; speedPct: number | null }) =>
  mode === "manual" ? speedPct : null

function networkOf(config: Row | undefined): MinerConfiguration["network"] {
  return {
    dhcp: boolean(config?.DHCP),
    hostname: text(config?.Hostname, 255),
    ip_address: text(config?.IPAddr, 64),
    netmask: text(config?.Netmask, 64),
    gateway: text(config?.Gateway, 64),
    dns: (text(config?.["DNS Servers"], 1024) ?? "")
      .split(/[\s,;]+/)
      .filter(Boolean)
      .slice(0, 8)
      .map((server) => server.slice(0, 255)),
  }
}
