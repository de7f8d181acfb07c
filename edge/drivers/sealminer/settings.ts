import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { EMPTY_POOL, POOL_SLOTS, type PoolEntry } from "../pool-slots.ts"
import { boolean, count, number, powerW, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { flatStats, sealSession } from "./identify.ts"
import { isAsleep, type PowerMode, powerModeOf } from "./map.ts"
import { getWeb } from "./web.ts"

/** `modes`: the number of each mode, as the web interface of this unit tells it. */
export type WebSettings = {
  light: boolean | null
  modeNumber: number | null
  mode: PowerMode | null
  modes: Partial<Record<PowerMode, number>>
}

const MODE_KEYS = { eco: "low_power", normal: "normal", high: "high_performance" } as const

/** `get_system_info.php`; wants a login. */
export async function readWebSettings(context: DriverContext): Promise<Outcome<WebSettings>> {
  const page = await getWeb(context, "get_system_info.php")
  return page.ok ? ok(webSettingsOf(page.value)) : page
}

export function webSettingsOf(info: Row): WebSettings {
  const modes: WebSettings["modes"] = {}
  for (const mode of ["eco", "normal", "high"] as const) {
    const given = count(info[MODE_KEYS[mode]])
    if (given !== null) modes[mode] = given
  }
  const modeNumber = number(info.miningMode)
  const mode = (Object.keys(modes) as PowerMode[]).find((each) => modes[each] === modeNumber) ?? null
  return { light: boolean(info.led), modeNumber, mode, modes }
}

export type Running = { asleep: boolean; powerLimitW: number | null; mode: PowerMode | null }

/** What the mining process tells of itself; wants no login. */
export async function readRunning(context: DriverContext): Promise<Outcome<Running>> {
  const reply = await sealSession(context).read("stats")
  if (!reply.ok) return reply
  const stats = flatStats(rows(reply.value.body, "STATS"))
  if (stats === undefined) return fault("busy", "The miner's statistics are empty: it is starting.")
  return ok({
    asleep: isAsleep(stats),
    powerLimitW: powerW(stats["Power Limit"]),
    mode: powerModeOf(stats["Mining Mode"]),
  })
}

/** Pools by their slot; the machine does not tell their passwords. */
export async function readPools(context: DriverContext): Promise<Outcome<PoolEntry[]>> {
  const reply = await sealSession(context).read("pools")
  if (!reply.ok) return reply
  const slots = Array.from({ length: POOL_SLOTS }, () => EMPTY_POOL)
  for (const [at, row] of rows(reply.value.body, "POOLS").entries()) {
    const slot = count(row.POOL) ?? at
    if (slot < POOL_SLOTS)
      slots[slot] = { url: text(row.URL, 512) ?? "", user: text(row.User, 256) ?? "", pass: "" }
  }
  return ok(slots)
}
