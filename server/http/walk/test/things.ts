import { randomUUID } from "node:crypto"
import { addTarget } from "#server/collectors/add-target.ts"
import { setCredential } from "#server/credentials/set-credential.ts"
import { addMiner } from "#server/fleet/add-miner.ts"
import { assignOwner } from "#server/people/assign-owner.ts"
import { createUser } from "#server/people/create-user.ts"
import { readClient } from "#server/people/read-client.ts"
import { setUserDisabled } from "#server/people/set-user-disabled.ts"
import { saveThermalConfig } from "#server/thermal/save-thermal-config.ts"
import { type Company, NOW } from "./company.ts"
import {
  address as discoveredAddress,
  makeDecision,
  makeDiscovered,
  makeIgnored,
  makeScan,
  makeSchedule,
} from "./discovery.ts"
import { enroll, requestWaiting, type WalkSite } from "./site.ts"
import { makeArtifact, makeBackup, makeHalted, makeTemplate } from "./stock.ts"

/**
 * Whose things an address or a form names: his own (site A; a client's machine), another client's at site A (foreign to
 * the client alone), or site B's.
 */
export type Whose = "own" | "another's" | "foreign"

type Maker = (company: Company, site: WalkSite, whose: Whose) => string | number | Promise<string | number>

const machine = (site: WalkSite, whose: Whose) => (whose === "another's" ? site.unowned : site.walked)

/** The words in braces of the tables. Those that begin with `new` are made anew for each use. */
export const THINGS = {
  site: (_, site) => site.id,
  slug: (_, site) => site.slug,
  name: (_, site) => site.name,
  miner: (_, site, whose) => machine(site, whose),
  collector: (_, site) => site.deviceId,
  target: (_, site) => site.targetId,
  command: (_, site, whose) => (whose === "another's" ? site.waiting : site.dispatched.commandId),
  backup: (_, site, whose) => (whose === "another's" ? site.unownedBackup : site.backup),
  template: (_, site) => site.template,
  /** Of the command that `newWaiting` made just before. */
  fingerprint: async (company, site) => {
    const [row] = await company.database.sql<{ fingerprint: string }[]>`
      select fingerprint from remote_commands where id = ${site.lastWaiting}`
    return row?.fingerprint ?? ""
  },
  scan: (_, site) => site.scanId,
  newScan: (company, site) => makeScan(company, site),
  newDiscovered: (company, site) => makeDiscovered(company, site),
  newDiscoveredAddress: async (company, site) =>
    discoveredAddress(company, await makeDiscovered(company, site)),
  foreignDiscovered: (company) => makeDiscovered(company, company.b),
  newIgnored: (company, site) => makeIgnored(company, site),
  newDecision: (company, site) => makeDecision(company, site),
  newSchedule: (company, site) => makeSchedule(company, site),
  client: (_, site) => site.rivalId,
  ownClient: (company) => company.users.client.userId,
  foreignMiner: (company) => company.b.walked,
  foreignSite: (company) => company.b.id,
  foreignTarget: (company) => company.b.targetId,
  requestId: () => randomUUID(),
  newName: (_, site) => `walk-${site.slug}-${next(site)}`,
  newAddress: (_, site) => address(site),
  newMiner: (company, site) => makeMiner(company, site),
  newOwnedMiner: async (company, site) => {
    const minerId = await makeMiner(company, site)
    await assignOwner(company.as("system"), {
      minerIds: [minerId],
      userId: site.rivalId,
      fromAt: longAgo(site),
    })
    return minerId
  },
  newCollector: async (company, site) => (await enroll(company, site, name(site))).deviceId,
  newTarget: async (company, site) => {
    const value = address(site)
    return (await addTarget(company.as("system"), { deviceId: site.deviceId, value })).targetId
  },
  newWaiting: (company, site, whose) => requestWaiting(company, site, machine(site, whose)),
  newHalted: (company, site, whose) => makeHalted(company, site, machine(site, whose)),
  /** Turns the kill switches of the site and its collector off, so that turning them on changes something. */
  commandsRun: (company, site) => turnSwitches(company, site, null),
  commandsStopped: (company, site) => turnSwitches(company, site, NOW),
  /** Turns the thermal guard of the site, so that turning it back changes something. */
  guardUnarmed: (company, site) => turnGuard(company, site, false),
  guardArmed: (company, site) => turnGuard(company, site, true),
  /** A number of thermal acts a minute that no form before had. */
  newPace: (_, site) => 1 + (next(site) % 500),
  newBackup: (company, site, whose) => makeBackup(company, site, machine(site, whose)),
  newTemplate: (company, site) => makeTemplate(company, site),
  newLogin: async (company, site) => {
    const subject = { scope: "miner", minerId: await makeMiner(company, site) } as const
    const login = { siteId: site.id, subject, username: "root", password: "a word of machines" }
    return (await setCredential(company.as("system"), login)).id
  },
  /** A machine that refuses its login. */
  newRefusing: async (company, site) => {
    const minerId = await makeMiner(company, site)
    await company.database.sql`
      insert into miner_login_refusals (site_id, miner_id, device_id, username, since, reported_at)
      values (${site.id}, ${minerId}, ${site.deviceId}, 'root', ${NOW}, ${NOW})`
    return minerId
  },
  newArtifact: (company) => makeArtifact(company),
  newStaff: async (company, site) => (await makeStaff(company, site)).userId,
  newClient: (company, site) => makeClient(company, site),
  newForeignClient: (company) => makeClient(company, company.b),
  newDisabled: async (company, site) => {
    const { userId } = await makeStaff(company, site)
    await setUserDisabled(company.as("system"), { userId, disabled: true })
    return userId
  },
  newOwnership: async (company, site) => {
    const minerIds = [await makeMiner(company, site)]
    await assignOwner(company.as("system"), { minerIds, userId: site.rivalId, fromAt: longAgo(site) })
    const { ownerships } = await readClient(company.as("system"), { userId: site.rivalId })
    return ownerships.find((own) => own.minerId === minerIds[0])?.id ?? 0
  },
  newLink: async (company, site) => (await makeStaff(company, site)).link.token,
} satisfies Record<string, Maker>

async function turnSwitches(company: Company, site: WalkSite, at: Date | null): Promise<string> {
  const { sql } = company.database
  await sql`update hosting_sites set commands_paused_at = ${at} where id = ${site.id}`
  await sql`update edge_devices set commands_paused_at = ${at} where id = ${site.deviceId}`
  return name(site)
}

async function turnGuard(company: Company, site: WalkSite, armed: boolean): Promise<string> {
  await saveThermalConfig(company.as("system"), { siteId: site.id, armed })
  return name(site)
}

function next(site: WalkSite): number {
  site.count += 1
  return site.count
}
const name = (site: WalkSite) => `made-${site.slug}-${next(site)}`
function address(site: WalkSite): string {
  const number = next(site)
  return `10.9.${Math.floor(number / 250)}.${1 + (number % 250)}`
}
/** Days that no two makings share: ownerships of a machine do not overlap. */
const longAgo = (site: WalkSite, days = 0) => new Date(Date.UTC(2000, 0, next(site) + days))

async function makeMiner(company: Company, site: WalkSite): Promise<number> {
  return (await addMiner(company.as("system"), { siteId: site.id, minerId: name(site) })).id
}

/** He owned a machine of the site once. */
async function makeClient(company: Company, site: WalkSite): Promise<number> {
  const { userId } = await createUser(company.as("system"), {
    email: `${name(site)}@walk.test`,
    name: "Made client",
    account: "client",
  })
  await assignOwner(company.as("system"), {
    minerIds: [site.unowned],
    userId,
    fromAt: longAgo(site),
    toAt: longAgo(site, 1),
  })
  return userId
}

function makeStaff(company: Company, site: WalkSite) {
  return createUser(company.as("system"), {
    email: `${name(site)}@invited.test`,
    name: "Made person",
    memberships: [{ siteId: site.id, role: "technician" }],
  })
}

/** Puts ids in the place of words in braces. */
export async function fill(company: Company, text: string, whose: Whose): Promise<string> {
  const site = whose === "foreign" ? company.b : company.a
  let filled = text
  for (const [braces, word] of text.matchAll(/\{(\w+)\}/g)) {
    const make = (THINGS as Record<string, Maker>)[word ?? ""]
    if (!make) throw new Error(`the walk does not know ${braces}`)
    filled = filled.replace(braces, String(await make(company, site, whose)))
  }
  return filled
}

export async function fillForm(
  company: Company,
  fields: Record<string, string>,
  whose: Whose,
): Promise<Record<string, string>> {
  const filled: Record<string, string> = {}
  for (const [field, text] of Object.entries(fields))
    filled[await fill(company, field, whose)] = await fill(company, text, whose)
  return filled
}
