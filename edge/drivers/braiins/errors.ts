import type { MinerError } from "#server/contract/telemetry.ts"
import { text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { listOf } from "./units.ts"

/** Older ones than the present run, or than this, are history. */
const KEPT_MS = 24 * 3_600_000

/**
 * `miner/errors` as findings of the present run. A time before the clock was set (2015) is history too. Their codes are
 * short (`V2`) and often missing; then the message is all there is.
 */
export function presentErrors(errors: unknown, nowMs: number, uptimeS: number | null): MinerError[] {
  const sinceMs = nowMs - Math.min(KEPT_MS, (uptimeS ?? 0) * 1000 || KEPT_MS)
  const found = new Map<string, MinerError>()
  for (const row of listOf(errors)) {
    const atMs = timeOf(row.timestamp)
    if (atMs === null || atMs < sinceMs) continue
    const codes = listOf(row.error_codes)
    const code = text(codes[0]?.code, 64) ?? "message"
    const hints = codes.flatMap((each) => [text(each.reason, 200), text(each.hint, 200)])
    const parts = listOf(row.components).map(partName)
    const where = parts.length === 0 ? null : `(${parts.join(", ")})`
    const message = [text(row.message, 300), where, ...hints].filter(Boolean).join(" ").slice(0, 512)
    if (message !== "") found.set(`${code} ${message}`, { code, message })
  }
  return [...found.values()].slice(-64)
}

function partName(part: Row): string {
  return [text(part.name, 40), text(part.index, 8)].filter(Boolean).join(" ")
}

function timeOf(value: unknown): number | null {
  const ms = typeof value === "string" ? Date.parse(value) : Number((value as Row | null)?.seconds) * 1000
  return Number.isFinite(ms) ? ms : null
}
