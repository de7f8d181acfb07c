import { randomBytes } from "node:crypto"
import type { z } from "zod"
import { insertTarget, revokeKeysOf } from "#db/queries/collectors.ts"
import { deleteSealsOf } from "#db/queries/credentials.ts"
import { deleteRefusalsOf } from "#db/queries/credentials-refused.ts"
import {
  insertDevice,
  insertKey,
  reenrollDevice,
  setDeviceOfCode,
  useEnrollmentCode,
} from "#db/queries/edge-devices.ts"
import { deleteTemplateSecretsOf } from "#db/queries/sealed-secrets.ts"
import { bumpConfigVersion, findSite } from "#db/queries/sites.ts"
import { type EnrollAnswer, enrollInputSchema } from "#server/contract/edge.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { hashSecret } from "../auth/secret-token.ts"
import type { Context } from "../context.ts"
import { notifyLive } from "../live/notify-live.ts"
import { hashEnrollmentCode } from "./enrollment-code.ts"

/**
 * Turns a one-time code into a device with a key; code, device, key and audit in one transaction. The key is in the
 * answer only. Throws UNAUTHENTICATED, always in the same words, when the code is wrong, used or over.
 */
export async function enrollCollector(
  ctx: Context,
  input: z.input<typeof enrollInputSchema>,
): Promise<EnrollAnswer> {
  const parsed = parseInput(enrollInputSchema, input)
  const codeHash = hashEnrollmentCode(parsed.code)
  const key = `hsc_${randomBytes(30).toString("base64url")}`
  return ctx.db.transaction(async (tx) => {
    const at = ctx.now()
    const code = await useEnrollmentCode(tx, codeHash, at)
    const site = code && (await findSite(tx, code.siteId))
    if (!code || !site) throw refused(ctx)
    const enrolled = {
      instanceId: parsed.instance_id,
      publicKey: parsed.public_key,
      hostname: parsed.hostname || null,
      platform: parsed.platform || null,
      edgeVersion: parsed.edge_version,
      at,
    }
    let deviceId = code.deviceId
    let name = code.deviceName
    if (deviceId === null) {
      deviceId = await insertDevice(tx, { ...enrolled, siteId: site.id, name })
      await setDeviceOfCode(tx, codeHash, deviceId)
    } else {
      const device = await reenrollDevice(tx, deviceId, enrolled)
      if (!device) throw refused(ctx)
      name = device.name
      await revokeKeysOf(tx, deviceId, code.createdBy, at)
      await deleteTemplateSecretsOf(tx, { siteId: site.id, deviceId })
      await deleteSealsOf(tx, { siteId: site.id, deviceId })
      await deleteRefusalsOf(tx, { siteId: site.id, deviceId })
    }
    for (const { value, webPort } of code.targets)
      await insertTarget(tx, { siteId: site.id, deviceId, value, webPort, createdAt: at })
    if (code.targets.length > 0) await bumpConfigVersion(tx, site.id)
    const keyId = await insertKey(tx, {
      siteId: site.id,
      deviceId,
      keyHash: hashSecret(key),
      prefix: key.slice(0, 8),
      createdAt: at,
    })
    const actor = { kind: "device", deviceId, siteId: site.id, keyId, name } as const
    await writeAudit(
      tx,
      { ...ctx, actor },
      {
        action: "collector.enroll",
        siteId: site.id,
        subjectType: "collector",
        subjectId: deviceId,
        details: {
          name,
          hostname: enrolled.hostname,
          edgeVersion: enrolled.edgeVersion,
          again: code.deviceId !== null,
          codeCreatedBy: code.createdBy,
        },
      },
    )
    await notifyLive(tx, { kind: "collector", siteId: site.id, deviceId, at: at.toISOString() })
    return {
      key,
      device_id: deviceId,
      device_name: name,
      site: { id: site.id, slug: site.slug, name: site.name },
    }
  })
}

function refused(ctx: Context): DomainError {
  ctx.log.warn({ event: "enrollment_refused", address: ctx.address }, "enrollment refused")
  return new DomainError(
    "UNAUTHENTICATED",
    "This enrollment code is wrong, was used, or is older than 15 minutes. Make a new one on the collectors page.",
  )
}
