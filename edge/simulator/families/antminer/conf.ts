import type { MinerSettings, PoolSetting } from "../../miner-settings.ts"
import type { Machine } from "../../profile.ts"
import type { AntminerTraits } from "./profiles.ts"

/** What a posted configuration makes of the present one, or why the machine refuses it. */
export type ConfVerdict = { settings: MinerSettings; changed: string[] } | { refused: string }

const FULL = ["pools", "bitmain-fan-ctrl", "bitmain-fan-pwm", "freq-level"]
/** Normal, sleep, and where it exists low power. */
const modesOf = (model: string) => (/\b[ST]19/.test(model) ? [0, 1, 3] : [0, 1])

/**
 * JSON, as modern images take it. `2020` wants the whole object and forgets what is left out, `2023` merges. The mode is an
 * integer under either of its names; the posted `freq-level` is read back as `bitmain-freq-level`.
 */
export function readPostedConf(
  body: string,
  now: MinerSettings,
  { generation, model }: Pick<Machine & AntminerTraits, "generation" | "model">,
): ConfVerdict {
  let posted: Record<string, unknown>
  try {
    posted = JSON.parse(body)
  } catch {
    return { refused: "not JSON" }
  }
  if (typeof posted !== "object" || posted === null || Array.isArray(posted))
    return { refused: "not an object" }
  const modes = [posted["miner-mode"], posted["bitmain-work-mode"]].filter((mode) => mode !== undefined)
  if (generation === "2020") {
    const missing = FULL.filter((name) => !(name in posted))
    if (modes.length === 0) missing.push("miner-mode")
    if (missing.length > 0) return { refused: `missing ${missing.join(", ")}` }
  }
  const next = { ...now }
  if (modes.length > 0) {
    const mode = modes[0]
    if (typeof mode !== "number" || !modesOf(model).includes(mode)) return { refused: "mode" }
    if (modes.some((other) => other !== mode)) return { refused: "the two modes differ" }
    next.mode = mode
  }
  if (posted.pools !== undefined) {
    const pools = readPools(posted.pools)
    if (!pools) return { refused: "pools" }
    next.pools = pools
  }
  if (posted["bitmain-fan-ctrl"] !== undefined)
    next.fanManual = ["true", "1"].includes(String(posted["bitmain-fan-ctrl"]))
  if (posted["bitmain-fan-pwm"] !== undefined) {
    const pwm = Number(posted["bitmain-fan-pwm"])
    if (typeof posted["bitmain-fan-pwm"] !== "string" || !(pwm >= 0 && pwm <= 100))
      return { refused: "fan pwm" }
    next.fanPwm = pwm
  }
  if (posted["freq-level"] !== undefined) {
    const level = posted["freq-level"] === "" ? 100 : Number(posted["freq-level"])
    if (!(level >= 50 && level <= 110)) return { refused: "freq-level" }
    next.frequencyPercent = level
  }
  const kept = Object.entries(now.extra).filter(([key]) => generation !== "2020" || key in posted)
  next.extra = Object.fromEntries(kept.map(([key, value]) => [key, key in posted ? posted[key] : value]))
  return { settings: next, changed: changes(now, next) }
}

/** Form fields of the older web; what is missing falls back to nothing, so pools are wanted. */
export function readLegacyForm(body: string, now: MinerSettings): ConfVerdict {
  const form = new URLSearchParams(body)
  if (!form.has("_ant_pool1url")) return { refused: "no _ant_pool1url" }
  const pools = [1, 2, 3].map((n) => ({
    url: form.get(`_ant_pool${n}url`) ?? "",
    user: form.get(`_ant_pool${n}user`) ?? "",
    pass: form.get(`_ant_pool${n}pw`) ?? "",
  }))
  const kept = readPools(pools)
  if (!kept) return { refused: "pools" }
  const next = {
    ...now,
    pools: kept,
    fanManual: form.get("_ant_fan_customize_switch") === "true",
    fanPwm: Number(form.get("_ant_fan_customize_value") || 100),
    // There are fields for nothing else.
    extra: {},
  }
  return { settings: next, changed: changes(now, next) }
}

function readPools(value: unknown): PoolSetting[] | null {
  if (!Array.isArray(value) || value.length === 0 || value.length > 3) return null
  const pools: PoolSetting[] = []
  for (const entry of value) {
    if (typeof entry !== "object" || entry === null) return null
    const { url, user, pass } = entry as Record<string, unknown>
    if (typeof url !== "string" || typeof user !== "string" || typeof pass !== "string") return null
    if (url !== "" && !/^(stratum\+(tcp|ssl|tls):\/\/)?[^\s/]+(:\d+)?\/?$/.test(url)) return null
    pools.push({ url, user, pass })
  }
  while (pools.at(-1)?.url === "") pools.pop()
  return pools[0]?.url ? pools : null
}

function changes(before: MinerSettings, after: MinerSettings): string[] {
  return (Object.keys(after) as (keyof MinerSettings)[]).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
}
