import { z } from "zod"
import { selectPolicySites, selectTargets } from "#db/queries/commands.ts"
import { selectTargetVerdicts } from "#db/queries/commands-dispatch.ts"
import { type ApprovalReason, commandActionSchema, type SkipReason } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission, requireUser, roleAt } from "../access/permission.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { decideCommand } from "./policy.ts"
import { attemptsOffline, SKIP_SENTENCES } from "./target-verdict.ts"

export const previewCommandInput = z.object({
  minerIds: z.array(z.number().int().positive()).min(1).max(50_000),
  action: commandActionSchema,
})

export type PreviewTarget = {
  minerId: number
  label: string
  siteId: number
  siteName: string
  verdict: "will_run" | "offline" | "busy" | "unsupported"
  /** For translation; null: it will run. */
  reason: SkipReason | null
  why: string | null
}
export type CommandPreview = {
  targets: PreviewTarget[]
  approvalReasons: ApprovalReason[]
  sites: { siteId: number; siteName: string; targets: number; approvalReasons: ApprovalReason[] }[]
}

/** What a request would do, without doing it. Throws as `requestCommand` does. */
export async function previewCommand(
  ctx: Context,
  input: z.input<typeof previewCommandInput>,
): Promise<CommandPreview> {
  const actor = requireUser(ctx)
  const { minerIds, action } = parseInput(previewCommandInput, input)
  const wanted = [...new Set(minerIds)]
  const found = await selectTargets(ctx.db, scopeOf(actor, "MINER_VIEW"), wanted, ctx.now())
  if (found.length !== wanted.length) throw new DomainError("NOT_FOUND", "There is no such machine.")

  const sites = await selectPolicySites(ctx.db, [...new Set(found.map((target) => target.siteId))])
  const decided = sites.map((site) => {
    requirePermission(ctx, "REMOTE_CONTROL_REQUEST", site.id, "OWN")
    const targets = found.filter((target) => target.siteId === site.id).length
    const decision = decideCommand({ ...action, role: roleAt(actor, site.id) ?? "auditor", targets, site })
    if (decision.verdict === "forbidden") throw new DomainError("FORBIDDEN", decision.message)
    const approvalReasons = decision.verdict === "needs_approval" ? decision.reasons : []
    return { siteId: site.id, siteName: site.name, targets, approvalReasons }
  })
  const verdicts = await selectTargetVerdicts(ctx.db, wanted, { attemptOffline: attemptsOffline(action) })
  return {
    targets: verdicts.map(({ minerId, label, siteId, siteName, reason, silentSince }) => ({
      minerId,
      label,
      siteId,
      siteName,
      verdict: verdictOf(reason),
      reason,
      why: reason ? SKIP_SENTENCES[reason] : silentSince ? SILENT : null,
    })),
    approvalReasons: [...new Set(decided.flatMap((site) => site.approvalReasons))],
    sites: decided,
  }
}

const SILENT = "Its collector is silent: the command waits for it until its time to live is over."

function verdictOf(reason: SkipReason | null): PreviewTarget["verdict"] {
  if (reason === null) return "will_run"
  if (reason === "busy") return "busy"
  return reason === "retired" ? "unsupported" : "offline"
}
