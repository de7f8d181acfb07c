import { findKey, touchKey } from "#db/queries/edge-devices.ts"
import { KEY_PATTERN } from "#server/contract/edge.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { DeviceActor } from "../access/actor.ts"
import { hashSecret } from "../auth/secret-token.ts"
import type { Services } from "../context.ts"

const TOUCH_EVERY_MS = 60_000

/**
 * The device whose key this is. Asks the database each time, so that a revoked key ends at once. Throws
 * UNAUTHENTICATED for a key that is malformed, unknown or revoked, FORBIDDEN when `siteIdHeader` names another site.
 */
export async function authenticateCollector(
  services: Pick<Services, "sql" | "now">,
  input: { key: string | null | undefined; siteIdHeader?: string | null | undefined },
): Promise<DeviceActor> {
  if (!input.key || !KEY_PATTERN.test(input.key)) throw unknownKey()
  const owner = await findKey(services.sql, hashSecret(input.key))
  if (!owner) throw unknownKey()
  if (input.siteIdHeader && input.siteIdHeader.trim() !== String(owner.siteId))
    throw new DomainError("FORBIDDEN", "This key belongs to another site than X-Site-ID names.")
  const at = services.now()
  if (owner.lastUsedAt === null || at.getTime() - owner.lastUsedAt.getTime() >= TOUCH_EVERY_MS)
    await touchKey(services.sql, owner.keyId, at)
  const { deviceId, siteId, keyId, name } = owner
  return { kind: "device", deviceId, siteId, keyId, name }
}

function unknownKey(): DomainError {
  return new DomainError("UNAUTHENTICATED", "This collector key is not known or was revoked.")
}
