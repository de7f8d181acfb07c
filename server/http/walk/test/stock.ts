import { randomUUID } from "node:crypto"
import { storeBackups } from "#server/backups/store-backup.ts"
import { saveTemplate } from "#server/commands/templates/save-template.ts"
import { uploadArtifact } from "#server/firmware/upload-artifact.ts"
import { type Company, NOW } from "./company.ts"
import { requestWaiting, type WalkSite } from "./site.ts"

/** A backup of a machine, as a command of its own took it. */
export async function makeBackup(company: Company, site: WalkSite, minerId: number): Promise<string> {
  const { sql } = company.database
  const commandId = randomUUID()
  const [miner] = await sql<{ label: string }[]>`
    select label from hosting_miners where site_id = ${site.id} and id = ${minerId}`
  const parameters = JSON.stringify({ name: `${miner?.label} backup` })
  await sql`
    insert into remote_commands (site_id, id, request_id, command_type, parameters, status, source, target_ids,
      priority, ttl_minutes, requested_by, requested_at)
    values (${site.id}, ${commandId}, ${randomUUID()}, 'BACKUP_CONFIG', ${parameters}::jsonb, 'SUCCEEDED', 'manual',
      array[${minerId}::int], 5, 30, ${site.requester.userId}, ${NOW})`
  const config = {
    family: "antminer-stock",
    model: "Antminer S19",
    firmware_version: null,
    pools: [{ url: "stratum+tcp://pool.example.com:3333", user: miner?.label?.replaceAll(" ", ".") ?? "x" }],
    power_mode: null,
    frequency_mhz: null,
    frequency_level_pct: null,
    voltage_v: null,
    fan: null,
    network: null,
    raw: {},
  }
  const row = { siteId: site.id, commandId, minerId, deviceId: site.deviceId, takenAt: NOW }
  await company.services.db.transaction((tx) =>
    storeBackups(tx, company.as("system"), [{ ...row, taken: { config, sealed: null } }]),
  )
  const [stored] = await sql<{ id: string }[]>`
    select id from miner_backups where site_id = ${site.id} and command_id = ${commandId}`
  return stored?.id ?? ""
}

/** A template with a pool, whose name and worker hold a word of the site. */
export async function makeTemplate(company: Company, site: WalkSite): Promise<string> {
  site.count += 1
  const { id } = await saveTemplate(company.as("system"), {
    siteId: site.id,
    name: `${site.word} template ${site.count}`,
    action: {
      type: "CHANGE_POOL",
      parameters: {
        pools: [
          { url: "stratum+tcp://pool.example.com:3333", worker_name: `${site.word}.walk`, password: "x" },
        ],
      },
    },
  })
  return id
}

/** A firmware file; files belong to no site. */
export async function makeArtifact(company: Company): Promise<string> {
  async function* bytes() {
    yield Buffer.from(randomUUID())
  }
  const { artifactId } = await uploadArtifact(company.as("system"), {
    fileName: "walk.bin",
    version: "1",
    families: ["antminer-stock"],
    stream: bytes(),
  })
  return artifactId
}

/** A firmware file that the site's collector fetches now: the row it holds names it. */
export async function makeHeldUpdate(company: Company, site: WalkSite): Promise<string> {
  const artifactId = await makeArtifact(company)
  const parameters = JSON.stringify({ artifact_id: artifactId })
  await company.database.sql`
    insert into miner_commands (site_id, remote_command_id, miner_id, device_id, command_type, parameters, feature,
      status, priority, lease_until, expires_at)
    values (${site.id}, ${randomUUID()}, 0, ${site.deviceId}, 'UPDATE_FIRMWARE', ${parameters}::jsonb,
      'UPDATE_FIRMWARE', 'sent', 5, ${new Date("2031-01-01")}, ${new Date("2031-01-01")})`
  return artifactId
}

/** A command whose first wave halted it, with a second one to go. */
export async function makeHalted(company: Company, site: WalkSite, minerId: number): Promise<string> {
  const { sql } = company.database
  const commandId = await requestWaiting(company, site, minerId)
  await sql`update hosting_sites set commands_paused_at = null where id = ${site.id}`
  await sql`
    update remote_commands set status = 'RUNNING', queued_at = ${NOW}, started_at = ${NOW}, waves = 2, released_wave = 1,
      halted_at = ${NOW}, halt_reason = 'walk' where id = ${commandId}::uuid`
  await sql`
    insert into command_waves (site_id, command_id, wave, targets, released_at, halted_at)
    values (${site.id}, ${commandId}::uuid, 1, 0, ${NOW}, ${NOW}), (${site.id}, ${commandId}::uuid, 2, 1, null, null)`
  await sql`update remote_command_results set wave = 2 where command_id = ${commandId}::uuid`
  await sql`
    insert into miner_commands (site_id, remote_command_id, miner_id, device_id, command_type, parameters, feature, wave,
      priority)
    values (${site.id}, ${commandId}::uuid, ${minerId}, ${site.deviceId}, 'REBOOT', '{"mode":"hard"}', 'REBOOT.hard', 2, 5)`
  return commandId
}
