import type { Sql } from "#db/client.ts"
import type { KnownIdentity, Label } from "#db/queries/telemetry-identity.ts"

/**
 * What this process knows of machines and labels, so that a warm batch touches neither table. Lives as long as the
 * pool it was read through. A machine is read again after five minutes, because another process may have written it;
 * a label never changes. Entries are added only after the commit that made them.
 */
export type IdentityCache = {
  miner: (siteId: number, wireId: string, nowMs: number) => KnownIdentity | null
  keepMiner: (siteId: number, wireId: string, identity: KnownIdentity, nowMs: number) => void
  label: (siteId: number, label: Label) => number | null
  keepLabel: (siteId: number, label: Label, id: number) => void
}

const MINER_TTL_MS = 5 * 60_000
/** About 100 MB each; a process beyond that starts over. */
const MAX_ENTRIES = 300_000

const caches = new WeakMap<Sql, IdentityCache>()

export function identityCacheOf(sql: Sql): IdentityCache {
  const known = caches.get(sql)
  if (known) return known
  const cache = createIdentityCache()
  caches.set(sql, cache)
  return cache
}

function createIdentityCache(): IdentityCache {
  // Maps in maps: a key joined of its parts would be built and hashed anew for every sample.
  const miners = new Map<number, Map<string, { identity: KnownIdentity; untilMs: number }>>()
  const labels = new Map<number, Map<string, Map<string, number>>>()
  let minerCount = 0
  let labelCount = 0
  return {
    miner(siteId, wireId, nowMs) {
      const entry = miners.get(siteId)?.get(wireId)
      return entry && entry.untilMs > nowMs ? entry.identity : null
    },
    keepMiner(siteId, wireId, identity, nowMs) {
      if (minerCount >= MAX_ENTRIES) {
        miners.clear()
        minerCount = 0
      }
      const ofSite = within(miners, siteId)
      if (!ofSite.has(wireId)) minerCount++
      ofSite.set(wireId, { identity, untilMs: nowMs + MINER_TTL_MS })
    },
    label: (siteId, label) => labels.get(siteId)?.get(label.poolUrl)?.get(label.workerName) ?? null,
    keepLabel(siteId, label, id) {
      if (labelCount >= MAX_ENTRIES) {
        labels.clear()
        labelCount = 0
      }
      const ofPool = within(within(labels, siteId), label.poolUrl)
      if (!ofPool.has(label.workerName)) labelCount++
      ofPool.set(label.workerName, id)
    },
  }
}

function within<Key, Inner, Value>(outer: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  const known = outer.get(key)
  if (known) return known
  const made = new Map<Inner, Value>()
  outer.set(key, made)
  return made
}
