/** Exponential back-off with full jitter above half: the n-th delay lies in [½·d, d], d = base · 2^(n−1), at most `maxMs`. */
export type Backoff = {
  nextMs: (atLeastMs?: number | null) => number
  reset: () => void
  failures: () => number
}

export function createBackoff(options: { baseMs: number; maxMs: number; random: () => number }): Backoff {
  let failures = 0
  return {
    nextMs: (atLeastMs = null) => {
      failures += 1
      const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(failures - 1, 20))
      return Math.max(Math.round(ceiling * (0.5 + options.random() / 2)), atLeastMs ?? 0)
    },
    reset: () => {
      failures = 0
    },
    failures: () => failures,
  }
}
