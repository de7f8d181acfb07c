import { z } from "zod"
import {
  type CommandListRow,
  type CommandResultRow,
  selectCommandPage,
  selectCommandResults,
  selectTimeline,
  type TimelineStep,
} from "#db/queries/commands-read.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { levelAt } from "../access/permission.ts"
import type { Context } from "../context.ts"
import { mayCancel } from "./cancel-command.ts"
import { commandScopeOf } from "./command-scope.ts"

export const readCommandInput = z.object({ commandId: z.string() })

export type CommandDetail = {
  command: CommandListRow
  results: CommandResultRow[]
  timeline: TimelineStep[]
  can: { approve: boolean; deny: boolean; cancel: boolean }
}

/** One command with its results as far as the actor may see them. Throws NOT_FOUND for any other. */
export async function readCommand(
  ctx: Context,
  input: z.input<typeof readCommandInput>,
): Promise<CommandDetail> {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const { commandId } = parseInput(readCommandInput, input)
  const scope = commandScopeOf(ctx)
  const [command] = z.uuid().safeParse(commandId).success
    ? await selectCommandPage(ctx.db, scope, { commandId }, { limit: 1, offset: 0 })
    : []
  if (!command) throw new DomainError("NOT_FOUND", "There is no such command.")
  const [results, timeline] = await Promise.all([
    selectCommandResults(ctx.db, scope, command),
    selectTimeline(ctx.db, scope, command),
  ])
  const decide =
    command.status === "PENDING_APPROVAL" &&
    levelAt(ctx.actor, "REMOTE_CONTROL_EXECUTE", command.siteId) === "FULL" &&
    !(ctx.actor.kind === "user" && ctx.actor.userId === command.requestedBy)
  const unstarted =
    command.status === "RUNNING"
      ? results.some((result) => result.resultStatus === "PENDING")
      : ["PENDING", "PENDING_APPROVAL", "QUEUED"].includes(command.status)
  return {
    command,
    results,
    timeline,
    can: { approve: decide, deny: decide, cancel: unstarted && mayCancel(ctx, command) },
  }
}
