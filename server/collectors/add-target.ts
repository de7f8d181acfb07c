import { z } from "zod"
import { insertTarget, listTargets } from "#db/queries/collectors.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireManagedDevice } from "./managed-device.ts"
import { parseTargetValue, refuseTooMany } from "./target-value.ts"

export const addTargetInput = z.object({
  deviceId: z.number().int(),
  value: z.string().min(1, "Write host[:port], FROM-TO or a CIDR like 10.0.3.0/24.").max(64),
  webPort: z.number().int().min(1, "At least 1.").max(65_535, "At most 65535.").nullable().default(null),
  family: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "A family is a word in small letters, like antminer.")
    .nullable()
    .default(null),
})

/**
 * Gives a collector more to look at; it hears of it with its next heartbeat. Throws INVALID for what is no target
 * (`target-value.ts`) or more than 65,536 addresses in all, CONFLICT for one it has.
 */
export async function addTarget(
  ctx: Context,
  input: z.input<typeof addTargetInput>,
): Promise<{ targetId: number; value: string }> {
  const device = await requireManagedDevice(ctx, input.deviceId)
  const { webPort, family, ...given } = parseInput(addTargetInput, input)
  const parsed = parseTargetValue(given.value)
  const { value } = parsed
  return ctx.db.transaction(async (tx) => {
    await lockSite(tx, device.siteId)
    const others = await listTargets(tx, device.id)
    refuseTooMany([parsed, ...others.map((target) => parseTargetValue(target.value))])
    const { id: deviceId, siteId } = device
    const at = ctx.now()
    const targetId = await insertTarget(tx, { siteId, deviceId, value, webPort, family, createdAt: at })
    if (targetId === null) {
      const message = `The collector has the target ${value} already.`
      throw new DomainError("CONFLICT", message, { details: [{ path: "value", message }] })
    }
    await bumpConfigVersion(tx, siteId)
    await writeAudit(tx, ctx, {
      action: "collector.add-target",
      siteId,
      subjectType: "collector",
      subjectId: deviceId,
      after: { targetId, value, webPort, family },
    })
    await notifyLive(tx, { kind: "collector", siteId, deviceId, at: at.toISOString() })
    return { targetId, value }
  })
}
