import type { Transaction } from "#db/client.ts"
import { insertTarget, listTargets, setTargetEnabledRow } from "#db/queries/collectors.ts"
import { type Decidable, decideRows, selectIgnoredAddresses } from "#db/queries/discovered.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { MAX_TARGETS, parseTargetValue, refuseTooMany } from "../collectors/target-value.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { covers, targetsFor } from "./cover-machines.ts"

export type Accepted = { accepted: number; targets: number; skipped: number }

/**
 * Has the collectors of one site read these machines: what no target takes in yet gets one, neighbours share a range.
 * Skips what is read already. The caller has judged the right to do so and holds the rows. Throws INVALID when a
 * collector would have more to look at than it may.
 */
export async function acceptRows(
  tx: Transaction,
  ctx: Context,
  input: { siteId: number; rows: Decidable[]; decisionId: string; automatic: boolean },
): Promise<Accepted> {
  const { siteId, decisionId } = input
  const rows = input.rows.filter(mayBeAccepted)
  const result: Accepted = { accepted: rows.length, targets: 0, skipped: input.rows.length - rows.length }
  if (rows.length === 0) return result
  await lockSite(tx, siteId)
  const at = ctx.now()
  const made: string[] = []
  for (const [deviceId, machines] of Map.groupBy(rows, (row) => row.deviceId)) {
    const added = await addTargets(tx, { siteId, deviceId, at, machines, keep: rows })
    made.push(...added.values)
    const userId = ctx.actor.kind === "user" ? ctx.actor.userId : null
    const decisions = machines.map(({ id }) => ({
      id,
      state: "accepted" as const,
      targetId: added.targetOf.get(id) ?? null,
    }))
    await decideRows(tx, decisions, { userId, at, decisionId })
    await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: at.toISOString() })
    await notifyLive(tx, { kind: "collector", siteId, deviceId, at: at.toISOString() })
  }
  result.targets = made.length
  if (made.length > 0) await bumpConfigVersion(tx, siteId)
  await writeAudit(tx, ctx, {
    action: "discovery.accept",
    siteId,
    subjectType: "discovery",
    subjectId: decisionId,
    after: { machines: rows.length, targets: made.slice(0, 50), automatic: input.automatic },
  })
  return result
}

function mayBeAccepted(row: Decidable): boolean {
  return row.state === "known" ? row.movedFrom !== null : row.state !== "accepted"
}

async function addTargets(
  tx: Transaction,
  input: { siteId: number; deviceId: number; at: Date; machines: Decidable[]; keep: Decidable[] },
) {
  const { siteId, deviceId, at, machines } = input
  const existing = await listTargets(tx, deviceId)
  const enabled = existing.filter((target) => target.enabled)
  const uncovered = machines.filter((machine) => !enabled.some((target) => covers(target, machine)))
  const ignored = await selectIgnoredAddresses(tx, deviceId)
  // What is accepted just now may have been ignored before.
  for (const row of input.keep) ignored.delete(row.addressNumber)
  const wanted = targetsFor(uncovered, ignored, MAX_TARGETS - existing.length)
  refuseTooMany([...existing, ...wanted].map((target) => parseTargetValue(target.value)))
  const targetOf = new Map<number, number>()
  const values: string[] = []
  for (const { value, webPort, machines: covered } of wanted) {
    const targetId =
      (await insertTarget(tx, { siteId, deviceId, value, webPort, family: null, createdAt: at })) ??
      (await switchOn(tx, deviceId, existing.find((target) => target.value === value)?.id))
    values.push(value)
    if (targetId !== null) for (const machine of covered) targetOf.set((machine as Decidable).id, targetId)
  }
  return { targetOf, values }
}

/** The collector has this value, switched off: a person decided to look there again. Not ours to take back. */
async function switchOn(tx: Transaction, deviceId: number, targetId: number | undefined): Promise<null> {
  if (targetId !== undefined) await setTargetEnabledRow(tx, { deviceId, targetId, enabled: true })
  return null
}
