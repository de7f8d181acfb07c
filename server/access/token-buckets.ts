/**
 * Token buckets by caller, in this process, bounded in memory: when `maxKeys` callers are known the one that has been
 * silent longest is forgotten. `perMinute` is the lasting rate, `burst` what may come at once.
 */
export type TokenBuckets = {
  /** Takes one token: null when there was one, else the seconds until the next. */
  take: (key: string) => number | null
  size: () => number
}

export function createTokenBuckets(options: {
  perMinute: number
  burst?: number
  maxKeys?: number
  nowMs?: () => number
}): TokenBuckets {
  const { perMinute, burst = perMinute, maxKeys = 20_000, nowMs = () => performance.now() } = options
  const perMs = perMinute / 60_000
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    take(key) {
      const at = nowMs()
      const known = buckets.get(key)
      const tokens = known ? Math.min(burst, known.tokens + (at - known.at) * perMs) : burst
      buckets.delete(key)
      if (buckets.size >= maxKeys) buckets.delete(buckets.keys().next().value as string)
      const granted = tokens >= 1
      buckets.set(key, { tokens: granted ? tokens - 1 : tokens, at })
      return granted ? null : Math.max(1, Math.ceil((1 - tokens) / perMs / 1000))
    },
    size: () => buckets.size,
  }
}
