import { insertDigest, lockDigest, selectDigestSites } from "#db/queries/commands-digest.ts"
import type { CommandType } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"

/** In the morning of the site. */
const HOUR = 7
const DAY_MS = 24 * 3_600_000

/**
 * Once a day and site, at seven by its clock: how many commands failed or expired in the last day, by type, as an event
 * among the changes of the site. Says nothing where none did. Idempotent, safe with two workers.
 */
export async function digestFailures(ctx: Context): Promise<{ sites: number }> {
  if (ctx.actor.kind !== "system") throw new DomainError("FORBIDDEN", "Only the worker writes digests.")
  const at = ctx.now()
  return ctx.db.transaction(async (tx) => {
    await lockDigest(tx)
    const since = new Date(at.getTime() - DAY_MS)
    const sites = await selectDigestSites(tx, { hour: HOUR, since, at })
    for (const { siteId, ended, failed, byType } of sites) {
      const parts = byType.map((row) => `${row.failed} × ${NAMES[row.type]}`).join(", ")
      await insertDigest(
        tx,
        siteId,
        `${failed} of ${ended} commands of the last day failed or expired: ${parts}.`,
        at,
      )
      await notifyLive(tx, { kind: "site", siteId, at: at.toISOString() })
    }
    return { sites: sites.length }
  })
}

const NAMES: Record<CommandType, string> = {
  REBOOT: "reboot",
  ENABLE: "resume mining",
  DISABLE: "pause mining",
  POWER_MODE: "power mode",
  CHANGE_POOL: "change of pool",
  SET_FREQ: "frequency",
  THERMAL_POLICY: "thermal policy",
  LED: "locate light",
  BACKUP_CONFIG: "backup",
  RESTORE_CONFIG: "restore",
  UPDATE_FIRMWARE: "firmware",
  SET_LOGIN: "change of password",
}
