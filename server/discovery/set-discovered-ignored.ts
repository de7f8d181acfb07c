import { z } from "zod"
import { type Decidable, decideRows } from "#db/queries/discovered.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { chosenMachines, chosenSchema } from "./chosen-machines.ts"

export const setDiscoveredIgnoredInput = z.object({ chosen: chosenSchema, ignored: z.boolean() })

/**
 * Ignores found machines that nobody decided about, whatever later scans find, or brings ignored ones back. The others
 * of the chosen are left as they are. `decisionId` takes it back (`undoDecision`).
 */
export async function setDiscoveredIgnored(
  ctx: Context,
  input: z.input<typeof setDiscoveredIgnoredInput>,
): Promise<{ changed: number; decisionId: string }> {
  const { chosen, ignored } = parseInput(setDiscoveredIgnoredInput, input)
  const decisionId = crypto.randomUUID()
  const from: Decidable["state"][] = ignored ? ["new", "gone"] : ["ignored"]
  return ctx.db.transaction(async (tx) => {
    let changed = 0
    const at = ctx.now()
    for (const [siteId, all] of await chosenMachines(tx, ctx, chosen)) {
      const rows = all.filter((row) => from.includes(row.state))
      if (rows.length === 0) continue
      changed += rows.length
      const decisions = rows.map((row) => ({
        id: row.id,
        state: ignored ? ("ignored" as const) : row.minerId === null ? ("new" as const) : ("known" as const),
        targetId: null,
      }))
      const userId = ctx.actor.kind === "user" ? ctx.actor.userId : null
      await decideRows(tx, decisions, { userId, at, decisionId })
      await writeAudit(tx, ctx, {
        action: ignored ? "discovery.ignore" : "discovery.unignore",
        siteId,
        subjectType: "discovery",
        subjectId: decisionId,
        after: { machines: rows.length, addresses: rows.slice(0, 50).map((row) => row.address) },
      })
      for (const deviceId of new Set(rows.map((row) => row.deviceId)))
        await notifyLive(tx, { kind: "discovery", siteId, deviceId, at: at.toISOString() })
    }
    return { changed, decisionId }
  })
}
