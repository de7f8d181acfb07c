import { z } from "zod"
import {
  type CommandDetailRow,
  type CommandRelative,
  selectCommandDetail,
  selectRelatives,
  selectWaves,
  type WaveRow,
} from "#db/queries/commands-detail.ts"
import { selectPoolGroups } from "#db/queries/commands-pools.ts"
import type { CommandCounts } from "#db/queries/commands-read.ts"
import type { CommandScope } from "#db/queries/commands-scope.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { levelAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { mayCancel } from "./cancel-command.ts"
import { commandScopeOf } from "./command-scope.ts"
import { commandTimeline, type TimelineStep } from "./command-timeline.ts"
import { isEnded } from "./lifecycle.ts"
import { type PoolChange, poolChangeOf, poolSlotOf } from "./pool-change.ts"

export type { WaveRow } from "#db/queries/commands-detail.ts"
export type { TimelineStep } from "./command-timeline.ts"
export type { PoolChange } from "./pool-change.ts"

export const readCommandInput = z.object({ commandId: z.string() })

export type CommandDetail = {
  command: Omit<CommandDetailRow, "hasRetriable">
  counts: CommandCounts
  /** Null where the earlier command is not the actor's to see. */
  retryOf: CommandRelative | null
  /** Later commands that repeat the failed part of this one. */
  retries: CommandRelative[]
  /** Empty before the dispatch; a client sees those that hold his machines. */
  waves: WaveRow[]
  timeline: TimelineStep[]
  /** Older steps that the timeline leaves out. */
  timelineLeftOut: number
  /** Of CHANGE_POOL: old against new, the most frequent first, at most 100; null for other types. */
  pools: PoolChange[] | null
  can: { approve: boolean; deny: boolean; cancel: boolean; resume: boolean; retry: boolean }
}

/**
 * One command as far as the actor may see it: of a mixed command a client gets his own targets and counts, and no name,
 * note, reason or count that speaks of others. Its targets: `listResults`. Throws NOT_FOUND for any other.
 */
export async function readCommand(
  ctx: Context,
  input: z.input<typeof readCommandInput>,
): Promise<CommandDetail> {
  const scope = commandScopeOf(ctx)
  const found = await findCommand(ctx, scope, parseInput(readCommandInput, input).commandId)
  const slot = poolSlotOf(found)
  const [relatives, waves, timeline, groups] = await Promise.all([
    selectRelatives(ctx.db, scope, found),
    selectWaves(ctx.db, scope, found),
    commandTimeline(ctx, found),
    slot === null ? null : selectPoolGroups(ctx.db, scope, found, slot, ctx.now()),
  ])
  const { hasRetriable, ...command } = found
  const { targets, succeeded, failed, unknown, skipped, open, running } = command
  return {
    command,
    counts: { targets, succeeded, failed, unknown, skipped, open, running },
    retryOf: relatives.find((one) => one.relation === "retry_of") ?? null,
    retries: relatives.filter((one) => one.relation === "retry"),
    waves: [...waves],
    timeline: timeline.steps,
    timelineLeftOut: timeline.leftOut,
    pools: groups?.map((group) => poolChangeOf(found, group)) ?? null,
    can: whatHeCan(ctx, found, hasRetriable),
  }
}

/** The command in full. Throws NOT_FOUND when there is none, or none for this reader. */
export async function findCommand(
  ctx: Context,
  scope: CommandScope,
  commandId: string,
): Promise<CommandDetailRow> {
  const found = z.uuid().safeParse(commandId).success
    ? await selectCommandDetail(ctx.db, scope, commandId)
    : null
  if (!found) throw new DomainError("NOT_FOUND", "There is no such command.")
  return found
}

function whatHeCan(ctx: Context, command: CommandDetailRow, hasRetriable: boolean): CommandDetail["can"] {
  const execute = levelAt(ctx.actor, "REMOTE_CONTROL_EXECUTE", command.siteId) === "FULL"
  const own = ctx.actor.kind === "user" && ctx.actor.userId === command.requestedBy
  const decide = command.status === "PENDING_APPROVAL" && execute && !own
  const request = levelAt(ctx.actor, "REMOTE_CONTROL_REQUEST", command.siteId)
  const unstarted = command.status === "RUNNING" ? command.unstarted > 0 : !isEnded(command.status)
  return {
    approve: decide,
    deny: decide,
    cancel: unstarted && mayCancel(ctx, command),
    resume: execute && command.status === "RUNNING" && command.haltedAt !== null,
    retry: isEnded(command.status) && hasRetriable && (request === "FULL" || (own && request !== "NONE")),
  }
}
