import type { MinerConfiguration } from "#server/contract/edge.ts"
import { namedPools, POOL_SLOTS, type PoolEntry, samePool } from "../pool-slots.ts"
import { boolean, number } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"

/**
 * `get_miner_conf.cgi` in the field's words, and the way back. The page is read and posted whole: keys that nobody
 * here knows go back as they came. Two names differ between the two ways: the level is read as `bitmain-freq-level`
 * and posted as `freq-level`; the mode has two names of which an image reads one.
 */
/** Reported by newer images for a machine that does not mine. */
const NOT_MINING = 5
export const MODE_NUMBERS = { normal: 0, sleep: 1, eco: 3 } as const
export type PowerMode = keyof typeof MODE_NUMBERS

export type FanSetting = NonNullable<MinerConfiguration["fan"]>

export type ConfWords = {
  /** The machine's own number; 2 means different things to different images. */
  modeNumber: number | null
  mode: PowerMode | null
  /** Three slots, empty ones with empty texts. */
  pools: PoolEntry[]
  fan: FanSetting | null
  /** Per cent of `nominalMhz`. */
  levelPct: number | null
  nominalMhz: number | null
  voltageV: number | null
}

/** What a command changes; everything left out stays. */
export type ConfChange = {
  mode?: number
  pools?: PoolEntry[]
  fan?: { manual: boolean; pwm?: string }
  levelPct?: number
}

const text = (value: unknown) => (typeof value === "string" ? value : "")

export function confWords(conf: Row): ConfWords {
  const modeNumber = modeOf(conf)
  return {
    modeNumber,
    mode: MODES.get(modeNumber ?? -1) ?? null,
    pools: poolSlots(conf).map(({ url, user, pass }) => ({
      url: text(url),
      user: text(user),
      pass: text(pass),
    })),
    fan: fanOf(conf),
    levelPct: levelOf(conf),
    nominalMhz: positive(conf["bitmain-freq"]),
    voltageV: hundredths(positive(conf["bitmain-voltage"])),
  }
}

const MODES: ReadonlyMap<number, PowerMode> = new Map([
  [MODE_NUMBERS.normal, "normal"],
  [MODE_NUMBERS.sleep, "sleep"],
  [MODE_NUMBERS.eco, "eco"],
  [NOT_MINING, "sleep"],
])

function modeOf(conf: Row): number | null {
  return number(conf["miner-mode"] ?? conf["bitmain-work-mode"])
}

function positive(value: unknown): number | null {
  const parsed = number(value)
  return parsed !== null && parsed > 0 ? parsed : null
}

function hundredths(value: number | null): number | null {
  return value === null ? null : value / 100
}

/** An empty level is the full one. Null where the image knows no levels. */
function levelOf(conf: Row): number | null {
  const level = conf["freq-level"] ?? conf["bitmain-freq-level"]
  if (level === undefined || level === null) return null
  return level === "" ? 100 : positive(level)
}

function fanOf(conf: Row): FanSetting | null {
  const manual = boolean(conf["bitmain-fan-ctrl"])
  if (manual === null) return null
  if (!manual) return { mode: "auto", speed_pct: null }
  const pct = number(conf["bitmain-fan-pwm"])
  return pct === 0 ? { mode: "immersion", speed_pct: 0 } : { mode: "manual", speed_pct: pct }
}

function poolSlots(conf: Row): Row[] {
  const given = Array.isArray(conf.pools) ? (conf.pools as unknown[]) : []
  return Array.from({ length: POOL_SLOTS }, (_, slot) => {
    const pool = given[slot]
    return typeof pool === "object" && pool !== null ? (pool as Row) : { url: "", user: "", pass: "" }
  })
}

/**
 * The configuration as the page would post it, changed as told. Null on images whose page takes a form instead (they
 * report no work mode).
 */
export function postBody(conf: Row, change: ConfChange = {}): Row | null {
  const reported = modeOf(conf)
  const mode = change.mode ?? (reported === NOT_MINING ? MODE_NUMBERS.sleep : reported)
  if (mode === null || !Array.isArray(conf.pools)) return null
  const pools = poolSlots(conf).map((pool, slot) => ({ ...pool, ...change.pools?.[slot] }))
  const level = change.levelPct?.toString() ?? conf["freq-level"] ?? conf["bitmain-freq-level"]
  const { fan } = change
  return {
    ...conf,
    pools,
    "miner-mode": mode,
    "bitmain-work-mode": mode,
    ...(level === undefined ? {} : { "freq-level": level }),
    ...(change.levelPct === undefined || !("bitmain-freq-level" in conf)
      ? {}
      : { "bitmain-freq-level": level }),
    ...(fan === undefined ? {} : { "bitmain-fan-ctrl": fan.manual }),
    ...(fan?.pwm === undefined ? {} : { "bitmain-fan-pwm": fan.pwm }),
  }
}

/** Whether the machine is so already. Modes 1 and 5 are one, and an automatic fan has no speed. */
export function isSo(words: ConfWords, change: ConfChange): boolean {
  const { mode, pools, fan, levelPct } = change
  const sameMode =
    mode === undefined || mode === words.modeNumber || (mode === MODE_NUMBERS.sleep && words.mode === "sleep")
  const samePools = pools === undefined || pools.every((pool, slot) => samePool(pool, words.pools[slot]))
  const sameFan =
    fan === undefined ||
    (words.fan !== null &&
      fan.manual === (words.fan.mode !== "auto") &&
      (!fan.manual || fan.pwm === undefined || Number(fan.pwm) === words.fan.speed_pct))
  return sameMode && samePools && sameFan && (levelPct === undefined || levelPct === words.levelPct)
}

/** The part of the configuration that a change is about, for people: no passwords. */
export function shown(words: ConfWords, change: ConfChange): Record<string, unknown> {
  return {
    ...(change.mode === undefined ? {} : { power_mode: words.mode ?? `mode ${words.modeNumber}` }),
    ...(change.pools === undefined ? {} : { pools: namedPools(words.pools) }),
    ...(change.fan === undefined ? {} : { fan: words.fan }),
    ...(change.levelPct === undefined
      ? {}
      : { frequency_level_pct: words.levelPct, frequency_mhz: levelMhz(words) }),
  }
}

/** The level in MHz, to a tenth. */
export function levelMhz({ nominalMhz, levelPct }: ConfWords): number | null {
  return nominalMhz === null ? null : Math.round((nominalMhz * (levelPct ?? 100)) / 10) / 10
}
