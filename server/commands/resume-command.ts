import { z } from "zod"
import { selectCommand } from "#db/queries/commands.ts"
import { lockCommandState } from "#db/queries/commands-state.ts"
import { resumeRows, selectNextWave, selectWavePause } from "#db/queries/commands-waves.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { seesCommand } from "./command-scope.ts"
import { releaseWave } from "./release-wave.ts"

export const resumeCommandInput = z.object({ commandId: z.uuid() })

/**
 * Lets a halted command go on: its next wave is released at once, whatever the last one shows. Needs EXECUTE at the site.
 * Returns the wave. Throws NOT_FOUND, FORBIDDEN, and CONFLICT when it is not halted or the site's kill switch is on.
 */
export async function resumeCommand(
  ctx: Context,
  input: z.input<typeof resumeCommandInput>,
): Promise<{ wave: number }> {
  const { commandId } = parseInput(resumeCommandInput, input)
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const seen = await selectCommand(ctx.db, commandId)
  if (!seen || !(await seesCommand(ctx, seen)))
    throw new DomainError("NOT_FOUND", "There is no such command.")
  requirePermission(ctx, "REMOTE_CONTROL_EXECUTE", seen.siteId, "FULL")

  return ctx.db.transaction(async (tx) => {
    const command = await lockCommandState(tx, seen.siteId, seen.id)
    const next = command?.status === "RUNNING" && command.haltedAt ? await selectNextWave(tx, command) : null
    if (!command || next === null)
      throw new DomainError("CONFLICT", "The command is not halted: there is nothing to resume.")
    if ((await selectWavePause(tx, command)).paused)
      throw new DomainError("CONFLICT", "Commands are paused at this site: nothing would start.")
    const halted = { siteId: command.siteId, commandId: command.id, wave: command.releasedWave }
    await resumeRows(tx, halted, ctx.actor.kind === "user" ? ctx.actor.userId : null, ctx.now())
    await writeAudit(tx, ctx, {
      action: "command.resume",
      siteId: command.siteId,
      subjectType: "command",
      subjectId: command.id,
      details: { haltedWave: command.releasedWave, wave: next, waves: command.waves },
    })
    await releaseWave(tx, ctx, command, next)
    return { wave: next }
  })
}
