/**
 * When each miner is due. Pure: the clock is an argument, monotonic ms. Every miner keeps a phase of its own inside
 * the interval, made from its id, so that a farm is asked evenly through the interval and in the same rhythm after
 * a restart. A miner that is still being asked when its next turn comes skips that turn.
 */
export type Schedule = {
  /** `soonMs`: the first turn comes within this time, then the miner falls into its phase. */
  add: (key: string, nowMs: number, soonMs: number) => void
  remove: (key: string) => void
  /** Marks the miners that are due as running and returns them; those that still run are counted as skipped. */
  takeDue: (nowMs: number) => string[]
  /** A turn out of rhythm: true when the miner is known and nobody asks it now; it is running then. */
  begin: (key: string) => boolean
  /** The turn is over; the next one may start. */
  done: (key: string) => void
  setInterval: (intervalMs: number, nowMs: number) => void
  size: () => number
  skippedTurns: () => number
}

type Entry = { phase: number; nextAt: number; running: boolean }

export function createSchedule(initialIntervalMs: number): Schedule {
  const entries = new Map<string, Entry>()
  let intervalMs = initialIntervalMs
  let skipped = 0

  /** The miner's next moment at least half an interval away: no turn comes early, none more than half late. */
  const following = (entry: Entry, nowMs: number) => {
    const earliest = nowMs + intervalMs / 2
    const phaseMs = entry.phase * intervalMs
    return Math.ceil((earliest - phaseMs) / intervalMs) * intervalMs + phaseMs
  }
  return {
    add: (key, nowMs, soonMs) => {
      if (entries.has(key)) return
      const phase = phaseOf(key)
      entries.set(key, { phase, nextAt: nowMs + phase * soonMs, running: false })
    },
    remove: (key) => {
      entries.delete(key)
    },
    takeDue: (nowMs) => {
      const due: string[] = []
      for (const [key, entry] of entries) {
        if (entry.nextAt > nowMs) continue
        if (entry.running) skipped += 1
        else {
          entry.running = true
          due.push(key)
        }
        entry.nextAt = following(entry, nowMs)
      }
      return due
    },
    begin: (key) => {
      const entry = entries.get(key)
      if (entry === undefined || entry.running) return false
      entry.running = true
      return true
    },
    done: (key) => {
      const entry = entries.get(key)
      if (entry) entry.running = false
    },
    setInterval: (newIntervalMs, nowMs) => {
      if (newIntervalMs === intervalMs) return
      intervalMs = newIntervalMs
      for (const entry of entries.values()) entry.nextAt = nowMs + entry.phase * intervalMs
    },
    size: () => entries.size,
    skippedTurns: () => skipped,
  }
}

/** FNV-1a of the key as a fraction of 1. */
export function phaseOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) / 0x1_0000_0000
}
