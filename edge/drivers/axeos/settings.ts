import { boolean, number, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"

/** What `/api/system/info` tells of the settings. Passwords are never told. */
export type AxePool = { url: string; user: string | null }
export const SLOTS = 2

const PREFIX = ["stratum", "fallbackStratum"] as const

/** Both slots, the second null where none is set. */
export function poolsOf(info: Row): (AxePool | null)[] {
  const named = PREFIX.map((prefix) => poolAt(info, prefix))
  if (named[0] !== null || !Array.isArray(info.pools)) return named
  // Firmware of 2026 keeps a list and says which two of it are in use.
  const list = info.pools as unknown[]
  const chosen = [info.primaryPoolIndex ?? 0, info.secondaryPoolIndex ?? 1]
  return chosen.map((index) => {
    const row = objectAt({ pool: list[number(index) ?? -1] }, "pool")
    return poolAt(row, "stratum")
  })
}

function poolAt(row: Row, prefix: (typeof PREFIX)[number]): AxePool | null {
  const given = text(row[`${prefix}URL`], 400)
  if (given === null) return null
  const scheme = /^[a-z0-9+]+(?=:\/\/)/i.exec(given)?.[0]?.toLowerCase() ?? schemeOf(row, prefix)
  const host = given.replace(/^[a-z0-9+]+:\/\//i, "").replace(/\/+$/, "")
  const port = number(row[`${prefix}Port`])
  const withPort = /:\d+$/.test(host) || port === null ? host : `${host}:${port}`
  return { url: `${scheme}://${withPort}`, user: text(row[`${prefix}User`], 256) }
}

function schemeOf(row: Row, prefix: (typeof PREFIX)[number]): string {
  const protocol = text(row[`${prefix}Protocol`], 16)
  if (protocol !== null && /2/.test(protocol)) return "stratum2+tcp"
  return (number(row[`${prefix}TLS`]) ?? (boolean(row[`${prefix}TLS`]) ? 1 : 0)) > 0
    ? "stratum+ssl"
    : "stratum+tcp"
}

export function usesFallback(info: Row): boolean {
  return boolean(info.isUsingFallbackStratum) ?? boolean(objectAt(info, "stratum").usingFallback) ?? false
}

/** `speedPct` is what is set by hand. On the Nerd fork 2 is by temperature too, with another control loop. */
export function fanOf(info: Row): { mode: "auto" | "manual"; speedPct: number | null } | null {
  const automatic = boolean(info.autofanspeed) ?? ((number(info.autofanspeed) ?? -1) > 0 ? true : null)
  if (automatic === null) return null
  return automatic
    ? { mode: "auto", speedPct: null }
    : { mode: "manual", speedPct: number(info.manualFanSpeed) ?? number(info.fanspeed) }
}

/** Told to rest: paused (AxeOS), or shut down until its next start (Nerd). Null: this firmware knows no rest. */
export function isResting(info: Row): boolean | null {
  return boolean(info.miningPaused) ?? boolean(info.shutdown)
}
