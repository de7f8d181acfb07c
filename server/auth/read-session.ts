import type { UserActor } from "../access/actor.ts"
import type { Services } from "../context.ts"
import { openSessions } from "./lucia.ts"
import { hashSecret } from "./secret-token.ts"

export type ReadSession = { actor: UserActor; fresh: boolean; expiresAt: Date }

/**
 * Who a session's token stands for, with all that he may be now, in one statement; null when the session is over or
 * its user disabled. `fresh`: its end moved, set the cookie again.
 */
export async function readSession(
  services: Pick<Services, "sql" | "db" | "now">,
  input: { token: string; address?: string | null },
): Promise<ReadSession | null> {
  const valid = await openSessions(services).validate(input.token)
  if (!valid) return null
  const { account, fresh, expiresAt } = valid
  const actor: UserActor = {
    kind: "user",
    userId: account.userId,
    email: account.email,
    name: account.name,
    account: account.kind,
    globalRole: account.globalRole,
    memberships: new Map(account.memberships),
    ownedSiteIds: account.ownedSiteIds,
    sessionId: hashSecret(input.token),
  }
  return { actor, fresh, expiresAt }
}
