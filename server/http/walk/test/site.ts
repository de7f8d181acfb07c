import { randomUUID } from "node:crypto"
import type { UserActor } from "#server/access/actor.ts"
import { addTarget } from "#server/collectors/add-target.ts"
import { authenticateCollector } from "#server/collectors/authenticate-collector.ts"
import { createEnrollmentCode } from "#server/collectors/create-enrollment-code.ts"
import { enrollCollector } from "#server/collectors/enroll-collector.ts"
import { dispatchCommand } from "#server/commands/dispatch-command.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import { type Context, createContext } from "#server/context.ts"
import type { CommandAction } from "#server/contract/command-parameters.ts"
import { updateMiner } from "#server/fleet/update-miner.ts"
import { assignOwner } from "#server/people/assign-owner.ts"
import { createUser } from "#server/people/create-user.ts"
import { createSite } from "#server/sites/create-site.ts"
import { ingestBatch } from "#server/telemetry/ingest-batch.ts"
import { recordThermal } from "#server/thermal/record-thermal.ts"
import { type Company, NOW, publicKey } from "./company.ts"
import { makeScan } from "./discovery.ts"
import { makeBackup, makeHeldUpdate, makeTemplate } from "./stock.ts"

/** A site with a collector, three machines (`walked`, `rival`, `spare`) and commands. Its words are found in no other site's data. */
export type WalkSite = {
  id: number
  slug: string
  name: string
  /** A word in every name that belongs to the site alone. */
  word: string
  key: string
  deviceId: number
  /** The process that holds the collector. */
  instanceId: string
  targetId: number
  /** Of the client, where he has one. */
  walked: number
  /** Of another client. */
  rival: number
  /** Nobody's. */
  unowned: number
  rivalId: number
  /** Dispatched, on the walked machine; with its row in the edge's queue. */
  dispatched: { commandId: string; edgeId: string }
  /** On the unowned machine, waiting for approval. */
  waiting: string
  /** On the walked and the rival's machine, waiting for approval. */
  mixed: string
  /** Of the walked machine, and of the unowned one. */
  backup: string
  unownedBackup: string
  /** With a word of the site in it. */
  template: string
  /** The command that was last made to wait. */
  lastWaiting: string
  /** A firmware file that the site's collector is fetching. */
  artifactId: string
  /** A scan of the site's collector. */
  scanId: string
  requester: UserActor
  /** Number of things made so far: makes names unique. */
  count: number
  furnish: (people: { clientId: number | null; requester: UserActor }) => Promise<void>
}

const LED: CommandAction = { type: "LED", parameters: { state: "on" } }
const HARD: CommandAction = { type: "REBOOT", parameters: { mode: "hard" } }

export async function makeSite(
  company: Company,
  given: { slug: string; name: string; statusPageEnabled: boolean },
): Promise<WalkSite> {
  const system = company.as("system")
  const { siteId } = await createSite(system, { ...given, clientCommandsAllowed: true })
  const word = given.slug.toUpperCase()
  const site = { id: siteId, slug: given.slug, name: given.name, word, count: 0 } as WalkSite
  const { key, deviceId, instanceId } = await enroll(company, site, `${word} collector`)
  const { targetId } = await addTarget(system, { deviceId, value: "10.1.0.0/24" })
  Object.assign(site, { key, deviceId, instanceId, targetId })
  site.furnish = (people) => furnish(company, site, people)
  return site
}

/** A new collector at the site, with its key. */
export async function enroll(
  company: Company,
  site: Pick<WalkSite, "id">,
  deviceName: string,
): Promise<{ key: string; deviceId: number; instanceId: string }> {
  const instanceId = randomUUID()
  const { code } = await createEnrollmentCode(company.as("system"), { siteId: site.id, deviceName })
  const anonymous = createContext(company.services, { actor: { kind: "anonymous" }, requestId: randomUUID() })
  const answer = await enrollCollector(anonymous, {
    code,
    instance_id: instanceId,
    public_key: publicKey(),
    edge_version: "walk",
    hostname: "",
    platform: "",
  })
  return { key: answer.key, deviceId: answer.device_id, instanceId }
}

async function furnish(
  company: Company,
  site: WalkSite,
  people: { clientId: number | null; requester: UserActor },
): Promise<void> {
  const system = company.as("system")
  const { sql } = company.database
  const device = await authenticateCollector(company.services, { key: site.key })
  const names = ["walked", "rival", "unowned"] as const
  await ingestBatch(createContext(company.services, { actor: device, requestId: randomUUID() }), {
    batch: {
      batch_id: randomUUID(),
      collected_at: NOW.toISOString(),
      edge_version: "walk",
      samples: names.map((name, index) => sampleOf(`SN-${site.word}-${name}`, `10.1.0.${index + 1}`)),
    },
    wireBytes: null,
  })
  for (const name of names) {
    const [row] = await sql<{ id: number }[]>`
      select id from hosting_miners where site_id = ${site.id} and miner_id = ${`SN-${site.word}-${name}`}`
    site[name] = row?.id ?? 0
    await updateMiner(system, {
      minerId: site[name],
      label: `${site.word} ${name} label`,
      place: `${site.word} ${name} rack`,
      tags: [`${site.slug}-${name}-tag`],
    })
  }
  await tellThermal(createContext(company.services, { actor: device, requestId: randomUUID() }), site, names)
  const rival = { email: `rival@${site.slug}.test`, name: `${site.word} rival`, account: "client" } as const
  site.rivalId = (await createUser(system, rival)).userId
  await assignOwner(system, { minerIds: [site.rival], userId: site.rivalId })
  if (people.clientId !== null)
    await assignOwner(system, { minerIds: [site.walked], userId: people.clientId })

  site.requester = people.requester
  const commandId = await request(company, site, [site.walked], LED)
  await dispatchCommand(system, { siteId: site.id, commandId })
  const [edge] = await sql<{ id: string }[]>`
    select id::text from miner_commands where site_id = ${site.id} and remote_command_id = ${commandId}`
  site.dispatched = { commandId, edgeId: edge?.id ?? "" }
  site.waiting = await request(company, site, [site.unowned], HARD)
  site.backup = await makeBackup(company, site, site.walked)
  site.unownedBackup = await makeBackup(company, site, site.unowned)
  site.template = await makeTemplate(company, site)
  site.artifactId = await makeHeldUpdate(company, site)
  site.scanId = await makeScan(company, site)
  site.mixed = await request(company, site, [site.walked, site.rival], HARD)
}

/** The guard holds all three machines and said so. */
async function tellThermal(ctx: Context, site: WalkSite, names: readonly string[]): Promise<void> {
  const at = NOW.toISOString()
  const heat = { temperature_c: 97, threshold_c: 95 }
  await recordThermal(ctx, {
    instance_id: site.instanceId,
    events: names.map((name) => ({
      event_id: randomUUID(),
      miner_id: `SN-${site.word}-${name}`,
      kind: "action" as const,
      action: "eco" as const,
      ...heat,
      message: `Low power: SN-${site.word}-${name} works at low power.`,
      at,
    })),
    holds: names.map((name) => ({
      miner_id: `SN-${site.word}-${name}`,
      since: at,
      ...heat,
      actions: ["eco" as const],
    })),
  })
}

/** A new command of the site's own requester: the operator at A, the manager at B. */
export async function request(
  company: Company,
  site: WalkSite,
  minerIds: number[],
  action: CommandAction,
): Promise<string> {
  const { commands } = await requestCommand(company.as(site.requester), {
    requestId: randomUUID(),
    targets: { minerIds },
    action,
    note: `${site.word} note`,
  })
  return commands[0]?.id ?? ""
}

/** A command on one machine that waits for approval. */
export async function requestWaiting(company: Company, site: WalkSite, minerId: number): Promise<string> {
  site.lastWaiting = await request(company, site, [minerId], HARD)
  return site.lastWaiting
}

export function sampleOf(minerId: string, address: string) {
  return {
    miner_id: minerId,
    ip_address: address,
    serial: minerId,
    make: "Bitmain",
    model: "Antminer S19",
    online: true,
    mining: true,
    hashrate_ghs: 100_000,
    hashrate_expected_ghs: 110_000,
    power_w: 3_200,
    temperature_max: 61,
    collected_at: NOW.toISOString(),
  }
}
