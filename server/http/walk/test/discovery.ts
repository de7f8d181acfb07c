import { randomUUID } from "node:crypto"
import { acceptDiscovered } from "#server/discovery/accept-discovered.ts"
import { requestScan } from "#server/discovery/request-scan.ts"
import { saveSchedule } from "#server/discovery/save-schedule.ts"
import { setDiscoveredIgnored } from "#server/discovery/set-discovered-ignored.ts"
import { type Company, NOW } from "./company.ts"
import { enroll, type WalkSite } from "./site.ts"

/** A scan, by a collector of its own: one collector has five to do at most. */
export async function makeScan(company: Company, site: WalkSite): Promise<string> {
  site.count += 1
  const { deviceId } = site.scanId ? await enroll(company, site, `scanner-${site.slug}-${site.count}`) : site
  const asked = { requestId: randomUUID(), deviceId, targets: ["10.8.0.0/24"] }
  return (await requestScan(company.as("system"), asked)).scanId
}

/** A found machine that waits for a decision. */
export async function makeDiscovered(company: Company, site: WalkSite): Promise<number> {
  site.count += 1
  const octets = [10, site.id % 200, 200 + Math.floor(site.count / 250), 1 + (site.count % 250)]
  const number = octets.reduce((value, octet) => value * 256 + octet, 0)
  const [row] = await company.database.sql<{ id: number }[]>`
    insert into discovered_miners (site_id, device_id, identity_key, address, address_number, rpc_port, web_port, ports,
      family, confidence, evidence, state, model, first_seen_at, last_seen_at)
    values (${site.id}, ${site.deviceId}, ${`sn:${randomUUID()}`}, ${octets.join(".")}, ${number}, 4028, 80, '{4028}',
      'antminer-stock', 1, '{}', 'new', ${`${site.word} found`}, ${NOW}, ${NOW}) returning id`
  return row?.id ?? 0
}

export async function address(company: Company, id: number): Promise<string> {
  const [row] = await company.database.sql<{ address: string }[]>`
    select address from discovered_miners where id = ${id}`
  return row?.address ?? ""
}

export async function makeIgnored(company: Company, site: WalkSite): Promise<number> {
  const id = await makeDiscovered(company, site)
  await setDiscoveredIgnored(company.as("system"), { chosen: { ids: [id] }, ignored: true })
  return id
}

/** An acceptance that can be taken back. */
export async function makeDecision(company: Company, site: WalkSite): Promise<string> {
  const ids = [await makeDiscovered(company, site)]
  return (await acceptDiscovered(company.as("system"), { ids })).decisionId
}

export async function makeSchedule(company: Company, site: WalkSite): Promise<number> {
  const times = { everyHours: 6, dailyAt: null }
  const { scheduleId } = await saveSchedule(company.as("system"), {
    deviceId: site.deviceId,
    targets: ["10.8.0.0/24"],
    ...times,
  })
  return scheduleId
}
