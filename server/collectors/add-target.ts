import { z } from "zod"
import { insertTarget, listTargets } from "#db/queries/collectors.ts"
import { bumpConfigVersion, lockSite } from "#db/queries/sites.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { requireManagedDevice } from "./managed-device.ts"
import { MAX_ADDRESSES, parseTargetValue } from "./target-value.ts"

const MAX_TARGETS = 1_000

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
  const { value, addresses } = parseTargetValue(given.value)
  return ctx.db.transaction(async (tx) => {
    await lockSite(tx, device.siteId)
    const others = await listTargets(tx, device.id)
    const inAll = others.reduce((sum, target) => sum + parseTargetValue(target.value).addresses, addresses)
    if (others.length >= MAX_TARGETS || inAll > MAX_ADDRESSES)
      throw new DomainError(
        "INVALID",
        `A collector looks at ${MAX_ADDRESSES} addresses in ${MAX_TARGETS} targets at most.`,
        { details: [{ path: "value", message: `With this one it would be ${inAll} addresses.` }] },
      )
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
