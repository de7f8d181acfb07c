import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { type MinerConfiguration, minerConfigurationSchema } from "#server/contract/edge.ts"
import type { Identity, MinerSettings } from "./driver.ts"
import { maskSecrets } from "./mask-secrets.ts"
import { ANY_PASSWORD, type PoolEntry } from "./pool-slots.ts"
import type { Row } from "./transport/reply.ts"

/** What a family could read of its settings; what is left out is unknown. `raw` may hold secrets, they are masked here. */
export type ReadSettings = Partial<
  Pick<
    MinerConfiguration,
    "power_mode" | "frequency_mhz" | "frequency_level_pct" | "voltage_v" | "fan" | "network"
  >
> & { pools: readonly PoolEntry[]; raw: Row }

/** A backup of these settings, its passwords apart; an empty text where the machine does not tell one. */
export function keptSettings(identity: Identity, read: ReadSettings): Outcome<MinerSettings> {
  const { pools, raw, ...known } = read
  const used = pools.slice(0, 16)
  const config = minerConfigurationSchema.safeParse({
    family: identity.family,
    model: identity.model,
    firmware_version: identity.firmwareVersion,
    power_mode: null,
    frequency_mhz: null,
    frequency_level_pct: null,
    voltage_v: null,
    fan: null,
    network: null,
    ...known,
    pools: used.map(({ url, user }) => ({ url, user })),
    raw: maskSecrets(raw),
  } satisfies MinerConfiguration)
  return config.success
    ? ok({ config: config.data, passwords: used.map(({ pass }) => pass) })
    : fault("garbled", "The miner's configuration holds values that no backup can carry.")
}

/** Pools of a backup as they are to be set; `note` says so where a password had to be made up. */
export type SavedPools = { pools: PoolEntry[]; note: string | undefined }

/** Refuses what this machine cannot be set to: a backup is data that lay somewhere for months. */
export function savedPools(
  identity: Identity,
  { config, passwords }: MinerSettings,
  slots: number,
): Outcome<SavedPools> {
  if (config.family !== identity.family)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (config.pools.length > slots || (passwords.length > 0 && passwords.length !== config.pools.length))
    return fault("unsupported", `The backup's pools do not fit this machine's ${slots} slots.`)
  const told = (slot: number) => config.pools[slot]!.url === "" || Boolean(passwords[slot])
  const pools = config.pools.map(({ url, user }, slot) => ({
    url,
    user,
    pass: url === "" ? (passwords[slot] ?? "") : passwords[slot] || ANY_PASSWORD,
  }))
  const madeUp = pools.some((_, slot) => !told(slot))
  return ok({
    pools,
    note: madeUp ? `The backup holds no passwords of pools; "${ANY_PASSWORD}" is set.` : undefined,
  })
}
