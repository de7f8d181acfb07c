import type { MinerSettings, PoolSetting } from "../../miner-settings.ts"
import type { ElphapexTraits } from "./profiles.ts"

const CONF_KEYS = ["fc-fan-ctrl", "fc-fan-pwm", "fc-freq-level"]

/** What a posted configuration makes of the present one. What it leaves out is refused, or forgotten. */
export function readPosted(
  body: string,
  now: MinerSettings,
  posted: ElphapexTraits["posted"],
): { settings: MinerSettings } | { refused: string } {
  let form: Record<string, unknown>
  try {
    form = JSON.parse(body) as Record<string, unknown>
  } catch {
    return { refused: "not JSON" }
  }
  const missing = CONF_KEYS.filter((key) => !(key in form))
  if (missing.length > 0) return { refused: `missing ${missing.join(", ")}` }
  const mode = posted === "list" ? form["miner-mode"] : form["fc-work-mode"]
  if (mode !== 0 && mode !== 1) return { refused: "mode" }
  const pools = posted === "list" ? form.pools : [0, 1, 2].map((slot) => numbered(form, slot))
  if (!Array.isArray(pools) || pools.length !== 3 || !pools.every(isPool)) return { refused: "pools" }
  const pwm = Number(form["fc-fan-pwm"])
  if (typeof form["fc-fan-pwm"] !== "string" || !(pwm >= 0 && pwm <= 100)) return { refused: "fan pwm" }
  const used = pools.map(({ url, user, pass }) => ({ url, user, pass }))
  while (used.at(-1)?.url === "") used.pop()
  if (used.length === 0) return { refused: "no pool" }
  return {
    settings: {
      ...now,
      mode,
      pools: used,
      fanManual: form["fc-fan-ctrl"] === true,
      fanPwm: pwm,
      frequencyPercent: Number(form["fc-freq-level"]),
      extra: Object.fromEntries(
        Object.keys(now.extra)
          .filter((key) => key in form)
          .map((key) => [key, form[key]]),
      ),
    },
  }
}

const numbered = (form: Record<string, unknown>, slot: number) => ({
  url: form[`pool${slot}url`],
  user: form[`pool${slot}user`],
  pass: form[`pool${slot}pw`],
})

function isPool(pool: unknown): pool is PoolSetting {
  if (typeof pool !== "object" || pool === null) return false
  const { url, user, pass } = pool as Record<string, unknown>
  return [url, user, pass].every((each) => typeof each === "string")
}
