import type { Transaction } from "#db/client.ts"
import type { CommandState } from "#db/queries/commands-state.ts"
import { releaseRows } from "#db/queries/commands-waves.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyCommands, notifyLive } from "../live/notify-live.ts"

/**
 * Lets the collectors fetch a wave, in the caller's transaction (which holds the command): from now on its time to live
 * runs, and its rates of now are what its gate compares with. Returns how many targets were released.
 */
export async function releaseWave(
  tx: Transaction,
  ctx: Context,
  command: Pick<CommandState, "siteId" | "id" | "waves" | "ttlMinutes">,
  wave: number,
): Promise<number> {
  const at = ctx.now()
  const expiresAt = new Date(at.getTime() + command.ttlMinutes * 60_000)
  const { released, deviceIds } = await releaseRows(tx, command, wave, { at, expiresAt })
  await writeAudit(tx, ctx, {
    action: "command.wave-release",
    siteId: command.siteId,
    subjectType: "command",
    subjectId: command.id,
    details: { wave, waves: command.waves, targets: released },
  })
  for (const deviceId of deviceIds) await notifyCommands(tx, deviceId)
  await tellWave(tx, command, at)
  return released
}

/** Tells the pages of people at the site that the waves of a command moved. */
export function tellWave(tx: Transaction, command: { siteId: number; id: string }, at: Date): Promise<void> {
  const { siteId, id: commandId } = command
  return notifyLive(tx, { kind: "command", siteId, commandId, minerIds: [], at: at.toISOString() })
}
