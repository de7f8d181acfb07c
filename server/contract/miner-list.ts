/** How a list of machines can be narrowed and sorted: the same words in the address, the verb and the query. */
export const MINER_STATUS_FILTERS = [
  "active",
  "online",
  "offline",
  "unknown",
  "hot",
  "sleeping",
  "unhealthy",
  "held",
  "stale",
  "needs_login",
  "spare",
  "retired",
  "all",
] as const
export type MinerStatusFilter = (typeof MINER_STATUS_FILTERS)[number]

export const MINER_SORTS = [
  "name",
  "status",
  "hashrate",
  "share",
  "temp",
  "power",
  "efficiency",
  "uptime",
  "place",
  "model",
  "owner",
  "site",
  "lastSeen",
] as const
export type MinerSort = (typeof MINER_SORTS)[number]
