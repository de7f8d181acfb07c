import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Capabilities, Identity, MinerSettings } from "../driver.ts"
import { EMPTY_POOL, POOL_SLOTS, type PoolEntry } from "../pool-slots.ts"
import { number, powerW } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import type { PowerMode, Settings } from "./settings.ts"

/** What a backup asks a machine to be, as far as this unit can; a backup is data that lay somewhere for months. */
export type Saved = {
  pools: PoolEntry[] | null
  offsetPct: number | null
  powerLimitW: number | null
  mode: PowerMode | null
  fansMayStop: boolean | null
}

export function savedBy(
  family: string,
  identity: Identity,
  { config, passwords }: MinerSettings,
  { can }: Capabilities,
): Outcome<Saved> {
  if (config.family !== family)
    return fault("unsupported", `The backup is of another family of miners (${config.family}).`)
  if (config.model !== null && identity.model !== null && config.model !== identity.model)
    return fault("unsupported", `The backup is of a ${config.model}; this machine is a ${identity.model}.`)
  if (config.pools.length > POOL_SLOTS || (passwords.length > 0 && passwords.length !== config.pools.length))
    return fault("unsupported", "The backup's passwords do not fit its pools.")
  const kept = config.raw.settings
  const settings: Row = typeof kept === "object" && kept !== null ? (kept as Row) : {}
  const offset = can("SET_FREQ").ok ? number(settings.frequency_offset_pct) : null
  if (offset !== null && (!Number.isInteger(offset) || offset <= -100 || offset > 100))
    return fault("unsupported", `The backup's frequency offset of ${offset} % is not set.`)
  const saved: Saved = {
    pools: config.pools.length === 0 ? null : slots(config.pools, passwords),
    offsetPct: offset,
    powerLimitW: can("POWER_MODE.limit").ok ? powerW(settings.power_limit_w) : null,
    mode: config.power_mode === "sleep" ? null : config.power_mode,
    fansMayStop:
      config.fan !== null && config.fan.mode !== "manual" && can(`THERMAL_POLICY.${config.fan.mode}`).ok
        ? config.fan.mode === "immersion"
        : null,
  }
  return Object.values(saved).some((each) => each !== null)
    ? ok(saved)
    : fault("unsupported", "The backup holds nothing that could be restored.")
}

function slots(pools: readonly { url: string; user: string }[], passwords: readonly string[]): PoolEntry[] {
  return Array.from({ length: POOL_SLOTS }, (_, slot) =>
    pools[slot] === undefined ? EMPTY_POOL : { ...pools[slot], pass: passwords[slot] ?? "" },
  )
}

/** Whether the machine is as the backup says, apart from its pools; what it does not tell cannot differ. */
export function areSettings(now: Settings, saved: Saved): boolean {
  const same = <T>(is: T | null, wanted: T | null) => wanted === null || is === null || is === wanted
  return (
    same(now.offsetPct, saved.offsetPct) &&
    same(now.powerLimitW, saved.powerLimitW) &&
    same(now.mode, saved.mode)
  )
}
