import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { MinerConfiguration } from "#server/contract/edge.ts"
import { namedPools, POOL_SLOTS, type PoolEntry, samePool } from "../pool-slots.ts"
import { boolean, number, text } from "../transport/coerce.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"

/**
 * The settings as `get_miner_conf` and `get_miner_confV1` tell them. They are set by one form that takes all of them and
 * resets what it is not given: a machine with a setting that the form has no field for is left alone.
 */
export type VolcConf = { conf: Row; more: Row }
export type VolcChange = { pools?: PoolEntry[]; fan?: { manual: boolean; pct: number } }

const word = (value: unknown) => (typeof value === "string" ? value : "")

export function poolsOf({ conf }: VolcConf): PoolEntry[] {
  const given = listAt(conf, "pools", POOL_SLOTS)
  return Array.from({ length: POOL_SLOTS }, (_, slot) => {
    const { url, user, pass } = given[slot] ?? {}
    return { url: word(url), user: word(user), pass: word(pass) }
  })
}

export function fanOf({ conf }: VolcConf): NonNullable<MinerConfiguration["fan"]> | null {
  const manual = boolean(conf["fan-ctrl"])
  if (manual === null) return null
  return manual
    ? { mode: "manual", speed_pct: number(conf["fan-pwm-front"]) }
    : { mode: "auto", speed_pct: null }
}

type Field = { field: string; key: string; of: keyof VolcConf; absent?: string }
/** Fields of the form with the key that tells each; `absent`: what a machine that does not list it is set to. */
const FIELDS: readonly Field[] = [
  { field: "_bb_nobeeper", key: "nobeeper", of: "conf", absent: "false" },
  { field: "_bb_notempoverctrl", key: "notempoverctrl", of: "conf", absent: "false" },
  { field: "_bb_fan_customize_switch", key: "fan-ctrl", of: "conf" },
  { field: "_bb_fan_customize_value_front", key: "fan-pwm-front", of: "conf" },
  { field: "_bb_fan_customize_value_back", key: "fan-pwm-back", of: "conf" },
  { field: "_bb_freq", key: "freq", of: "conf" },
  { field: "_bb_coin_type", key: "coin-type", of: "conf" },
  { field: "_bb_runmode", key: "runmode", of: "more" },
  { field: "_bb_voltage_customize_value", key: "voltage", of: "more" },
  { field: "_bb_ema", key: "sram-voltage", of: "conf" },
  { field: "_bb_debug", key: "bb_debug_enable", of: "more" },
]
/** Not in the form, and not the user's: who may ask on the command port. */
const NOT_SET = /^(?:pools|api-(?:listen|network|groups|allow))$/
const KNOWN = new Set(FIELDS.map(({ key }) => key))

/** The whole form. A fault names what is missing, or what the form would lose. */
export function formOf(settings: VolcConf, change: VolcChange): Outcome<URLSearchParams> {
  const lost = Object.keys(settings.conf).filter((key) => !NOT_SET.test(key) && !KNOWN.has(key))
  if (lost.length > 0)
    return fault("unsupported", `Its form would reset what it has no field for: ${listed(lost)}.`)
  const form = new URLSearchParams()
  for (const [slot, pool] of (change.pools ?? poolsOf(settings)).entries()) {
    form.set(`_bb_pool${slot + 1}url`, pool.url)
    form.set(`_bb_pool${slot + 1}user`, pool.user)
    form.set(`_bb_pool${slot + 1}pw`, pool.pass)
  }
  const missing: string[] = []
  for (const { field, key, of, absent } of FIELDS) {
    const value = settings[of][key]
    const told = typeof value === "boolean" || typeof value === "number" ? String(value) : value
    if (typeof told === "string") form.set(field, told)
    else if (absent !== undefined) form.set(field, absent)
    else missing.push(key)
  }
  if (missing.length > 0)
    return fault("unsupported", `Its form would reset what it does not tell: ${listed(missing)}.`)
  const { fan } = change
  if (fan !== undefined) {
    form.set("_bb_fan_customize_switch", String(fan.manual))
    if (fan.manual)
      for (const side of ["front", "back"]) form.set(`_bb_fan_customize_value_${side}`, String(fan.pct))
  }
  return ok(form)
}

const listed = (keys: string[]) =>
  keys
    .slice(0, 6)
    .map((key) => text(key, 32))
    .join(", ")

export function isSo(settings: VolcConf, { pools, fan }: VolcChange): boolean {
  const present = poolsOf(settings)
  const now = fanOf(settings)
  return (
    (pools === undefined || pools.every((pool, slot) => samePool(pool, present[slot]))) &&
    (fan === undefined ||
      (now?.mode === (fan.manual ? "manual" : "auto") && (!fan.manual || now.speed_pct === fan.pct)))
  )
}

/** For people: no passwords. */
export function shown(settings: VolcConf, change: VolcChange): Record<string, unknown> {
  return {
    ...(change.pools === undefined ? {} : { pools: namedPools(poolsOf(settings)) }),
    ...(change.fan === undefined ? {} : { fan: fanOf(settings) }),
  }
}
