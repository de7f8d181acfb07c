import type { MinerConfiguration } from "#server/contract/edge.ts"
import { namedPools, POOL_SLOTS, type PoolEntry, samePool } from "../pool-slots.ts"
import { boolean, number } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/**
 * `get_miner_conf.cgi` in the field's words, and the way back. Two ways of posting it are known, `pool0url …` and
 * `pools[]` with `miner-mode`; both are sent in one object, with every key that was read.
 */
export const MODE_NUMBERS = { normal: 0, sleep: 1 } as const
export type Mode = keyof typeof MODE_NUMBERS
export type Fan = NonNullable<MinerConfiguration["fan"]>

export type ConfWords = { mode: Mode | null; modeNumber: number | null; pools: PoolEntry[]; fan: Fan | null }
/** What a command changes; everything left out stays. */
export type ConfChange = {
  mode?: number
  pools?: PoolEntry[]
  fan?: { manual: boolean; pwm?: number }
  levelPct?: number
}

const word = (value: unknown) => (typeof value === "string" ? value : "")

export function confWords(conf: Row): ConfWords {
  const modeNumber = number(conf["fc-work-mode"] ?? conf["miner-mode"])
  const manual = boolean(conf["fc-fan-ctrl"])
  return {
    modeNumber,
    mode: modeNumber === 0 ? "normal" : modeNumber === 1 ? "sleep" : null,
    pools: slotsOf(conf).map(({ url, user, pass }) => ({
      url: word(url),
      user: word(user),
      pass: word(pass),
    })),
    fan:
      manual === null
        ? null
        : manual
          ? { mode: "manual", speed_pct: number(conf["fc-fan-pwm"]) }
          : { mode: "auto", speed_pct: null },
  }
}

function slotsOf(conf: Row): Row[] {
  const given = Array.isArray(conf.pools) ? (conf.pools as unknown[]) : []
  return Array.from({ length: POOL_SLOTS }, (_, slot) => {
    const pool = given[slot]
    return typeof pool === "object" && pool !== null ? (pool as Row) : { url: "", user: "", pass: "" }
  })
}

/** The whole configuration, changed as told. Null where it tells neither pools nor a work mode to send back. */
export function postBody(conf: Row, change: ConfChange): Row | null {
  const mode = change.mode ?? confWords(conf).modeNumber
  if (mode === null || !Array.isArray(conf.pools)) return null
  const pools = slotsOf(conf).map((pool, slot) => ({ ...pool, ...change.pools?.[slot] }))
  const flat = pools.flatMap((pool: Row, slot) => [
    [`pool${slot}url`, pool.url ?? ""],
    [`pool${slot}user`, pool.user ?? ""],
    [`pool${slot}pw`, pool.pass ?? ""],
  ])
  const { fan, levelPct } = change
  return {
    ...conf,
    ...Object.fromEntries(flat),
    pools,
    "fc-work-mode": mode,
    "miner-mode": mode,
    ...(fan === undefined ? {} : { "fc-fan-ctrl": fan.manual }),
    ...(fan?.pwm === undefined ? {} : { "fc-fan-pwm": String(fan.pwm) }),
    ...(levelPct === undefined ? {} : { "fc-freq-level": String(levelPct) }),
  }
}

/** Whether the machine is so already; an automatic fan has no speed. */
export function isSo(conf: Row, { mode, pools, fan, levelPct }: ConfChange): boolean {
  const words = confWords(conf)
  const sameFan =
    fan === undefined ||
    (words.fan !== null &&
      fan.manual === (words.fan.mode === "manual") &&
      (!fan.manual || fan.pwm === words.fan.speed_pct))
  return (
    (mode === undefined || mode === words.modeNumber) &&
    (pools === undefined || pools.every((pool, slot) => samePool(pool, words.pools[slot]))) &&
    sameFan &&
    (levelPct === undefined || levelPct === number(conf["fc-freq-level"]))
  )
}

/** The part of the configuration that a change is about, for people: no passwords. */
export function shown(conf: Row, change: ConfChange): Record<string, unknown> {
  const words = confWords(conf)
  return {
    ...(change.mode === undefined ? {} : { power_mode: words.mode ?? `mode ${words.modeNumber}` }),
    ...(change.pools === undefined ? {} : { pools: namedPools(words.pools) }),
    ...(change.fan === undefined ? {} : { fan: words.fan }),
    ...(change.levelPct === undefined ? {} : { frequency_level_pct: number(conf["fc-freq-level"]) }),
  }
}
