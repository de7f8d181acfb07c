import { boolean, number, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"

/** What `/api/system/info` tells of the settings. Passwords are never told. */
export type AxePool = { url: string; user: string | null }
export const SLOTS = 2

type SlotKeys = { url: string; port: string; user: string; protocol: string; tls: string }
const slotKeys = (prefix: string): SlotKeys => ({
  url: `${prefix}URL`,
  port: `${prefix}Port`,
  user: `${prefix}User`,
  protocol: `${prefix}Protocol`,
  tls: `${prefix}TLS`,
})
const FIRST = slotKeys("stratum")
const FALLBACK = slotKeys("fallbackStratum")

/** Both slots, the second null where none is set. */
export function poolsOf(info: Row): (AxePool | null)[] {
  const named = [poolAt(info, FIRST), poolAt(info, FALLBACK)]
  if (named[0] !== null || !Array.isArray(info.pools)) return named
  // Firmware of 2026 keeps a list and says which two of it are in use.
  const list = info.pools as unknown[]
  const chosen = [info.primaryPoolIndex ?? 0, info.secondaryPoolIndex ?? 1]
  return chosen.map((index) => {
    const row = objectAt({ pool: list[number(index) ?? -1] }, "pool")
    return poolAt(row, FIRST)
  })
}

function poolAt(row: Row, keys: SlotKeys): AxePool | null {
  const given = text(row[keys.url], 400)
  if (given === null) return null
  const port = number(row[keys.port])
  const user = text(row[keys.user], 256)
  // A bare host name is the rule.
  if (!given.includes(":") && !given.endsWith("/"))
    return { url: `${schemeOf(row, keys)}://${port === null ? given : `${given}:${port}`}`, user }
  const scheme = /^[a-z0-9+]+(?=:\/\/)/i.exec(given)?.[0]?.toLowerCase() ?? schemeOf(row, keys)
  const host = given.replace(/^[a-z0-9+]+:\/\//i, "").replace(/\/+$/, "")
  const withPort = /:\d+$/.test(host) || port === null ? host : `${host}:${port}`
  return { url: `${scheme}://${withPort}`, user }
}

function schemeOf(row: Row, keys: SlotKeys): string {
  if (text(row[keys.protocol], 16)?.includes("2")) return "stratum2+tcp"
  const tls = row[keys.tls]
  return (number(tls) ?? (boolean(tls) ? 1 : 0)) > 0 ? "stratum+ssl" : "stratum+tcp"
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
