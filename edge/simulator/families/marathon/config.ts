import type { SimulatedMiner } from "../../miner.ts"
import type { MinerSettings } from "../../miner-settings.ts"
import type { Machine } from "../../profile.ts"
import type { MarathonTraits } from "./profiles.ts"

type Row = Record<string, unknown>
export const traits = (miner: SimulatedMiner) => miner.profile as Machine & MarathonTraits
/** The whole document as it was last posted. */
const POSTED = "miner_config"
const SELECTORS = ["Auto", "Fixed", "Stock", "Sleep"]

const object = (value: unknown): Row =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {}

/** Sleep is a mode like the others: what stood before it is kept apart by who posts. */
export function minerConfig(miner: SimulatedMiner): Row {
  const { settings, profile } = miner
  const figure = (value: number) => (traits(miner).textFigures ? String(value) : value)
  const posted = object(settings.extra[POSTED])
  const mode = object(posted.mode)
  const selector = mode["work-mode-selector"]
  return {
    "pool-group": posted["pool-group"] ?? [{ gid: 1, alias: "main", percent: 100 }],
    ...posted,
    pools: settings.pools.map(({ url, user, pass }) => ({ url, user, pass, gid: 1 })),
    mode: {
      ...mode,
      "work-mode-selector":
        settings.mode === 1 ? "Sleep" : selector === "Sleep" ? "Stock" : (selector ?? "Stock"),
      concorde: {
        "mode-select": "PowerTarget",
        "hash-target": figure(Math.round(profile.ths)),
        ...object(mode.concorde),
        "power-target": figure(settings.powerLimitW ?? profile.powerW),
      },
      fixed: {
        voltage: figure(1350),
        ...object(mode.fixed),
        frequency: figure(Math.round((profile.frequencyMhz * settings.frequencyPercent) / 100)),
      },
    },
    "advance-config": {
      ...object(posted["advance-config"]),
      "override-fan-control": settings.fanManual,
      "fan-fixed-percent": figure(settings.fanPwm),
    },
    "general-config": posted["general-config"] ?? { "environment-profile": "AirCooling" },
  }
}

export type Verdict = { settings: MinerSettings } | { refused: string }

/** The complete object, or no. */
export function readPosted(miner: SimulatedMiner, body: Row): Verdict {
  const now = minerConfig(miner)
  const missing = Object.keys(now).filter((key) => !(key in body))
  if (missing.length > 0) return { refused: `missing ${missing.join(", ")}` }
  const mode = object(body.mode)
  const selector = String(mode["work-mode-selector"])
  if (!SELECTORS.includes(selector)) return { refused: "unknown work mode" }
  const pools = Array.isArray(body.pools) ? body.pools.map(object) : []
  const whole = pools.every((pool) =>
    [pool.url, pool.user, pool.pass].every((each) => typeof each === "string"),
  )
  if (pools.length === 0 || !whole || pools.some((pool) => pool.gid === undefined))
    return { refused: "bad pools" }
  const advance = object(body["advance-config"])
  const fixed = object(mode.fixed)
  const frequency = Number(fixed.frequency)
  if (!(frequency >= 50 && frequency <= 1200)) return { refused: "bad frequency" }
  const target = Number(object(mode.concorde)["power-target"])
  const { settings, profile } = miner
  return {
    settings: {
      ...settings,
      mode: selector === "Sleep" ? 1 : 0,
      pools: pools.map(({ url, user, pass }) => ({
        url: String(url),
        user: String(user),
        pass: String(pass),
      })),
      fanManual: advance["override-fan-control"] === true,
      fanPwm: Number(advance["fan-fixed-percent"]),
      frequencyPercent: (frequency / profile.frequencyMhz) * 100,
      powerLimitW: selector === "Auto" ? target : settings.powerLimitW,
      extra: { ...settings.extra, [POSTED]: { ...body, pools: [] } },
    },
  }
}
