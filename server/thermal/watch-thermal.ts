import type { Transaction } from "#db/client.ts"
import { selectSilentGuards, selectUnguardedSites } from "#db/queries/thermal-check.ts"
import { insertOwnThermalEvent, nameThermalMiners, pruneThermalEvents } from "#db/queries/thermal-events.ts"
import { dropHoldsOfRevoked } from "#db/queries/thermal-holds.ts"
import { requireAdmin } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

const HOUR_MS = 3_600_000

/**
 * What no collector can tell of the thermal guard; a job runs it every minute, two at once are safe and a second run
 * changes nothing. An armed site whose collector fell silent: once a silence (the guard goes on there, uplink or not). A
 * site that is not armed with machines at or over critical: once an hour. Keeps the list of events in order besides.
 */
export async function watchThermal(ctx: Context): Promise<{ told: number }> {
  requireAdmin(ctx)
  const at = ctx.now()
  return ctx.db.transaction(async (tx) => {
    await nameThermalMiners(tx)
    await dropHoldsOfRevoked(tx)
    await pruneThermalEvents(tx, at)
    const sites = [...(await tellSilent(tx, at)), ...(await tellUnguarded(tx, at))]
    for (const siteId of new Set(sites)) await notifyLive(tx, { kind: "site", siteId, at: at.toISOString() })
    return { told: sites.length }
  })
}

async function tellSilent(tx: Transaction, at: Date): Promise<number[]> {
  const told: number[] = []
  for (const { siteId, deviceId, name, since } of await selectSilentGuards(tx)) {
    const isNew = await insertOwnThermalEvent(tx, {
      key: `${deviceId} ${since.toISOString()}`,
      siteId,
      deviceId,
      kind: "guard_silent",
      temperatureC: null,
      thresholdC: null,
      message: `Collector ${name} is silent. Where it runs, its guard goes on and tells later; whether it does is not known.`,
      at,
    })
    if (isNew) told.push(siteId)
  }
  return told
}

async function tellUnguarded(tx: Transaction, at: Date): Promise<number[]> {
  const told: number[] = []
  for (const { siteId, machines, hottestC, criticalC } of await selectUnguardedSites(tx, at)) {
    const many = machines === 1 ? "1 machine is" : `${machines} machines are`
    const isNew = await insertOwnThermalEvent(tx, {
      key: `${siteId} ${Math.floor(at.getTime() / HOUR_MS)}`,
      siteId,
      deviceId: null,
      kind: "unguarded",
      temperatureC: hottestC,
      thresholdC: criticalC,
      message: `${many} at or over ${criticalC} °C, the hottest at ${Math.round(hottestC * 10) / 10} °C, and the thermal guard is not armed: nothing is done.`,
      at,
    })
    if (isNew) told.push(siteId)
  }
  return told
}
