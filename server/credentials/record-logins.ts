import type { z } from "zod"
import { deleteUnopened } from "#db/queries/credentials.ts"
import { deleteRefusalsOf, recordRefusals } from "#db/queries/credentials-refused.ts"
import { type LoginsAnswer, loginsInputSchema } from "#server/contract/miner-credentials.ts"
import { parseInput } from "../access/parse-input.ts"
import { claimInstance } from "../collectors/claim-instance.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"
import { tellLoginsChanged } from "./tell-logins-changed.ts"

/**
 * Keeps what a collector tells of its own machines' logins: which refuse theirs, which take one again, and which
 * passwords it cannot open. A machine whose first sample is still on its way is answered as unknown. Throws CONFLICT when another process holds the key.
 */
export async function recordLogins(
  ctx: Context,
  input: z.input<typeof loginsInputSchema>,
): Promise<LoginsAnswer> {
  const { siteId, deviceId } = requireDevice(ctx)
  const { instance_id, reset, miners, unopened } = parseInput(loginsInputSchema, input)
  await claimInstance(ctx, { instanceId: instance_id })
  return ctx.db.transaction(async (tx) => {
    const device = { siteId, deviceId }
    const forgotten = reset ? await deleteRefusalsOf(tx, device) : []
    const { changed, unknown } = await recordRefusals(tx, device, miners, ctx.now())
    const lost = unopened.length > 0 ? await deleteUnopened(tx, device, unopened) : 0
    const minerIds = [...new Set([...forgotten, ...changed])]
    if (minerIds.length + lost > 0) await tellLoginsChanged(tx, ctx, siteId, minerIds)
    return { changed: minerIds.length, unknown }
  })
}
