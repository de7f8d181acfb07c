import { upsertCapabilities } from "#db/queries/capabilities.ts"
import { type CapabilitiesInput, capabilitiesInputSchema } from "#server/contract/edge.ts"
import { parseInput } from "../access/parse-input.ts"
import { claimInstance } from "../collectors/claim-instance.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"

/**
 * Keeps what the drivers of a collector say that each model and firmware at its site can do: what preview and dispatch
 * go by. Throws CONFLICT when another process holds the key.
 */
export async function recordCapabilities(
  ctx: Context,
  input: CapabilitiesInput,
): Promise<{ recorded: number }> {
  const { siteId, deviceId } = requireDevice(ctx)
  const { instance_id, profiles } = parseInput(capabilitiesInputSchema, input)
  await claimInstance(ctx, { instanceId: instance_id })
  return { recorded: await upsertCapabilities(ctx.db, { siteId, deviceId }, profiles, ctx.now()) }
}
