/**
 * So many at a time, first come, first served. `take(n)` waits for n of them, `give(n)` brings them back; `shrink` makes
 * fewer of them for good, when the system turns out to have less room than it said.
 */
export type Permits = {
  take: (count?: number) => Promise<void>
  give: (count?: number) => void
  shrink: (share: number, least: number) => void
  limit: () => number
}

export function createPermits(limit: number): Permits {
  let most = limit
  let taken = 0
  let waiting: { count: number; go: () => void }[] = []
  let head = 0
  const pump = () => {
    while (head < waiting.length) {
      const next = waiting[head] as { count: number; go: () => void }
      // Nobody waits for more than there will ever be.
      if (taken > 0 && taken + next.count > most) break
      head += 1
      taken += next.count
      next.go()
    }
    if (head === waiting.length) {
      waiting = []
      head = 0
    } else if (head > 1_024) {
      waiting = waiting.slice(head)
      head = 0
    }
  }
  return {
    take: (count = 1) => {
      if (waiting.length === 0 && (taken === 0 || taken + count <= most)) {
        taken += count
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        waiting.push({ count, go: resolve })
      })
    },
    give: (count = 1) => {
      taken -= count
      pump()
    },
    shrink: (share, least) => {
      most = Math.max(least, Math.floor(most * share))
    },
    limit: () => most,
  }
}
