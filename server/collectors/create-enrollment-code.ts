import { z } from "zod"
import { deviceNameIsTaken, findDevice } from "#db/queries/collectors.ts"
import { insertEnrollmentCode } from "#db/queries/edge-devices.ts"
import { findSite } from "#db/queries/sites.ts"
import { ENROLL_CODE_TTL_MS } from "#server/contract/budgets.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requirePermission } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { addTargetInput } from "./add-target.ts"
import { drawEnrollmentCode, hashEnrollmentCode } from "./enrollment-code.ts"
import { parseTargetValue, refuseTooMany } from "./target-value.ts"

export const createEnrollmentCodeInput = z.object({
  siteId: z.number().int(),
  deviceName: z.string().trim().min(1, "Give the collector a name.").max(64, "At most 64 characters."),
  /** Set: a new key for this collector, which keeps its targets and machines; its old keys end when the code is used. */
  deviceId: z.number().int().optional(),
  /** What a new collector looks at from its first minute; values as `addTarget` takes them. */
  targets: z
    .array(addTargetInput.pick({ value: true, webPort: true }))
    .max(200, "At most 200 ranges.")
    .default([]),
})

/**
 * A one-time code, good for 15 minutes, that makes a collector of the site, or gives an existing one a new key (its
 * disk was lost). Shown once: only the hash is kept. Throws CONFLICT when a collector of the site has that name.
 */
export async function createEnrollmentCode(
  ctx: Context,
  input: z.input<typeof createEnrollmentCodeInput>,
): Promise<{ code: string; expiresAt: Date }> {
  requirePermission(ctx, "COLLECTOR_MANAGE", input.siteId, "FULL")
  const { siteId, deviceName, deviceId, targets } = parseInput(createEnrollmentCodeInput, input)
  const first = targets.map(({ value, webPort }) => ({ ...parseTargetValue(value), webPort }))
  refuseTooMany(first)
  const code = drawEnrollmentCode()
  const expiresAt = new Date(ctx.now().getTime() + ENROLL_CODE_TTL_MS)
  await ctx.db.transaction(async (tx) => {
    if (!(await findSite(tx, siteId))) throw new DomainError("NOT_FOUND", "There is no such site.")
    if (deviceId !== undefined) {
      if (!(await findDevice(tx, { kind: "sites", siteIds: [siteId] }, deviceId)))
        throw new DomainError("NOT_FOUND", "There is no such collector.")
    } else if (await deviceNameIsTaken(tx, siteId, deviceName)) {
      const message = `This site has a collector called "${deviceName}" already.`
      throw new DomainError("CONFLICT", message, { details: [{ path: "deviceName", message }] })
    }
    await insertEnrollmentCode(tx, {
      codeHash: hashEnrollmentCode(code),
      siteId,
      deviceName,
      deviceId: deviceId ?? null,
      targets: first.map(({ value, webPort }) => ({ value, webPort })),
      createdBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
      createdAt: ctx.now(),
      expiresAt,
    })
    await writeAudit(tx, ctx, {
      action: "collector.create-enrollment-code",
      siteId,
      subjectType: "collector",
      subjectId: deviceId ?? deviceName,
      details: {
        deviceName,
        expiresAt: expiresAt.toISOString(),
        targets: first.map((target) => target.value),
      },
    })
  })
  return { code, expiresAt }
}
