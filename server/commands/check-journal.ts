import { loseLeasedOnceOnly, selectLeasedOnceOnly } from "#db/queries/commands-expiry.ts"
import { selectJournal, updateJournal } from "#db/queries/commands-journal.ts"
import { lockCommandState } from "#db/queries/commands-state.ts"
import { COMMAND_TYPES, IDEMPOTENT } from "#server/contract/commands.ts"
import { commandExecutionTotal } from "#server/metrics.ts"
import type { DeviceActor } from "../access/actor.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { concludeCommand } from "./conclude.ts"

const ONCE_ONLY = COMMAND_TYPES.filter((type) => !IDEMPOTENT[type])

/**
 * A collector whose journal is another one (`epoch`) or went back (`seq`) does not know what it ran: what it holds of
 * commands that may not be repeated becomes an unknown outcome instead of being handed out again (`decisions.md` 20).
 * Then remembers where the journal stands. Returns how many outcomes became unknown.
 */
export async function checkJournal(
  ctx: Context,
  device: DeviceActor,
  journal: { epoch: string; seq: number },
): Promise<number> {
  const known = await selectJournal(ctx.db, device.deviceId)
  if (known?.epoch === journal.epoch && journal.seq === known.seq) return 0
  let lost = 0
  if (known?.epoch !== journal.epoch || journal.seq < known.seq)
    for (const id of await selectLeasedOnceOnly(ctx.db, device.siteId, device.deviceId, ONCE_ONLY))
      lost += await loseLeases(ctx, device, id)
  await updateJournal(ctx.db, device.deviceId, journal)
  return lost
}

async function loseLeases(ctx: Context, device: DeviceActor, commandId: string): Promise<number> {
  return ctx.db.transaction(async (tx) => {
    const command = await lockCommandState(tx, device.siteId, commandId)
    if (!command) return 0
    const message = "Unknown outcome: the collector lost its journal while it had this command."
    const lost = await loseLeasedOnceOnly(tx, command, device.deviceId, ONCE_ONLY, message, ctx.now())
    if (lost === 0) return 0
    await writeAudit(tx, ctx, {
      action: "command.journal-lost",
      siteId: device.siteId,
      subjectType: "command",
      subjectId: command.id,
      details: { unknown: lost, device: device.name },
    })
    commandExecutionTotal.inc({ type: command.type, status: "UNKNOWN" }, lost)
    await concludeCommand(tx, ctx, command)
    return lost
  })
}
