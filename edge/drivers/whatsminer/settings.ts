import { setTimeout as wait } from "node:timers/promises"
import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import type { PoolEntry } from "../pool-slots.ts"
import { EMPTY_POOL, POOL_SLOTS } from "../pool-slots.ts"
import { boolean, mhz, number, powerW, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { flat, optional } from "./identify.ts"

export const MODE_OF = { low: "eco", normal: "normal", high: "high" } as const
export type PowerMode = (typeof MODE_OF)[keyof typeof MODE_OF]

/** What a command can change, as far as the machine tells it; both dialects of the protocol fill it. */
export type Settings = {
  /** Mining is paused. */
  off: boolean | null
  mode: PowerMode | null
  powerLimitW: number | null
  /** Per cent above or below the factory's frequency. */
  offsetPct: number | null
  /** The factory's frequency. */
  nominalMhz: number | null
}

export function modeOf(value: unknown): PowerMode | null {
  const name = text(value, 16)?.toLowerCase() ?? ""
  return Object.hasOwn(MODE_OF, name) ? MODE_OF[name as keyof typeof MODE_OF] : null
}

/** `status` holds what is set; `summary` what runs, and the rest where the older API leaves it out. */
export async function readSettings(
  context: DriverContext,
): Promise<Outcome<Settings & { status: Row | null }>> {
  const rpc = rpcSession(context)
  const statusReply = await optional(rpc.read("status"))
  if (!statusReply.ok) return statusReply
  const summaryReply = await optional(rpc.read("summary"))
  if (!summaryReply.ok) return summaryReply
  const status = flat(statusReply.value)
  const summary = summaryReply.value ? rows(summaryReply.value.body, "SUMMARY")[0] : undefined
  const offsetPct = number(status?.hash_percent)
  return ok({
    status,
    off: boolean(status?.mineroff ?? status?.btmineroff),
    mode: modeOf(status?.power_mode) ?? modeOf(summary?.["Power Mode"]),
    powerLimitW: powerW(status?.power_limit_set) ?? powerW(summary?.["Power Limit"]),
    offsetPct,
    nominalMhz: nominalMhz({
      targetMhz: mhz(summary?.["Target Freq"]),
      averageMhz: mhz(summary?.freq_avg),
      offsetPct: offsetPct ?? 0,
    }),
  })
}

/**
 * The frequency that offsets count from. Whether the target that a machine tells holds its offset already differs by
 * firmware: the average that it runs at shows it.
 */
export function nominalMhz(told: {
  targetMhz: number | null
  averageMhz: number | null
  offsetPct: number
}): number | null {
  const { targetMhz, averageMhz, offsetPct } = told
  const factor = 1 + offsetPct / 100
  if (factor <= 0) return null
  const byAverage = averageMhz === null ? null : averageMhz / factor
  if (targetMhz === null) return byAverage === null ? null : Math.round(byAverage)
  const held = Math.round(targetMhz / factor)
  if (byAverage === null) return held
  return Math.abs(held - byAverage) <= Math.abs(targetMhz - byAverage) ? held : Math.round(targetMhz)
}

/** Three slots, numbered from 1 by the machine; it does not tell their passwords. */
export async function readPools(context: DriverContext): Promise<Outcome<PoolEntry[]>> {
  const reply = await rpcSession(context).read("pools")
  return reply.ok ? ok(slotsOf(rows(reply.value.body, "POOLS"))) : reply
}

function slotsOf(list: readonly Row[]): PoolEntry[] {
  const slots = Array.from({ length: POOL_SLOTS }, () => EMPTY_POOL)
  for (const [at, row] of list.entries()) {
    const slot = (number(row.POOL) ?? at + 1) - 1
    if (!Number.isInteger(slot) || slot < 0 || slot >= POOL_SLOTS) continue
    slots[slot] = { url: text(row.URL, 512) ?? "", user: text(row.User, 256) ?? "", pass: "" }
  }
  return slots
}

/** While btminer starts anew nobody answers. */
const BACK_AGAIN_MS = [1_000, 2_000, 4_000, 8_000] as const

/** Waits, within bounds, until the machine answers again. */
export async function untilBack(context: DriverContext): Promise<void> {
  for (const pauseMs of BACK_AGAIN_MS) {
    const settings = await readSettings({ ...context, retry: [] })
    if (settings.ok || settings.fault.kind === "auth") return
    try {
      await wait(pauseMs, undefined, { signal: context.signal })
    } catch {
      return // aborted while waiting: the next step says so
    }
  }
}
