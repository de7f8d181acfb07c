import { z } from "zod"
import type { Transaction } from "#db/client.ts"
import { findDevice } from "#db/queries/collectors.ts"
import { lockLeases } from "#db/queries/commands-lease.ts"
import { type Pause, pauseDevice, pauseSite, selectActiveDevices } from "#db/queries/commands-pause.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { levelAt, requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyCommands, notifyLive } from "../live/notify-live.ts"
import { personText } from "./person-text.ts"

const change = { paused: z.boolean(), reason: personText(300).optional() }
export const setCommandsPausedInput = z.union([
  z.strictObject({ siteId: z.number().int(), ...change }),
  z.strictObject({ deviceId: z.number().int(), ...change }),
])

/**
 * The kill switch of a site or of one collector: while it is on nothing is leased, and what is leased and has not begun
 * does not begin. Times to live run on. Once it returns, no lease follows. Whoever may approve commands may stop them;
 * the switch is also SITE_MANAGE's or COLLECTOR_MANAGE's, who alone may let them go on. `changed` is false when it was
 * so already. Throws NOT_FOUND, FORBIDDEN.
 */
export async function setCommandsPaused(
  ctx: Context,
  input: z.input<typeof setCommandsPausedInput>,
): Promise<{ changed: boolean }> {
  const { paused, reason, ...subject } = parseInput(setCommandsPausedInput, input)
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const deviceId = "deviceId" in subject ? subject.deviceId : null
  const siteId = "siteId" in subject ? subject.siteId : await siteOfDevice(ctx, subject.deviceId)
  if (!paused || levelAt(ctx.actor, "REMOTE_CONTROL_EXECUTE", siteId) !== "FULL")
    requirePermission(ctx, deviceId === null ? "SITE_MANAGE" : "COLLECTOR_MANAGE", siteId, "FULL")

  return ctx.db.transaction(async (tx) => {
    const site = await lockSite(tx, siteId)
    if (!site) throw new DomainError("NOT_FOUND", "There is no such site.")
    // A lease that is being made ends first, and every later one sees the switch.
    await lockLeases(tx, siteId)
    const by = ctx.actor.kind === "user" ? ctx.actor.userId : null
    const pause: Pause = paused
      ? { at: ctx.now(), by, reason: reason || null }
      : { at: null, by: null, reason: null }
    const changed =
      deviceId === null ? await pauseSite(tx, siteId, pause) : await pauseDevice(tx, siteId, deviceId, pause)
    if (changed) await tell(tx, ctx, { siteId, deviceId, paused, reason: reason || null })
    return { changed }
  })
}

async function siteOfDevice(ctx: Context, deviceId: number): Promise<number> {
  const scope = scopeOf(ctx.actor, "COLLECTOR_MANAGE", "READ")
  const device = ctx.actor.kind === "device" ? null : await findDevice(ctx.db, scope, deviceId)
  if (!device || device.revokedAt) throw new DomainError("NOT_FOUND", "There is no such collector.")
  return device.siteId
}

async function tell(
  tx: Transaction,
  ctx: Context,
  to: { siteId: number; deviceId: number | null; paused: boolean; reason: string | null },
): Promise<void> {
  const { siteId, deviceId, paused, reason } = to
  await bumpConfigVersion(tx, siteId)
  await writeAudit(tx, ctx, {
    action: `${deviceId === null ? "site" : "collector"}.${paused ? "pause" : "resume"}-commands`,
    siteId,
    subjectType: deviceId === null ? "site" : "collector",
    subjectId: deviceId ?? siteId,
    before: { commandsPaused: !paused },
    after: { commandsPaused: paused },
    details: reason === null ? null : { reason },
  })
  const at = ctx.now().toISOString()
  await notifyLive(tx, { kind: "site", siteId, at })
  if (deviceId !== null) await notifyLive(tx, { kind: "collector", siteId, deviceId, at })
  for (const id of deviceId === null ? await selectActiveDevices(tx, siteId) : [deviceId])
    await notifyCommands(tx, id)
}
