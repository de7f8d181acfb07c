import { randomBytes, randomUUID } from "node:crypto"
import { demoMiners } from "#edge/simulator/demo-farm.ts"
import { demoSpec, type FarmSpec } from "#edge/simulator/farm-spec.ts"
import { setPasswordByLink } from "../auth/set-password-by-link.ts"
import { createContext, type Services } from "../context.ts"
import { updateMiners } from "../fleet/update-miners.ts"
import { assignOwner } from "../people/assign-owner.ts"
import { createUser } from "../people/create-user.ts"
import { createSite } from "../sites/create-site.ts"
import { updateSite } from "../sites/update-site.ts"
import { saveThermalConfig } from "../thermal/save-thermal-config.ts"

/**
 * The demo company: two sites of simulated machines, two hosting clients, staff of each role. Seeded once, into an
 * empty database only.
 */
export type DemoLogin = { who: string; email: string; password: string }

const SITES = {
  a: { slug: "hollow-ridge", name: "Hollow Ridge", location: "Texas, USA", timezone: "America/Chicago" },
  b: { slug: "fjord-hall", name: "Fjord Hall", location: "Vestland, Norway", timezone: "Europe/Oslo" },
} as const
const CLIENTS = {
  northfjord: { name: "Northfjord Capital", email: "client@northfjord.example" },
  auroramining: { name: "Aurora Mining", email: "client@auroramining.example" },
} as const
const FACT = "demo"

export const demoSiteSlugs = { a: SITES.a.slug, b: SITES.b.slug } as const

/**
 * The demo's machines moved to the networks from `network` on: site a on 127.network.0.x, site b on the next. The one
 * that is to be offline still answers at first, so that it becomes known before it dies (`demoDead`).
 */
export function demoFarm(network: number): FarmSpec {
  const spec = demoSpec()
  const miners = spec.miners.map(({ faults, ...miner }) => ({
    ...miner,
    address: moved(miner.address, network),
    ...(faults ? { faults: faults.filter((fault) => fault !== "offline") } : {}),
  }))
  return { ...spec, miners }
}

/** The addresses of the machines that die once they were seen. */
export function demoDead(network: number): string[] {
  return demoMiners
    .filter((miner) => miner.condition === "offline")
    .map((miner) => moved(miner.address, network))
}

/** The ranges that each site's collector polls. */
export function demoTargets(network: number): Record<"a" | "b", string> {
  const range = (site: "a" | "b") => {
    const addresses = demoMiners
      .filter((miner) => miner.site === site)
      .map((miner) => moved(miner.address, network))
    return `${addresses[0]}-${addresses.at(-1)}`
  }
  return { a: range("a"), b: range("b") }
}

function moved(address: string, network: number): string {
  const [first, second, ...rest] = address.split(".")
  return [first, Number(second) + network - 1, ...rest].join(".")
}

/** Makes sites, clients and staff when the database holds no site. Returns the logins it made, or null when it did nothing. */
export async function seedDemo(services: Services): Promise<DemoLogin[] | null> {
  const [row] = await services.sql<{ sites: number }[]>`select count(*)::int as sites from hosting_sites`
  if ((row?.sites ?? 0) > 0) return null
  const ctx = createContext(services, {
    actor: { kind: "system", name: "seed" },
    requestId: randomUUID(),
    source: "cli",
  })
  const siteIds: number[] = []
  for (const site of Object.values(SITES)) {
    const { siteId } = await createSite(ctx, { ...site })
    await updateSite(ctx, { siteId, pollIntervalS: 10, statusPageEnabled: true, clientCommandsAllowed: true })
    await saveThermalConfig(ctx, { siteId, armed: true })
    siteIds.push(siteId)
  }
  const everywhere = (role: "site_manager" | "operator" | "technician" | "auditor") =>
    siteIds.map((siteId) => ({ siteId, role }))
  const logins: DemoLogin[] = []
  const person = async (
    who: string,
    name: string,
    email: string,
    rest: Pick<Parameters<typeof createUser>[1], "account" | "memberships">,
  ) => {
    const password = randomBytes(9).toString("base64url")
    const { link } = await createUser(ctx, { name, email, globalRole: null, ...rest })
    await setPasswordByLink(ctx, { token: link.token, newPassword: password })
    logins.push({ who, email, password })
  }
  await person("site manager", "Mara Lindqvist", "manager@lamproom.local", {
    account: "staff",
    memberships: everywhere("site_manager"),
  })
  await person("operator", "Owen Reyes", "operator@lamproom.local", {
    account: "staff",
    memberships: everywhere("operator"),
  })
  await person("technician", "Tess Okafor", "technician@lamproom.local", {
    account: "staff",
    memberships: everywhere("technician"),
  })
  for (const client of Object.values(CLIENTS))
    await person("hosting client", client.name, client.email, { account: "client", memberships: [] })
  await services.sql`insert into installation (name, value) values (${FACT}, '{"seeded": true, "finished": false}'::jsonb)`
  return logins
}

/** True while this database holds the demo company. */
export async function isDemo(services: Services): Promise<boolean> {
  const [row] = await services.sql`select 1 from installation where name = ${FACT}`
  return row !== undefined
}

/**
 * Gives the machines their owners and places once they were all seen. Idempotent; returns false while machines are
 * still missing.
 */
export async function finishDemo(services: Services, network: number): Promise<boolean> {
  const [fact] = await services.sql<
    { finished: boolean }[]
  >`select (value ->> 'finished')::boolean as finished from installation where name = ${FACT}`
  if (!fact || fact.finished) return true
  const miners = await services.sql<{ id: number; ip: string }[]>`
    select id, ip_address as ip from hosting_miners where ip_address is not null`
  const byAddress = new Map(miners.map((miner) => [miner.ip, miner.id]))
  if (!demoMiners.every((miner) => byAddress.has(moved(miner.address, network)))) return false

  const ctx = createContext(services, {
    actor: { kind: "system", name: "seed" },
    requestId: randomUUID(),
    source: "cli",
  })
  for (const [account, client] of Object.entries(CLIENTS)) {
    const [user] = await services.sql<
      { id: number }[]
    >`select id from user_access where email = ${client.email}`
    const mine = demoMiners.filter(
      (miner) => miner.account === account && Number(miner.address.split(".")[3]) % 2 === 0,
    )
    const minerIds = mine.flatMap((miner) => byAddress.get(moved(miner.address, network)) ?? [])
    if (user && minerIds.length > 0) await assignOwner(ctx, { minerIds, userId: user.id })
  }
  const places = Map.groupBy(
    demoMiners,
    (miner) =>
      `Container ${miner.site === "a" ? 1 : 2} / Rack ${String.fromCharCode(65 + Math.floor((Number(miner.address.split(".")[3]) - 1) / 10))}`,
  )
  for (const [place, group] of places) {
    const minerIds = group.flatMap((miner) => byAddress.get(moved(miner.address, network)) ?? [])
    if (minerIds.length > 0) await updateMiners(ctx, { minerIds, place })
  }
  await services.sql`update installation set value = '{"seeded": true, "finished": true}'::jsonb, updated_at = now() where name = ${FACT}`
  return true
}
