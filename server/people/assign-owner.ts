import { z } from "zod"
import type { Executor } from "#db/client.ts"
import { brokenConstraint } from "#db/queries/errors.ts"
import {
  closeOwnerships,
  deleteOwnershipsFrom,
  findSitesOfMiners,
  insertOwnerships,
  listOwnershipsPast,
  lockOwnersAt,
  NO_OVERLAP,
} from "#db/queries/ownership.ts"
import { listPeople } from "#db/queries/people.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { correctOwnerTotals } from "../telemetry/correct-owner-totals.ts"
import { requireClientScope } from "./client-scope.ts"
import { refused } from "./person-input.ts"

export const assignOwnerInput = z.object({
  minerIds: z.array(z.number().int()).min(1, "Choose at least one machine.").max(50_000),
  /** null: nobody owns them from then on. */
  userId: z.number().int().nullable(),
  /** Default: now. */
  fromAt: z.date().optional(),
  /** Exclusive; absent: until further notice. Only with a user. */
  toAt: z.date().nullish(),
})

type Miner = { minerId: number; siteId: number }

/**
 * Gives machines to a client, or to nobody, from an instant on. What another owner has under way ends at that instant;
 * an ownership that begins at the very instant is replaced; with nobody, planned ones are dropped too. Machines that the client
 * has for exactly that long are `unchanged`. Throws CONFLICT when another ownership lies in the time, FORBIDDEN without
 * MINER_EDIT at each site. Some statements in all, however many machines.
 */
export async function assignOwner(
  ctx: Context,
  input: z.input<typeof assignOwnerInput>,
): Promise<{ changed: number; unchanged: number }> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const { userId, ...given } = parseInput(assignOwnerInput, input)
  const minerIds = [...new Set(given.minerIds)]
  const fromAt = given.fromAt ?? ctx.now()
  const toAt = given.toAt ?? null
  if (toAt !== null && (userId === null || toAt <= fromAt))
    throw refused("toAt", "The end must lie after the beginning, and needs an owner.")

  const miners = await findSitesOfMiners(ctx.db, scopeOf(ctx.actor, "MINER_VIEW"), minerIds, ctx.now())
  if (miners.length !== minerIds.length) throw new DomainError("NOT_FOUND", "There is no such machine.")
  const siteIds = [...new Set(miners.map((miner) => miner.siteId))]
  for (const siteId of siteIds) requirePermission(ctx, "MINER_EDIT", siteId, "FULL")

  try {
    return await ctx.db.transaction(async (tx) => {
      if (userId !== null) await requireClient(tx, ctx, userId)
      await lockOwnersAt(tx, siteIds)
      const change = { siteIds, minerIds, fromAt }
      const held = await listOwnershipsPast(tx, change)
      const same = new Set(
        held
          .filter((own) => own.userId === userId && own.fromAt <= fromAt && sameInstant(own.toAt, toAt))
          .map((own) => own.minerId),
      )
      const moving = miners.filter((miner) => !same.has(miner.minerId))
      const moved = { ...change, minerIds: moving.map((miner) => miner.minerId) }
      if (userId === null) await dropPlanned(tx, ctx, moved)
      else await deleteOwnershipsFrom(tx, moved, "that instant")
      await closeOwnerships(tx, moved)
      const createdBy = ctx.actor.kind === "user" ? ctx.actor.userId : null
      if (userId !== null)
        await insertOwnerships(tx, { miners: moving, userId, fromAt, toAt, createdBy, at: ctx.now() })
      const before = held.filter((own) => !same.has(own.minerId)).map((own) => own.userId)
      const userIds = [...new Set(userId === null ? before : [...before, userId])]
      await correctOwnerTotals(tx, ctx, { siteIds, userIds, fromAt })
      const touched =
        userId === null ? moving.filter((miner) => held.some((own) => own.minerId === miner.minerId)) : moving
      for (const siteId of siteIds) await tell(tx, ctx, { siteId, miners: touched, userId, fromAt, toAt })
      return { changed: touched.length, unchanged: miners.length - touched.length }
    })
  } catch (error) {
    if (brokenConstraint(error) === NO_OVERLAP) throw overlap()
    throw error
  }
}

async function requireClient(executor: Executor, ctx: Context, userId: number): Promise<void> {
  const scope = requireClientScope(ctx)
  const [client] = await listPeople(executor, scope, { kind: "client", userId }, ctx.now())
  if (!client) throw new DomainError("NOT_FOUND", "There is no such client.")
  if (client.disabled) throw new DomainError("CONFLICT", "This client's account is disabled.")
}

/** Nobody owns them from then on: what was planned for the future is dropped, what began meanwhile stays and is a conflict. */
async function dropPlanned(
  executor: Executor,
  ctx: Context,
  change: { siteIds: number[]; minerIds: number[]; fromAt: Date },
): Promise<void> {
  const now = ctx.now()
  const future = change.fromAt > now ? change.fromAt : now
  await deleteOwnershipsFrom(executor, { ...change, fromAt: future }, "from then on")
  const left = await listOwnershipsPast(executor, change)
  if (left.some((own) => own.fromAt >= change.fromAt)) throw overlap()
}

async function tell(
  executor: Executor,
  ctx: Context,
  told: { siteId: number; miners: Miner[]; userId: number | null; fromAt: Date; toAt: Date | null },
): Promise<void> {
  const { siteId, userId, fromAt, toAt } = told
  const minerIds = told.miners.filter((miner) => miner.siteId === siteId).map((miner) => miner.minerId)
  if (minerIds.length === 0) return
  await writeAudit(executor, ctx, {
    action: userId === null ? "owner.end" : "owner.assign",
    siteId,
    subjectType: userId === null ? "miner" : "user",
    subjectId: userId ?? (minerIds.length === 1 ? minerIds[0]! : "many"),
    details: {
      miners: minerIds.length,
      fromAt: fromAt.toISOString(),
      toAt: toAt?.toISOString() ?? null,
      firstMinerIds: minerIds.slice(0, 100),
    },
  })
  await notifyLive(executor, {
    kind: "miners",
    siteId,
    minerIds,
    change: "edited",
    at: ctx.now().toISOString(),
  })
}

function sameInstant(one: Date | null, other: Date | null): boolean {
  return (one?.getTime() ?? null) === (other?.getTime() ?? null)
}

function overlap(): DomainError {
  return new DomainError(
    "CONFLICT",
    "Some of these machines have an owner who begins within that time. Choose other dates, or end that ownership first.",
  )
}
