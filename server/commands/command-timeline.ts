import { type AuditStep, selectTimeline } from "#db/queries/commands-timeline.ts"
import type { TimelineKind } from "#server/contract/command-list.ts"
import { levelAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { commandScopeOf } from "./command-scope.ts"

/** What happened to a command, by whom, when and from where. */
export type TimelineStep = {
  kind: TimelineKind
  /** As the audit log names it, `command.halt`. */
  action: string
  at: Date
  /** The end of a run of answers; else the same as `at`. */
  until: Date
  byKind: "user" | "device" | "system"
  /** A person's or a collector's name; null for the system, and for a client whoever is not he. */
  by: string | null
  source: string
  /** Only for those who may read the audit log of the site. */
  address: string | null
  /** Counts, wave numbers and reasons, as the audit log holds them; for `results` the counts of the run. Null for a client. */
  details: Record<string, unknown> | null
}

export type Timeline = {
  steps: TimelineStep[]
  /** Older steps that are left out. */
  leftOut: number
}

const MAX_STEPS = 500

const KINDS: Record<string, TimelineKind> = {
  "command.request": "requested",
  "command.await-approval": "awaiting_approval",
  "command.queue": "queued",
  "command.approve": "approved",
  "command.deny": "denied",
  "command.approval-expire": "approval_expired",
  "command.dispatch": "dispatched",
  "command.start": "started",
  "command.wave-release": "wave_released",
  "command.wave-pass": "wave_passed",
  "command.halt": "halted",
  "command.resume": "resumed",
  "command.result": "results",
  "command.expire-targets": "targets_expired",
  "command.journal-lost": "journal_lost",
  "command.cancel-rest": "rest_cancelled",
  "command.cancel": "cancelled",
  "command.succeed": "succeeded",
  "command.fail": "failed",
  "command.expire": "expired",
}

/** The pace of a command tells of others' machines; its turns do not. */
const TURNS: readonly TimelineKind[] = [
  "requested",
  "awaiting_approval",
  "queued",
  "approved",
  "denied",
  "approval_expired",
  "started",
  "halted",
  "resumed",
  "rest_cancelled",
  "cancelled",
  "succeeded",
  "failed",
  "expired",
]

/** A command's timeline from the audit log, in the order of time, for an actor who may see the command. */
export async function commandTimeline(
  ctx: Context,
  command: { siteId: number; id: string },
): Promise<Timeline> {
  const scope = commandScopeOf(ctx)
  const { steps, total } = await selectTimeline(ctx.db, command.id, MAX_STEPS)
  const leftOut = total - steps.length
  if (scope.kind === "client")
    return {
      steps: steps.map((step) => stepOfClient(step, scope.userId)).filter(({ kind }) => TURNS.includes(kind)),
      leftOut,
    }
  const seesAddress = levelAt(ctx.actor, "AUDIT_VIEW", command.siteId) === "FULL"
  return { steps: steps.map((step) => stepOf(step, seesAddress)), leftOut }
}

function stepOf(step: AuditStep, seesAddress: boolean): TimelineStep {
  const { action, at, until, source } = step
  const byKind = kindOfActor(step.actor)
  return {
    kind: KINDS[action] ?? "other",
    action,
    at,
    until,
    byKind,
    by: byKind === "user" ? step.userName : byKind === "device" ? nameOf(step.actor) : null,
    source,
    address: seesAddress ? step.address : null,
    details: step.answers ? { ...step.answers, answers: step.rows } : step.details,
  }
}

function stepOfClient(step: AuditStep, userId: number): TimelineStep {
  const shown = stepOf(step, false)
  return { ...shown, by: step.userId === userId ? shown.by : null, details: null }
}

function kindOfActor(actor: string): TimelineStep["byKind"] {
  if (actor.startsWith("user:")) return "user"
  return actor.startsWith("device:") ? "device" : "system"
}

/** `device:2 name` without what is before the name. */
function nameOf(actor: string): string {
  return actor.slice(actor.indexOf(" ") + 1)
}
