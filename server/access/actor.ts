import type { SiteRole } from "#server/contract/permissions.ts"

/** Who acts. Every verb takes one in its context; nothing acts anonymously except what is public by contract. */
export type Actor = UserActor | DeviceActor | SystemActor | AnonymousActor

export type UserActor = {
  kind: "user"
  userId: number
  email: string
  name: string
  /** `client` accounts see only machines they own today. */
  account: "staff" | "client"
  globalRole: "admin" | "auditor" | null
  memberships: ReadonlyMap<number, SiteRole>
  /** Sites where a client owns machines now; empty for staff. */
  ownedSiteIds: readonly number[]
  sessionId: string | null
}

/** A collector, by its key. */
export type DeviceActor = { kind: "device"; deviceId: number; siteId: number; keyId: number; name: string }
/** A job or the command line. */
export type SystemActor = { kind: "system"; name: string }
export type AnonymousActor = { kind: "anonymous" }

export function actorLabel(actor: Actor): string {
  if (actor.kind === "user") return `user:${actor.userId} ${actor.email}`
  if (actor.kind === "device") return `device:${actor.deviceId} ${actor.name}`
  return actor.kind === "system" ? `system:${actor.name}` : "anonymous"
}
