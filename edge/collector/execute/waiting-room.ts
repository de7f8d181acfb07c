import type { LeasedCommand } from "#server/contract/edge.ts"

/** Leased commands that have not begun, in the order of their arrival. Pure: the clock is an argument. */
export type WaitingRoom = {
  /** A redelivery takes the place of its older lease; an older one changes nothing. */
  put: (lease: LeasedCommand) => void
  remove: (id: string) => void
  has: (id: string) => boolean
  all: () => LeasedCommand[]
  ofMiner: (minerId: string) => number
  /** Commands whose lease still runs; the others wait for their redelivery or their expiry, and take no place. */
  live: (nowMs: number) => number
  /** The first in line that may begin: its machine is free and its lease runs. */
  next: (nowMs: number, isBusy: (minerKey: string) => boolean) => LeasedCommand | null
  /** Takes out what has expired. */
  takeExpired: (nowMs: number) => LeasedCommand[]
  nextExpiryMs: () => number | null
  clear: () => void
}

export const minerKeyOf = (lease: Pick<LeasedCommand, "miner_id">) => lease.miner_id.toLowerCase()

export function createWaitingRoom(): WaitingRoom {
  const waiting = new Map<string, LeasedCommand>()
  const runs = (lease: LeasedCommand, nowMs: number) => Date.parse(lease.lease_until) > nowMs
  return {
    put: (lease) => {
      const known = waiting.get(lease.id)
      if (known === undefined || BigInt(known.fencing_token) <= BigInt(lease.fencing_token))
        waiting.set(lease.id, lease)
    },
    remove: (id) => {
      waiting.delete(id)
    },
    has: (id) => waiting.has(id),
    all: () => [...waiting.values()],
    ofMiner: (minerId) => {
      let count = 0
      for (const lease of waiting.values()) if (minerKeyOf(lease) === minerId.toLowerCase()) count += 1
      return count
    },
    live: (nowMs) => {
      let count = 0
      for (const lease of waiting.values()) if (runs(lease, nowMs)) count += 1
      return count
    },
    next: (nowMs, isBusy) => {
      for (const lease of waiting.values()) if (runs(lease, nowMs) && !isBusy(minerKeyOf(lease))) return lease
      return null
    },
    takeExpired: (nowMs) => {
      const expired = [...waiting.values()].filter((lease) => Date.parse(lease.expires_at) <= nowMs)
      for (const lease of expired) waiting.delete(lease.id)
      return expired
    },
    nextExpiryMs: () => {
      let first: number | null = null
      for (const lease of waiting.values()) {
        const atMs = Date.parse(lease.expires_at)
        first = first === null ? atMs : Math.min(first, atMs)
      }
      return first
    },
    clear: () => waiting.clear(),
  }
}
