import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import { cgiNetwork } from "../cgi-network.ts"
import type { ActOutcome, DriverContext, Identity, MinerSettings } from "../driver.ts"
import { EMPTY_POOL, namedPools, POOL_SLOTS } from "../pool-slots.ts"
import { keptSettings, savedPools } from "../saved-settings.ts"
import { number } from "../transport/coerce.ts"
import { type ConfChange, confWords, isSo, MODE_NUMBERS } from "./conf.ts"
import { changeConf } from "./settings.ts"
import { getPage } from "./web.ts"

/** `get_miner_conf` and `get_network_info` are all that a user can set. Reads only. */
export async function backup(context: DriverContext, identity: Identity): Promise<Outcome<MinerSettings>> {
  const conf = await getPage(context, "get_miner_conf")
  if (!conf.ok) return conf
  const network = await getPage(context, "get_network_info")
  if (!network.ok && network.fault.kind !== "unsupported") return network
  const words = confWords(conf.value)
  const millivolts = number(conf.value["fc-voltage"])
  return keptSettings(identity, {
    pools: words.pools.slice(0, namedPools(words.pools).length),
    power_mode: words.mode,
    frequency_mhz: number(conf.value["fc-freq"]),
    frequency_level_pct: number(conf.value["fc-freq-level"]),
    voltage_v: millivolts === null ? null : millivolts / 1000,
    fan: words.fan,
    network: network.ok ? cgiNetwork(network.value) : null,
    raw: { get_miner_conf: conf.value, ...(network.ok ? { get_network_info: network.value } : {}) },
  })
}

/** Pools, mode, fans and level of a backup; every other key keeps its present value, above all the network. */
export function restore(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<ActOutcome> {
  return changeConf(context, () => {
    const change = changeOf(identity, settings)
    if (!change.ok) return change
    const note = [change.value.note, "The network settings stay as they are."].filter(Boolean).join(" ")
    return ok({
      change: change.value.change,
      told: "pools, power mode, fans and frequency level are those of the backup",
      note,
    })
  })
}

/** Whether the machine has what the backup holds; for an act that nobody saw end. */
export async function isRestored(
  context: DriverContext,
  identity: Identity,
  settings: MinerSettings,
): Promise<Outcome<boolean | null>> {
  const change = changeOf(identity, settings)
  const conf = await getPage(context, "get_miner_conf")
  if (!conf.ok) return conf
  return ok(change.ok ? isSo(conf.value, change.value.change) : null)
}

function changeOf(
  identity: Identity,
  settings: MinerSettings,
): Outcome<{ change: ConfChange; note: string | undefined }> {
  const saved = savedPools(identity, settings, POOL_SLOTS)
  if (!saved.ok) return saved
  const { power_mode: mode, fan, frequency_level_pct: level } = settings.config
  const change: ConfChange = {}
  if (saved.value.pools.length > 0)
    change.pools = Array.from({ length: POOL_SLOTS }, (_, slot) => saved.value.pools[slot] ?? EMPTY_POOL)
  if (mode === "normal" || mode === "sleep") change.mode = MODE_NUMBERS[mode]
  if (fan?.mode === "auto") change.fan = { manual: false }
  const pwm = fan?.mode === "manual" ? fan.speed_pct : null
  if (pwm !== null && pwm >= 0 && pwm <= 100) change.fan = { manual: true, pwm }
  if (level !== null && level >= 1 && level <= 100) change.levelPct = level
  return Object.keys(change).length > 0
    ? ok({ change, note: saved.value.note })
    : fault("unsupported", "The backup holds nothing that could be restored.")
}
