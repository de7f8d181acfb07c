import { generateKeyPairSync, randomUUID } from "node:crypto"
import { afterAll, beforeAll } from "vitest"
import { type TestDatabase, useDatabase } from "#db/test/database.ts"
import type { SiteRole } from "#server/contract/permissions.ts"
import type { Actor, DeviceActor, UserActor } from "../../access/actor.ts"
import { type Context, createContext, type Services } from "../../context.ts"
import { silentLog } from "../../log.ts"
import { openQueue, type Queue } from "../../queue.ts"
import { createVault } from "../../vault.ts"

/** A database with a queue, and a clock that tests move by hand. */
export type Farm = {
  database: TestDatabase
  clock: { now: Date; advance: (ms: number) => void }
  services: () => Services
  as: (actor: Actor) => Context
  makeSite: (settings?: Record<string, unknown>, size?: { miners: number }) => Promise<FarmSite>
  makeUser: (
    role: SiteRole | "admin" | "client",
    siteId: number,
    owned?: readonly number[],
  ) => Promise<UserActor>
}
export type FarmSite = { siteId: number; device: DeviceActor; minerIds: number[] }

export const WORKER: Actor = { kind: "system", name: "test" }

export function useFarm(): Farm {
  const database = useDatabase({ max: 6 })
  let queue: Queue
  const clock = {
    now: new Date("2026-05-04T10:00:00Z"),
    advance: (ms: number) => {
      clock.now = new Date(clock.now.getTime() + ms)
    },
  }
  beforeAll(async () => {
    queue = await openQueue({ databaseUrl: database.url, worker: false, log: silentLog })
  })
  afterAll(() => queue?.stop())
  const services = (): Services => ({
    sql: database.sql,
    db: database.db,
    queue,
    vault: createVault("a secret for tests, long enough"),
    now: () => clock.now,
    log: silentLog,
  })
  return {
    database,
    clock,
    services,
    as: (actor) => createContext(services(), { actor, requestId: randomUUID() }),
    makeSite: (settings, size) => makeSite(database, clock.now, settings, size),
    makeUser: (role, siteId, owned) => makeUser(database, role, siteId, owned ?? []),
  }
}

/** The key pair of every farm's collector: what is sealed to it can be opened in a test. */
export const DEVICE_KEY = generateKeyPairSync("x25519").privateKey.export({ format: "jwk" }) as {
  x: string
  d: string
}

/** A site with one collector and machines that hash, four unless told. */
async function makeSite(
  { sql }: TestDatabase,
  now: Date,
  settings: Record<string, unknown> = {},
  size = { miners: 4 },
): Promise<FarmSite> {
  const slug = `s-${randomUUID().slice(0, 8)}`
  const [site] = await sql<{ id: number }[]>`
    insert into hosting_sites ${sql({ slug, name: slug, ...settings })} returning id`
  const siteId = site!.id
  const [device] = await sql<{ id: number }[]>`
    insert into edge_devices (site_id, name, last_seen_at, public_key)
    values (${siteId}, 'edge', ${now}, ${DEVICE_KEY.x}) returning id`
  const deviceId = device!.id
  const miners = await sql<{ id: number }[]>`
    insert into hosting_miners (site_id, miner_id, device_id, ip_address)
    select ${siteId}, ${slug} || '-' || n, ${deviceId}, '10.0.0.' || n from generate_series(1, ${size.miners}::int) n returning id`
  const minerIds = miners.map((miner) => miner.id)
  await sql`insert into miner_telemetry_live (site_id, miner_id, collected_at, received_at, online, mining, hashrate_ghs)
    select ${siteId}, unnest(${minerIds}::int[]), ${now}, ${now}, true, true, 100000`
  return { siteId, minerIds, device: { kind: "device", deviceId, siteId, keyId: 0, name: "edge" } }
}

async function makeUser(
  { sql }: TestDatabase,
  role: SiteRole | "admin" | "client",
  siteId: number,
  owned: readonly number[],
): Promise<UserActor> {
  const account = role === "client" ? "client" : "staff"
  const email = `${randomUUID().slice(0, 8)}@x.test`
  const globalRole = role === "admin" ? "admin" : null
  const [user] = await sql<{ id: number }[]>`
    insert into user_access (email, name, kind, global_role) values (${email}, ${role}, ${account}, ${globalRole})
    returning id`
  const userId = user!.id
  for (const minerId of owned)
    await sql`insert into user_miners (site_id, miner_id, user_id, from_at)
      values (${siteId}, ${minerId}, ${userId}, '2026-01-01')`
  const staffRole = role === "admin" || role === "client" ? null : role
  if (staffRole)
    await sql`insert into site_memberships (site_id, user_id, role) values (${siteId}, ${userId}, ${staffRole})`
  return {
    kind: "user",
    userId,
    email,
    name: role,
    account,
    globalRole,
    memberships: new Map(staffRole ? [[siteId, staffRole]] : []),
    ownedSiteIds: owned.length > 0 ? [siteId] : [],
    sessionId: null,
  }
}
