import { z } from "zod"
import { selectPolicySites } from "#db/queries/commands.ts"
import { type PoolChange, selectPoolChanges } from "#db/queries/commands-pool-changes.ts"
import { type GroupWhy, selectPreview, type TargetView } from "#db/queries/commands-preview.ts"
import {
  type ApprovalReason,
  type BlockReason,
  PREVIEW_GROUPS,
  type PreviewGroup,
  WAVES_ABOVE_TARGETS,
} from "#server/contract/commands.ts"
import { parseInput } from "../access/parse-input.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { checkArtifact } from "./check-stock.ts"
import { actionInput, parseAction, withPasswordToCome } from "./parse-action.ts"
import { type PolicyDecision, strictest } from "./policy.ts"
import { backsUpFirst, decideAt, requireRequester } from "./site-policy.ts"
import { demandOf, SKIP_SENTENCES } from "./target-verdict.ts"
import { resolveTargets, targetsSchema } from "./targets.ts"
import { planWaves } from "./wave-plan.ts"

const PAGE_SIZE = 50
const PAGE_SIZE_MAX = 500

export const previewCommandInput = z.object({
  targets: targetsSchema,
  /** Passwords may be left out: a preview needs none. */
  action: actionInput,
  waveSize: z.number().int().min(1).max(50_000).optional(),
  backupFirst: z.boolean().optional(),
  /** The template whose passwords the request will use. */
  templateId: z.uuid().optional(),
  /** Lists the targets of this group alone. */
  group: z.enum(PREVIEW_GROUPS).optional(),
  page: z.number().int().min(1).default(1),
  pageSize: z.number().int().min(1).max(PAGE_SIZE_MAX).default(PAGE_SIZE),
})

export type Decision = {
  verdict: PolicyDecision["verdict"]
  reasons: ApprovalReason[]
  /** Why it is refused. */
  message: string | null
}
export type PreviewTarget = Omit<TargetView, "detail" | "silent" | "reason"> & {
  reason: BlockReason | "busy" | "already" | null
  why: string | null
}
export type PreviewWhy = Omit<GroupWhy, "detail"> & { why: string }
export type PreviewSite = {
  siteId: number
  siteName: string
  timezone: string
  targets: number
  decision: Decision
  /** Null: few enough to go at once. */
  waves: { count: number; size: number; pauseS: number; failPercent: number; hashPercent: number } | null
  /** The site's kill switch is on: the command waits behind it. */
  paused: boolean
  /** Targets behind a kill switch, the site's or their collector's. */
  pausedTargets: number
  backupFirst: boolean
}
export type CommandPreview = {
  /** Of the targets: a request with `expect` goes to these machines or to none. */
  digest: string
  total: number
  groups: Record<PreviewGroup, number>
  /** One page, worst first. */
  targets: PreviewTarget[]
  page: number
  pageSize: number
  /** Why machines get no command, with counts; those that cannot by model and firmware. */
  why: PreviewWhy[]
  /** CHANGE_POOL: old against new, whoever leaves his account first. */
  pools: PoolChange[] | null
  sites: PreviewSite[]
  decision: Decision
}

/**
 * What a request would do to which machines, without doing it. What the policy refuses is told in `decision`, not
 * thrown. Throws NOT_FOUND and INVALID as `requestCommand` does.
 */
export async function previewCommand(
  ctx: Context,
  input: z.input<typeof previewCommandInput>,
): Promise<CommandPreview> {
  requireRequester(ctx)
  const parsed = parseInput(previewCommandInput, input)
  const { action, typed } = parseAction(withPasswordToCome(parsed.action))
  const { bySite, digest, total } = await resolveTargets(ctx, parsed.targets)
  const minerIds = [...bySite.values()].flat()
  await checkArtifact(ctx.db, action)
  const fromTemplate = parsed.templateId !== undefined && typed === "none"
  const demand = demandOf(action, {
    secrets: fromTemplate
      ? { from: "subject", subjectType: "template", id: parsed.templateId as string }
      : { from: "device" },
  })
  const at = ctx.now()
  const scope = scopeOf(ctx.actor, "MINER_VIEW")
  const page = {
    group: parsed.group ?? null,
    limit: parsed.pageSize,
    offset: (parsed.page - 1) * parsed.pageSize,
  }
  const [sites, rows, pools] = await Promise.all([
    selectPolicySites(ctx.db, [...bySite.keys()]),
    selectPreview(ctx.db, { scope, minerIds, action, demand, page, at }),
    action.type === "CHANGE_POOL"
      ? selectPoolChanges(ctx.db, scope, { minerIds, change: action.parameters, at })
      : null,
  ])

  const decisions = sites.map((site) => decideAt(ctx, site, action, bySite.get(site.id)?.length ?? 0))
  return {
    digest,
    total,
    groups: Object.fromEntries(PREVIEW_GROUPS.map((group) => [group, rows.groups[group] ?? 0])) as Record<
      PreviewGroup,
      number
    >,
    targets: rows.targets.map(withReason),
    page: parsed.page,
    pageSize: parsed.pageSize,
    why: rows.why.map(({ detail, ...row }) => ({ ...row, why: detail ?? SKIP_SENTENCES[row.reason] })),
    pools: pools && [...pools],
    sites: sites.map((site, index) => {
      const view = rows.sites.find((row) => row.siteId === site.id)
      const runnable = view?.runnable ?? 0
      const waves = planWaves({
        runnable,
        requestedSize: parsed.waveSize ?? null,
        activeMachines: view?.active ?? 0,
        wavePercent: site.wavePercent,
      })
      return {
        siteId: site.id,
        siteName: site.name,
        timezone: site.timezone,
        targets: view?.targets ?? 0,
        decision: asDecision(decisions[index] as PolicyDecision),
        waves:
          runnable > WAVES_ABOVE_TARGETS
            ? {
                ...waves,
                pauseS: site.wavePauseS,
                failPercent: site.waveFailPercent,
                hashPercent: site.waveHashPercent,
              }
            : null,
        paused: site.commandsPausedAt !== null,
        pausedTargets: view?.paused ?? 0,
        backupFirst: backsUpFirst(action, site, parsed.backupFirst),
      }
    }),
    decision: asDecision(strictest(decisions)),
  }
}

function asDecision(decision: PolicyDecision): Decision {
  return {
    verdict: decision.verdict,
    reasons: decision.verdict === "needs_approval" ? decision.reasons : [],
    message: decision.verdict === "refused" ? decision.message : null,
  }
}

const WAITS = "Another command is still open on the machine: this one waits behind it."
const IS_SO = "By its last reading it is so already; the machine is asked again."
const SILENT = "Its collector is silent: the command waits for it until its time to live is over."

function withReason({ detail, silent, ...target }: TargetView): PreviewTarget {
  if (target.reason) return { ...target, why: detail ?? SKIP_SENTENCES[target.reason] }
  if (target.group === "busy") return { ...target, reason: "busy", why: WAITS }
  if (target.group === "already") return { ...target, reason: "already", why: IS_SO }
  return { ...target, why: silent ? SILENT : null }
}
