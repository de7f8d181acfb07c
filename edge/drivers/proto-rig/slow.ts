import type { MinerAddress } from "../driver.ts"
import type { Row } from "../transport/reply.ts"

/** What seldom changes: boards, and what the rig is told to do. Kept five minutes an address, or until a write. */
export type Slow = { boards: Row[]; target: Row | null }
const KEPT_MS = 5 * 60_000
const MAX = 20_000
const kept = new Map<string, { slow: Slow; untilMs: number }>()

const keyOf = ({ host, webPort, rpcPort }: MinerAddress) => `${host}:${webPort}:${rpcPort}`

/** `serials` are those that the rig shows now: another board is a reason to ask again. */
export function slowOf(address: MinerAddress, nowMs: number, serials: readonly string[]): Slow | null {
  const entry = kept.get(keyOf(address))
  if (entry === undefined || nowMs >= entry.untilMs) return null
  const known = entry.slow.boards.map((board) => board.hb_sn)
  return serials.every((serial) => known.includes(serial)) ? entry.slow : null
}

export function keepSlow(address: MinerAddress, nowMs: number, slow: Slow): void {
  if (kept.size >= MAX) kept.clear()
  kept.set(keyOf(address), { slow, untilMs: nowMs + KEPT_MS })
}

export function forgetSlow(address: MinerAddress): void {
  kept.delete(keyOf(address))
}
