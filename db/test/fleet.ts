import type { Actor, UserActor } from "#server/access/actor.ts"
import { type Context, createContext } from "#server/context.ts"
import type { SiteRole } from "#server/contract/permissions.ts"
import { silentLog } from "#server/log.ts"
import type { Queue } from "#server/queue.ts"
import { type DatabaseHandle, schema } from "../client.ts"

/** Rows and actors for tests of verbs about machines. Every instant is given from `NOW`, the tests' clock. */
export const NOW = new Date("2030-06-15T12:00:00Z")
export const ago = (seconds: number, from: Date = NOW) => new Date(from.getTime() - seconds * 1000)

/** Verbs of the fleet send no jobs; one that does fails its test. */
const noQueue = new Proxy({} as Queue, {
  get(_, name) {
    throw new Error(`the queue's ${String(name)} is not expected here`)
  },
})

export function contextFor(database: DatabaseHandle, actor: Actor, now: Date = NOW): Context {
  const services = {
    sql: database.sql,
    db: database.db,
    queue: noQueue,
    vault: null,
    now: () => now,
    log: silentLog,
  }
  return createContext(services, { actor, requestId: "test", address: "127.0.0.1" })
}

let userCount = 0
const person = (part: Partial<UserActor>): UserActor => ({
  kind: "user",
  userId: 900_000 + userCount++,
  email: "someone@example.test",
  name: "Someone",
  account: "staff",
  globalRole: null,
  memberships: new Map(),
  ownedSiteIds: [],
  sessionId: null,
  ...part,
})
export const admin = (): UserActor => person({ globalRole: "admin", email: "admin@example.test" })
export const auditor = (): UserActor => person({ globalRole: "auditor" })
export const staffAt = (role: SiteRole, ...siteIds: number[]): UserActor =>
  person({ memberships: new Map(siteIds.map((siteId) => [siteId, role])) })
export const clientActor = (userId: number, ...ownedSiteIds: number[]): UserActor =>
  person({ userId, account: "client", ownedSiteIds })
export const system: Actor = { kind: "system", name: "test" }
export const anonymous: Actor = { kind: "anonymous" }

type Insert<T extends { $inferInsert: unknown }> = T["$inferInsert"]

export async function addSite(
  { db }: DatabaseHandle,
  slug: string,
  part: Partial<Insert<typeof schema.hostingSites>> = {},
) {
  const [site] = await db
    .insert(schema.hostingSites)
    .values({ slug, name: `Site ${slug}`, ...part })
    .returning()
  return site!
}

/** A collector that was enrolled a day ago and seen five seconds ago. */
export async function addDevice(
  { db }: DatabaseHandle,
  siteId: number,
  part: Partial<Insert<typeof schema.edgeDevices>> = {},
) {
  const [device] = await db
    .insert(schema.edgeDevices)
    .values({ siteId, name: "collector", enrolledAt: ago(86_400), lastSeenAt: ago(5), ...part })
    .returning()
  return device!
}

/** A machine, and its last sample (ten seconds old and online) unless `live` is null. */
export async function addMinerRow(
  { db }: DatabaseHandle,
  siteId: number,
  part: Partial<Insert<typeof schema.hostingMiners>> & { minerId: string },
  live: Partial<Insert<typeof schema.minerTelemetryLive>> | null = {},
) {
  const [miner] = await db
    .insert(schema.hostingMiners)
    .values({ siteId, ...part })
    .returning()
  if (live)
    await db.insert(schema.minerTelemetryLive).values({
      siteId,
      minerId: miner!.id,
      collectedAt: ago(10),
      receivedAt: live.collectedAt ?? ago(9),
      online: true,
      ...live,
    })
  return miner!
}

export async function addUser(
  { db }: DatabaseHandle,
  part: Partial<Insert<typeof schema.userAccess>> & { email: string },
) {
  const [user] = await db
    .insert(schema.userAccess)
    .values({ name: part.email, kind: "client", ...part })
    .returning()
  return user!
}

export async function addOwnership(
  { db }: DatabaseHandle,
  ownership: { siteId: number; minerId: number; userId: number; fromAt?: Date; toAt?: Date | null },
) {
  await db.insert(schema.userMiners).values({ fromAt: ago(86_400), ...ownership })
}
