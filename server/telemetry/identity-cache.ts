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
  const miners = new Map<string, { identity: KnownIdentity; untilMs: number }>()
  const labels = new Map<string, number>()
  const labelKey = (siteId: number, label: Label) => `${siteId}\n${label.poolUrl}\n${label.workerName}`
  return {
    miner(siteId, wireId, nowMs) {
      const entry = miners.get(`${siteId}\n${wireId}`)
      return entry && entry.untilMs > nowMs ? entry.identity : null
    },
    keepMiner(siteId, wireId, identity, nowMs) {
      if (miners.size >= MAX_ENTRIES) miners.clear()
      miners.set(`${siteId}\n${wireId}`, { identity, untilMs: nowMs + MINER_TTL_MS })
    },
    label: (siteId, label) => labels.get(labelKey(siteId, label)) ?? null,
    keepLabel(siteId, label, id) {
      if (labels.size >= MAX_ENTRIES) labels.clear()
      labels.set(labelKey(siteId, label), id)
    },
  }
}
