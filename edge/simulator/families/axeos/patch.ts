import type { SimulatedMiner } from "../../miner.ts"
import type { MinerSettings } from "../../miner-settings.ts"
import { traits } from "./info.ts"

/** PATCH `/api/system`: keys that are known are stored, others ignored; one bad value and nothing is. */
type Row = Record<string, unknown>

export function patched(
  miner: SimulatedMiner,
  body: string,
): { settings: MinerSettings; changed: string[] } | null {
  let given: Row
  try {
    given = JSON.parse(body)
  } catch {
    return null
  }
  const { settings } = miner
  const next: MinerSettings = { ...settings, pools: settings.pools.map((pool) => ({ ...pool })) }
  for (const [slot, prefix] of [
    [0, "stratum"],
    [1, "fallbackStratum"],
  ] as const)
    if (!patchPool(next, slot, prefix, given)) return null
  const { frequency, coreVoltage, autofanspeed, fanspeed, manualFanSpeed } = given
  if (frequency !== undefined) {
    if (!isWhole(frequency, 50, 1_200)) return null
    next.frequencyPercent = (frequency / traits(miner).frequencyMhz) * 100
  }
  if (coreVoltage !== undefined) {
    if (!isWhole(coreVoltage, 900, 1_500)) return null
    next.voltageMv = coreVoltage
  }
  if (autofanspeed !== undefined) {
    if (!isWhole(autofanspeed, 0, 2)) return null
    next.fanManual = autofanspeed === 0
  }
  const byHand = traits(miner).dialect === "2024" ? fanspeed : (manualFanSpeed ?? fanspeed)
  if (byHand !== undefined) {
    if (!isWhole(byHand, 0, 100)) return null
    next.fanPwm = byHand
  }
  return { settings: next, changed: Object.keys(given).filter((key) => !/password|pass$/i.test(key)) }
}

const isWhole = (value: unknown, min: number, max: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= min && value <= max

function patchPool(next: MinerSettings, slot: number, prefix: string, given: Row): boolean {
  const [url, port, user, password] = ["URL", "Port", "User", "Password"].map(
    (key) => given[`${prefix}${key}`],
  )
  const pool = next.pools[slot] ?? { url: "", user: "", pass: "" }
  if (port !== undefined && !isWhole(port, 1, 65_535)) return false
  const present = /^(.*?:\/\/)?([^:]*):?(\d*)$/.exec(pool.url)
  const host = url === undefined ? present?.[2] : url
  if (typeof host !== "string" || host.includes("://")) return false
  const number = port ?? (present?.[3] || 3333)
  const tls = given[`${prefix}TLS`]
  const scheme = tls === 1 ? "stratum+ssl" : "stratum+tcp"
  next.pools[slot] = {
    url: host === "" ? "" : `${scheme}://${host}:${number}`,
    user: typeof user === "string" ? user : pool.user,
    pass: typeof password === "string" ? password : pool.pass,
  }
  return true
}
