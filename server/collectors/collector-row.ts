import type { DeviceOfSite } from "#db/queries/collectors.ts"
import { COLLECTOR_SILENT_MS } from "#server/contract/budgets.ts"
import type { HeartbeatInput } from "#server/contract/edge.ts"

export type CollectorState = "online" | "silent" | "revoked"
export type CollectorRow = {
  id: number
  name: string
  siteId: number
  siteSlug: string
  siteName: string
  state: CollectorState
  lastSeenAt: Date | null
  /** Since when it is silent; null while it is heard. */
  silentSince: Date | null
  enrolledAt: Date
  revokedAt: Date | null
  /** The kill switch of this collector; null while commands run. */
  commandsPausedAt: Date | null
  edgeVersion: string | null
  hostname: string | null
  platform: string | null
  /** The edge's clock minus ours. */
  clockOffsetMs: number | null
  /** It runs with the newest configuration. */
  configCurrent: boolean
  minersKnown: number | null
  minersOnline: number | null
  spool: HeartbeatInput["spool"] | null
  rssBytes: number | null
  lastPollCycleMs: number | null
  unackedResults: number | null
}

export function collectorRow(device: DeviceOfSite, now: Date): CollectorRow {
  const quietMs = device.lastSeenAt ? now.getTime() - device.lastSeenAt.getTime() : Number.POSITIVE_INFINITY
  const silent = device.silentSince !== null || quietMs > COLLECTOR_SILENT_MS
  return {
    id: device.id,
    name: device.name,
    siteId: device.siteId,
    siteSlug: device.siteSlug,
    siteName: device.siteName,
    state: device.revokedAt ? "revoked" : silent ? "silent" : "online",
    lastSeenAt: device.lastSeenAt,
    silentSince: silent ? (device.silentSince ?? device.lastSeenAt) : null,
    enrolledAt: device.enrolledAt,
    revokedAt: device.revokedAt,
    commandsPausedAt: device.commandsPausedAt,
    edgeVersion: device.edgeVersion,
    hostname: device.hostname,
    platform: device.platform,
    clockOffsetMs: device.clockOffsetMs,
    configCurrent: device.configVersion === device.siteConfigVersion,
    minersKnown: device.minersKnown,
    minersOnline: device.minersOnline,
    spool: device.spool as HeartbeatInput["spool"] | null,
    rssBytes: device.rssBytes,
    lastPollCycleMs: device.lastPollCycleMs,
    unackedResults: device.unackedResults,
  }
}
