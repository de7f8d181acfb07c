// path: command 2/10
import { randomUUID } from "node:crypto"
import { z } from "zod"
import type { Transaction } from "#db/client.ts"
import {
  type CommandRow,
  insertCommand,
  type PolicySite,
  selectCommandsOfRequest,
  selectPolicySites,
  selectTargets,
} from "#db/queries/commands.ts"
import { APPROVAL_TTL_MS, COMMAND_TTL_MINUTES } from "#server/contract/budgets.ts"
import {
  type ApprovalReason,
  type CommandAction,
  type CommandStatus,
  commandActionSchema,
  DEFAULT_PRIORITY,
} from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { UserActor } from "../access/actor.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission, requireUser, roleAt } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { moveCommand } from "./lifecycle.ts"
import { personText } from "./person-text.ts"
import { decideCommand } from "./policy.ts"

export const requestCommandInput = z.object({
  /** From the form, new with each form: the same one again returns what the first made. */
  requestId: z.uuid(),
  minerIds: z.array(z.number().int().positive()).min(1).max(50_000),
  action: commandActionSchema,
  note: personText(500).optional(),
})

export type RequestedCommand = {
  siteId: number
  id: string
  status: CommandStatus
  approvalReasons: ApprovalReason[]
}

/**
 * Asks for one action on machines: one command per site, queued or waiting for approval as the policy says, all in one
 * transaction. Throws NOT_FOUND when any machine is outside the actor's scope, FORBIDDEN when his role may not ask for it.
 */
export async function requestCommand(
  ctx: Context,
  input: z.input<typeof requestCommandInput>,
): Promise<{ commands: RequestedCommand[] }> {
  const actor = requireUser(ctx)
  const parsed = parseInput(requestCommandInput, input)
  const bySite = await resolveTargets(ctx, actor, parsed.minerIds)
  const sites = await selectPolicySites(ctx.db, [...bySite.keys()])
  const plans = sites.map((site) => plan(ctx, actor, site, bySite.get(site.id) ?? [], parsed.action))

  const earlier = await commandsOfRequest(ctx, actor, parsed.requestId, [...bySite.keys()])
  if (earlier) return earlier
  const batchId = sites.length > 1 ? randomUUID() : null
  try {
    return await ctx.db.transaction(async (tx) => {
      const commands: RequestedCommand[] = []
      for (const planned of plans)
        commands.push(await create(tx, ctx, actor, { ...planned, ...parsed, batchId }))
      return { commands }
    })
  } catch (error) {
    if (!(error instanceof RequestTaken)) throw error
    const first = await commandsOfRequest(ctx, actor, parsed.requestId, [...bySite.keys()])
    if (first) return first
    throw error
  }
}

/** The same request was committed by someone else while this one ran. */
class RequestTaken extends Error {}

async function resolveTargets(
  ctx: Context,
  actor: UserActor,
  minerIds: readonly number[],
): Promise<Map<number, number[]>> {
  const wanted = [...new Set(minerIds)]
  const found = await selectTargets(ctx.db, scopeOf(actor, "MINER_VIEW"), wanted, ctx.now())
  if (found.length !== wanted.length) throw new DomainError("NOT_FOUND", "There is no such machine.")
  const bySite = new Map<number, number[]>()
  for (const { id, siteId } of found) {
    const ids = bySite.get(siteId)
    if (ids) ids.push(id)
    else bySite.set(siteId, [id])
  }
  return bySite
}

type Plan = { site: PolicySite; targetIds: number[]; reasons: ApprovalReason[] }

function plan(
  ctx: Context,
  actor: UserActor,
  site: PolicySite,
  targetIds: number[],
  action: CommandAction,
): Plan {
  requirePermission(ctx, "REMOTE_CONTROL_REQUEST", site.id, "OWN")
  const role = roleAt(actor, site.id)
  if (!role) throw new DomainError("NOT_FOUND", "There is no such machine.")
  const decision = decideCommand({ ...action, role, targets: targetIds.length, site })
  if (decision.verdict === "forbidden") throw new DomainError("FORBIDDEN", decision.message)
  return { site, targetIds, reasons: decision.verdict === "needs_approval" ? decision.reasons : [] }
}

async function create(
  tx: Transaction,
  ctx: Context,
  actor: UserActor,
  input: Plan & {
    requestId: string
    action: CommandAction
    note?: string | undefined
    batchId: string | null
  },
): Promise<RequestedCommand> {
  const at = ctx.now()
  const needsApproval = input.reasons.length > 0
  const command = { siteId: input.site.id, id: randomUUID() }
  const inserted = await insertCommand(tx, {
    ...command,
    batchId: input.batchId,
    requestId: input.requestId,
    type: input.action.type,
    parameters: input.action.parameters,
    source: ctx.source === "api" ? "api" : "manual",
    targetIds: input.targetIds,
    approvalReasons: input.reasons,
    note: input.note || null,
    priority: DEFAULT_PRIORITY,
    ttlMinutes: COMMAND_TTL_MINUTES,
    requestedBy: actor.userId,
    requestedAt: at,
    approvalExpiresAt: needsApproval ? new Date(at.getTime() + APPROVAL_TTL_MS) : null,
  })
  if (!inserted) throw new RequestTaken()
  await writeAudit(tx, ctx, {
    action: "command.request",
    siteId: command.siteId,
    subjectType: "command",
    subjectId: command.id,
    after: { status: "PENDING", type: input.action.type, parameters: input.action.parameters },
    details: { targets: input.targetIds.length, batchId: input.batchId, note: input.note || null },
  })
  const status = needsApproval ? "PENDING_APPROVAL" : "QUEUED"
  await moveCommand(tx, ctx, command, status, {
    change: needsApproval ? {} : { queuedAt: at },
    details: needsApproval ? { reasons: input.reasons } : {},
  })
  if (!needsApproval)
    await ctx.queue.send(tx, "command.dispatch", { siteId: command.siteId, commandId: command.id })
  return { ...command, status, approvalReasons: input.reasons }
}

async function commandsOfRequest(
  ctx: Context,
  actor: UserActor,
  requestId: string,
  siteIds: number[],
): Promise<{ commands: RequestedCommand[] } | null> {
  const rows = await selectCommandsOfRequest(ctx.db, requestId, siteIds)
  if (rows.length === 0) return null
  if (rows.some((row) => row.requestedBy !== actor.userId))
    throw new DomainError("CONFLICT", "This request id was used by someone else.")
  return { commands: rows.map(asRequested) }
}

function asRequested(row: CommandRow): RequestedCommand {
  return {
    siteId: row.siteId,
    id: row.id,
    status: row.status,
    approvalReasons: row.approvalReasons as ApprovalReason[],
  }
}
