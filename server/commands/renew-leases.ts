import type { z } from "zod"
import { renewRows } from "#db/queries/commands-lease.ts"
import { FIRMWARE_LEASE_MS, LEASE_MS } from "#server/contract/budgets.ts"
import { type RenewAnswer, renewInputSchema } from "#server/contract/edge.ts"
import { parseInput } from "../access/parse-input.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"

/** Prolongs leases by their length from now; null for one that is no longer the collector's. */
export async function renewLeases(
  ctx: Context,
  input: z.input<typeof renewInputSchema>,
): Promise<RenewAnswer> {
  const { siteId, deviceId } = requireDevice(ctx)
  const { leases } = parseInput(renewInputSchema, input)
  const at = ctx.now().getTime()
  const renewed = await renewRows(ctx.db, {
    siteId,
    deviceId,
    leases,
    leaseUntil: new Date(at + LEASE_MS),
    firmwareLeaseUntil: new Date(at + FIRMWARE_LEASE_MS),
  })
  const until = new Map(renewed.map((row) => [row.id, row.leaseUntil.toISOString()]))
  return { leases: leases.map(({ id }) => ({ id, lease_until: until.get(id) ?? null })) }
}
