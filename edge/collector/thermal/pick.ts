import type { Want } from "./decide.ts"

export type Waiting = { key: string; want: Want; sinceMs: number }

/** Acts that may begin now: fewer than the policy's in any 60 s. */
export function budgetLeft(begunMs: readonly number[], maxPerMinute: number, nowMs: number): number {
  return Math.max(0, maxPerMinute - begunMs.filter((at) => Math.abs(nowMs - at) < 60_000).length)
}

/** Who comes first: steps before undoing, the hottest machine before the others; undoing in the order of waiting. Pure. */
export function inOrder(waiting: readonly Waiting[]): Waiting[] {
  const rank = (each: Waiting) => (each.want.move === "step" ? 0 : 1)
  return [...waiting].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.want.move === "step" ? (b.want.tempC ?? 0) - (a.want.tempC ?? 0) : a.sinceMs - b.sinceMs) ||
      a.key.localeCompare(b.key),
  )
}
