import { findDevice, listDeviceEvents, listKeys, listTargets, listUploads } from "#db/queries/collectors.ts"
import { findUserName } from "#db/queries/people.ts"
import { DomainError } from "#server/contract/errors.ts"
import { levelAt } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { type CollectorRow, collectorRow } from "./collector-row.ts"

const EVENTS = 50
const UPLOADS = 50

export type ReadCollector = CollectorRow & {
  targets: { id: number; value: string; webPort: number | null; family: string | null; enabled: boolean }[]
  /** Newest first. */
  keys: Awaited<ReturnType<typeof listKeys>>
  events: Awaited<ReturnType<typeof listDeviceEvents>>
  uploads: Awaited<ReturnType<typeof listUploads>>
  pause: CommandsPause | null
  can: { manage: boolean; pause: boolean }
}

/** Why a kill switch is on, since when, and who turned it. */
export type CommandsPause = { at: Date; by: string | null; reason: string | null }

/** A collector with its targets, keys (never the keys themselves), last events and uploads. Throws NOT_FOUND. */
export async function readCollector(ctx: Context, input: { deviceId: number }): Promise<ReadCollector> {
  const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ")
  const device = await findDevice(ctx.db, scope, input.deviceId)
  if (!device) throw new DomainError("NOT_FOUND", "There is no such collector.")
  const { id, siteId } = device
  const [targets, keys, events, uploads] = await Promise.all([
    listTargets(ctx.db, id),
    listKeys(ctx.db, id),
    listDeviceEvents(ctx.db, siteId, id, EVENTS),
    listUploads(ctx.db, siteId, id, UPLOADS),
  ])
  return {
    ...collectorRow(device, ctx.now()),
    targets: targets.map((target) => ({
      id: target.id,
      value: target.value,
      webPort: target.webPort,
      family: target.family,
      enabled: target.enabled,
    })),
    keys,
    events,
    uploads,
    pause: device.commandsPausedAt
      ? {
          at: device.commandsPausedAt,
          by: device.commandsPausedBy === null ? null : await findUserName(ctx.db, device.commandsPausedBy),
          reason: device.commandsPauseReason,
        }
      : null,
    can: {
      manage: levelAt(ctx.actor, "COLLECTOR_MANAGE", siteId) === "FULL",
      pause:
        levelAt(ctx.actor, "COLLECTOR_MANAGE", siteId) === "FULL" ||
        levelAt(ctx.actor, "REMOTE_CONTROL_EXECUTE", siteId) === "FULL",
    },
  }
}
