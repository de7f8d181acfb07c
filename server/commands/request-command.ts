// path: command 2/10
import { randomUUID } from "node:crypto"
import { z } from "zod"
import type { Transaction } from "#db/client.ts"
import {
  insertCommand,
  type PolicySite,
  selectCommandsOfRequest,
  selectPolicySites,
} from "#db/queries/commands.ts"
import { APPROVAL_TTL_MS } from "#server/contract/budgets.ts"
import {
  type ApprovalReason,
  COMMAND_SOURCES,
  type CommandSource,
  type CommandStatus,
  DEFAULT_PRIORITY,
} from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { holdStock } from "./check-stock.ts"
import { chooseSecrets, type SecretSource, sealForCommand } from "./command-secrets.ts"
import { fingerprintOf } from "./fingerprint.ts"
import { moveCommand } from "./lifecycle.ts"
import { actionInput, type ParsedAction, parseAction } from "./parse-action.ts"
import { personText } from "./person-text.ts"
import { checkRetry } from "./read-retry.ts"
import { backsUpFirst, decideAt, requireRequester } from "./site-policy.ts"
import { resolveTargets, targetsSchema } from "./targets.ts"

const percent = z.number().int().min(0).max(100)

export const requestCommandInput = z.object({
  /** From the form, new with each form: the same one again returns what the first made. */
  requestId: z.uuid(),
  targets: targetsSchema,
  action: actionInput,
  note: personText(500).optional(),
  /** Machines in a wave; absent: the site's share. So with the other settings: absent means the site's. */
  waveSize: z.number().int().min(1).max(50_000).optional(),
  wavePauseS: z.number().int().min(0).max(86_400).optional(),
  waveFailPercent: percent.optional(),
  waveHashPercent: percent.optional(),
  priority: z.number().int().min(1).max(10).default(DEFAULT_PRIORITY),
  ttlMinutes: z.number().int().min(1).max(1_440).optional(),
  /** For CHANGE_POOL and UPDATE_FIRMWARE; a site that always does it cannot be asked not to. */
  backupFirst: z.boolean().optional(),
  /** The command whose failed part this repeats (`readRetry`). */
  retryOf: z.uuid().optional(),
  /** Its sealed passwords are used when none is typed. */
  templateId: z.uuid().optional(),
})
type Parsed = z.output<typeof requestCommandInput>

export type RequestedCommand = {
  siteId: number
  id: string
  status: CommandStatus
  approvalReasons: ApprovalReason[]
}

/**
 * Asks for one action on machines: one command per site, queued or waiting for approval as the policy says, all in one
 * transaction with the jobs that dispatch them. Targets and parameters are frozen here. Throws NOT_FOUND when any
 * machine, site, template or retried command is outside the actor's scope, FORBIDDEN when the policy refuses, INVALID,
 * and CONFLICT when the selection changed or the request id was used by someone else.
 */
export async function requestCommand(
  ctx: Context,
  input: z.input<typeof requestCommandInput>,
): Promise<{ commands: RequestedCommand[] }> {
  requireRequester(ctx)
  const parsed = parseInput(requestCommandInput, input)
  const given = parseAction(parsed.action)
  refuseSettingsOfClients(ctx, parsed)
  const earlier = await commandsOfRequest(ctx, parsed.requestId)
  if (earlier) return earlier

  const targets = await resolveTargets(ctx, parsed.targets)
  const siteIds = [...targets.bySite.keys()]
  if (parsed.retryOf) await checkRetry(ctx, parsed.retryOf, { action: given.action, bySite: targets.bySite })
  const secrets = await chooseSecrets(ctx, given, { templateId: parsed.templateId, siteIds })
  const batchId = siteIds.length > 1 ? randomUUID() : null
  try {
    return await ctx.db.transaction(async (tx) => {
      await holdStock(tx, given.action, targets.bySite)
      const commands: RequestedCommand[] = []
      for (const site of await selectPolicySites(tx, siteIds)) {
        const targetIds = targets.bySite.get(site.id) ?? []
        const plan = { ...parsed, site, targetIds, targetFilter: targets.filter, given, secrets, batchId }
        commands.push(await create(tx, ctx, plan))
      }
      return { commands }
    })
  } catch (error) {
    if (!(error instanceof RequestTaken)) throw error
    const first = await commandsOfRequest(ctx, parsed.requestId)
    if (first) return first
    throw new DomainError("CONFLICT", "This request id was used by someone else.", { cause: error })
  }
}

/** The same request was committed by someone else while this one ran. */
class RequestTaken extends Error {}

/** How a command runs is the site's business: clients say what and where, and no more. */
function refuseSettingsOfClients(ctx: Context, parsed: Parsed): void {
  if (ctx.actor.kind !== "user" || ctx.actor.account !== "client") return
  const { waveSize, wavePauseS, waveFailPercent, waveHashPercent, ttlMinutes, backupFirst, priority } = parsed
  const settings = [waveSize, wavePauseS, waveFailPercent, waveHashPercent, ttlMinutes, backupFirst]
  if (settings.some((setting) => setting !== undefined) || priority !== DEFAULT_PRIORITY)
    throw new DomainError("FORBIDDEN", "A client's command runs with the settings of the site.")
}

type Plan = Parsed & {
  site: PolicySite
  targetIds: number[]
  targetFilter: Record<string, unknown> | null
  given: ParsedAction
  secrets: SecretSource
  batchId: string | null
}

async function create(tx: Transaction, ctx: Context, plan: Plan): Promise<RequestedCommand> {
  const { site, targetIds } = plan
  const { action } = plan.given
  const decision = decideAt(ctx, site, action, targetIds.length)
  if (decision.verdict === "refused") throw new DomainError("FORBIDDEN", decision.message)
  const approvalReasons = decision.verdict === "needs_approval" ? decision.reasons : []
  const needsApproval = approvalReasons.length > 0

  const at = ctx.now()
  const command = { siteId: site.id, id: randomUUID() }
  const sealed = await sealForCommand(tx, ctx, command, plan.given, plan.secrets)
  const inserted = await insertCommand(tx, {
    ...command,
    batchId: plan.batchId,
    requestId: plan.requestId,
    type: action.type,
    parameters: action.parameters,
    source: sourceOf(ctx),
    targetIds,
    targetFilter: plan.targetFilter,
    fingerprint: fingerprintOf({ ...action, targetIds, sealed }),
    retryOf: plan.retryOf ?? null,
    backupFirst: backsUpFirst(action, site, plan.backupFirst),
    approvalReasons,
    note: plan.note || null,
    priority: plan.priority,
    ttlMinutes: plan.ttlMinutes ?? site.commandTtlMinutes,
    requestedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    requestedAt: at,
    approvalExpiresAt: needsApproval ? new Date(at.getTime() + APPROVAL_TTL_MS) : null,
    waveSize: plan.waveSize ?? null,
    wavePauseS: plan.wavePauseS ?? null,
    waveFailPercent: plan.waveFailPercent ?? null,
    waveHashPercent: plan.waveHashPercent ?? null,
  })
  if (!inserted) throw new RequestTaken()
  await writeAudit(tx, ctx, {
    action: "command.request",
    siteId: command.siteId,
    subjectType: "command",
    subjectId: command.id,
    after: { status: "PENDING", type: action.type, parameters: action.parameters },
    details: {
      targets: targetIds.length,
      filter: plan.targetFilter,
      batchId: plan.batchId,
      note: plan.note || null,
      retryOf: plan.retryOf ?? null,
      templateId: plan.templateId ?? null,
    },
  })
  const status = needsApproval ? "PENDING_APPROVAL" : "QUEUED"
  await moveCommand(tx, ctx, command, status, {
    change: needsApproval ? {} : { queuedAt: at },
    details: needsApproval ? { reasons: approvalReasons } : {},
  })
  if (!needsApproval)
    await ctx.queue.send(tx, "command.dispatch", { siteId: command.siteId, commandId: command.id })
  return { ...command, status, approvalReasons }
}

function sourceOf(ctx: Context): CommandSource {
  return (COMMAND_SOURCES as readonly string[]).includes(ctx.source)
    ? (ctx.source as CommandSource)
    : "manual"
}

async function commandsOfRequest(
  ctx: Context,
  requestId: string,
): Promise<{ commands: RequestedCommand[] } | null> {
  const userId = ctx.actor.kind === "user" ? ctx.actor.userId : null
  const rows = await selectCommandsOfRequest(ctx.db, requestId, scopeOf(ctx.actor, "MINER_VIEW"))
  if (rows.length === 0) return null
  if (rows.some((row) => row.requestedBy !== userId))
    throw new DomainError("CONFLICT", "This request id was used by someone else.")
  return {
    commands: rows.map(({ siteId, id, status, approvalReasons }) => ({
      siteId,
      id,
      status,
      approvalReasons,
    })),
  }
}
