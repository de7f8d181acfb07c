import { randomUUID } from "node:crypto"
import { beforeEach, describe, expect, it } from "vitest"
import type { DeviceActor, UserActor } from "../access/actor.ts"
import { addTarget } from "../collectors/add-target.ts"
import { readCollector } from "../collectors/read-collector.ts"
import { type FarmSite, useFarm, WORKER } from "../commands/test/farm.ts"
import type { FoundMachine, ScanProgressReport } from "../contract/discovery.ts"
import { acceptDiscovered } from "./accept-discovered.ts"
import { cancelScan } from "./cancel-scan.ts"
import { deleteSchedule } from "./delete-schedule.ts"
import { exchangeDiscovery } from "./exchange-discovery.ts"
import { hasScanNews } from "./has-scan-news.ts"
import { listDiscovered } from "./list-discovered.ts"
import { listScans } from "./list-scans.ts"
import { listSchedules } from "./list-schedules.ts"
import { readScan } from "./read-scan.ts"
import { requestScan } from "./request-scan.ts"
import { runSchedules } from "./run-schedules.ts"
import { saveSchedule } from "./save-schedule.ts"
import { setDiscoveredIgnored } from "./set-discovered-ignored.ts"
import { setScheduleEnabled } from "./set-schedule-enabled.ts"
import { undoDecision } from "./undo-decision.ts"

describe("discovery", () => {
  const farm = useFarm()
  let site: FarmSite
  let manager: UserActor
  let instance_id: string

  beforeEach(async () => {
    site = await farm.makeSite({ timezone: "Europe/Oslo" })
    manager = await farm.makeUser("site_manager", site.siteId)
    instance_id = randomUUID()
  })

  const by = (actor: UserActor | DeviceActor = manager) => farm.as(actor)
  const request = (more: Partial<Parameters<typeof requestScan>[1]> = {}) =>
    requestScan(by(), {
      requestId: randomUUID(),
      deviceId: site.device.deviceId,
      targets: ["10.0.3.0/24"],
      ...more,
    })
  const tell = (told: Partial<Parameters<typeof exchangeDiscovery>[1]> = {}) =>
    exchangeDiscovery(by(site.device), { instance_id, ...told })
  const machine = (address: string, more: Partial<FoundMachine> = {}): FoundMachine => ({
    address,
    rpc_port: 4028,
    web_port: 80,
    ports: [80, 4028],
    family: "antminer-stock",
    make: "Antminer",
    model: "S19",
    firmware: "stock",
    firmware_version: "1",
    mac: null,
    serial: `SN-${site.siteId}-${address}`,
    confidence: 1,
    evidence: ["version"],
    needs_login: false,
    ...more,
  })
  const progress = (scan_id: string, more: Partial<ScanProgressReport> = {}): ScanProgressReport => ({
    scan_id,
    state: "running",
    total: 254,
    done: 10,
    found: 1,
    unknown: 0,
    closed: 9,
    absent: 0,
    per_second: 500,
    error: null,
    ...more,
  })
  /** A scan that ran and found these. */
  async function scanned(machines: FoundMachine[], more: Partial<Parameters<typeof requestScan>[1]> = {}) {
    const { scanId } = await request(more)
    await tell()
    for (let at = 0; at < machines.length; at += 200)
      await tell({ found: machines.slice(at, at + 200).map((one) => ({ scan_id: scanId, machine: one })) })
    await tell({ progress: progress(scanId, { state: "done", done: 254, found: machines.length }) })
    return scanId
  }
  const inbox = async (filter: Parameters<typeof listDiscovered>[1] = {}) =>
    listDiscovered(by(), { siteId: site.siteId, ...filter })
  const targets = async () =>
    (await readCollector(by(), { deviceId: site.device.deviceId })).targets.map((target) => target.value)
  const audited = async () =>
    (
      await farm.database.sql<{ action: string }[]>`
      select action from audit_log where site_id = ${site.siteId} order by id`
    ).map((row) => row.action)
  const version = async () =>
    (
      await farm.database.sql<{ v: number }[]>`
    select config_version as v from hosting_sites where id = ${site.siteId}`
    )[0]?.v as number

  describe("a scan", () => {
    it("A21 waits for its collector, runs there and ends with what it found", async () => {
      const { scanId, total } = await request({ targets: ["10.0.3.0/24", "10.0.3.7", "10.0.4.1 - 9"] })
      expect(total).toBe(254 + 9)
      expect(await hasScanNews(by(site.device))).toBe(true)
      const answer = await tell()
      expect(answer).toEqual({
        scan: {
          id: scanId,
          ranges: ["10.0.3.1-10.0.3.254", "10.0.4.1-10.0.4.9"],
          options: { ports: [], gpu: false, concurrency: null },
        },
        cancelled: [],
      })
      expect(await hasScanNews(by(site.device))).toBe(false)
      // The same one until its end was told: a lost answer or disk costs nothing.
      expect((await tell()).scan?.id).toBe(scanId)
      const device = { address: "10.0.3.9", ports: [80], seen: ['80 HTTP 200 "printer"'] }
      await tell({
        found: [{ scan_id: scanId, machine: machine("10.0.3.7") }],
        unknown: [{ scan_id: scanId, device }],
        progress: progress(scanId),
      })
      expect((await readScan(by(), { scanId })).scan).toMatchObject({ state: "running", done: 10, found: 1 })
      expect((await tell({ progress: progress(scanId, { state: "done", done: 263 }) })).scan).toBeNull()
      const read = await readScan(by(), { scanId })
      expect(read).toMatchObject({
        machines: 1,
        unknown: { total: 1, rows: [device] },
        can: { manage: true },
      })
      expect(read.scan).toMatchObject({ state: "done", done: 263, requesterName: "site_manager" })
      expect((await inbox()).rows).toMatchObject([
        { address: "10.0.3.7", state: "new", family: "antminer-stock" },
      ])
      expect(await audited()).toEqual(["discovery.request-scan"])
    })
    it("is one for one form, however often that is sent", async () => {
      const requestId = randomUUID()
      const [first, second] = [await request({ requestId }), await request({ requestId })]
      expect(second.scanId).toBe(first.scanId)
      expect((await listScans(by(), { siteId: site.siteId })).total).toBe(1)
    })
    it("counts what is told twice once", async () => {
      const { scanId } = await request()
      await tell()
      const found = [{ scan_id: scanId, machine: machine("10.0.3.7") }]
      await tell({ found })
      await tell({ found })
      expect((await inbox()).total).toBe(1)
      expect((await readScan(by(), { scanId })).machines).toBe(1)
    })
    it("keeps two machines with the same serial apart", async () => {
      await scanned([machine("10.0.3.7", { serial: "TWIN" }), machine("10.0.3.8", { serial: "TWIN" })])
      expect((await inbox()).rows.map((row) => row.address)).toEqual(["10.0.3.7", "10.0.3.8"])
    })
    it.each([
      [["10.0.0.0/8"], /16777214 addresses/],
      [["10.0.0.x"], /10\.0\.0\.x/],
      [["169.254.1.1"], /link-local/],
      [[], /Write an address/],
    ])("is refused for %j", async (given, why) => {
      await expect(request({ targets: given })).rejects.toMatchObject({
        code: "INVALID",
        details: [{ path: "targets", message: expect.stringMatching(why) }],
      })
    })
    it("is cancelled at once before it began, and by its collector when it runs", async () => {
      const waiting = await request()
      expect(await cancelScan(by(), { scanId: waiting.scanId })).toEqual({ state: "cancelled" })
      expect((await tell()).scan).toBeNull()
      const { scanId } = await request()
      await tell()
      expect(await cancelScan(by(), { scanId })).toEqual({ state: "cancelling" })
      expect(await hasScanNews(by(site.device))).toBe(true)
      expect(await tell()).toEqual({ scan: null, cancelled: [scanId] })
      await tell({ progress: progress(scanId, { state: "cancelled", done: 44 }) })
      expect((await readScan(by(), { scanId })).scan).toMatchObject({ state: "cancelled", done: 44 })
      await expect(cancelScan(by(), { scanId })).rejects.toMatchObject({ code: "CONFLICT" })
    })
    it("is nobody else's: neither a foreign person's nor another collector's", async () => {
      const { scanId } = await request()
      const other = await farm.makeSite()
      const stranger = await farm.makeUser("site_manager", other.siteId)
      for (const act of [
        () => readScan(by(stranger), { scanId }),
        () => cancelScan(by(stranger), { scanId }),
        () =>
          requestScan(by(stranger), {
            requestId: randomUUID(),
            deviceId: site.device.deviceId,
            targets: ["10.0.0.1"],
          }),
      ])
        await expect(act()).rejects.toMatchObject({ code: "NOT_FOUND" })
      await exchangeDiscovery(by(other.device), {
        instance_id: randomUUID(),
        found: [{ scan_id: scanId, machine: machine("10.0.3.7") }],
        progress: progress(scanId, { state: "done" }),
      })
      expect((await readScan(by(), { scanId })).scan.state).toBe("requested")
      expect((await inbox()).total).toBe(0)
    })
    it("is looked at with READ and asked for with FULL", async () => {
      const operator = await farm.makeUser("operator", site.siteId)
      const technician = await farm.makeUser("technician", site.siteId)
      const { scanId } = await request()
      expect((await readScan(by(operator), { scanId })).can).toEqual({ manage: false })
      const asked = { requestId: randomUUID(), deviceId: site.device.deviceId, targets: ["10.0.0.1"] }
      await expect(requestScan(by(operator), asked)).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(cancelScan(by(operator), { scanId })).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(listScans(by(technician))).rejects.toMatchObject({ code: "FORBIDDEN" })
    })
  })

  describe("the inbox", () => {
    it("A21 has a machine read once it is accepted; neighbours share a range, what is read already gets none", async () => {
      await addTarget(by(), { deviceId: site.device.deviceId, value: "10.0.3.20" })
      await scanned([
        ...["10.0.3.10", "10.0.3.11", "10.0.3.12", "10.0.3.20", "10.0.3.40"].map((address) =>
          machine(address),
        ),
        machine("10.0.3.13", { rpc_port: 4030 }),
      ])
      const before = await version()
      const done = await acceptDiscovered(by(), { filter: { siteId: site.siteId, state: "new" } })
      expect(done).toMatchObject({ accepted: 6, targets: 3, skipped: 0 })
      expect((await targets()).toSorted()).toEqual([
        "10.0.3.10-10.0.3.12",
        "10.0.3.13:4030",
        "10.0.3.20",
        "10.0.3.40",
      ])
      expect(await version()).toBe(before + 1)
      expect((await inbox()).states).toMatchObject({ accepted: 6, new: 0 })
      expect((await audited()).at(-1)).toBe("discovery.accept")
      const again = await acceptDiscovered(by(), { filter: { siteId: site.siteId } })
      expect(again).toMatchObject({ accepted: 0, targets: 0, skipped: 6 })
    })
    it("never takes an ignored machine in by the way, and takes a decision back as a whole", async () => {
      await scanned(["10.0.3.10", "10.0.3.11", "10.0.3.12"].map((address) => machine(address)))
      const middle = (await inbox({ q: "10.0.3.11" })).rows[0]!.id
      await setDiscoveredIgnored(by(), { chosen: { ids: [middle] }, ignored: true })
      const accepted = await acceptDiscovered(by(), { filter: { siteId: site.siteId, state: "new" } })
      expect(await targets()).toEqual(["10.0.3.10", "10.0.3.12"])
      expect(await undoDecision(by(), { decisionId: accepted.decisionId })).toEqual({
        machines: 2,
        targets: 2,
      })
      expect(await targets()).toEqual([])
      expect((await inbox()).states).toMatchObject({ new: 2, ignored: 1 })
      await expect(undoDecision(by(), { decisionId: accepted.decisionId })).rejects.toMatchObject({
        code: "NOT_FOUND",
      })
      await setDiscoveredIgnored(by(), { chosen: { ids: [middle] }, ignored: false })
      expect((await inbox()).states).toMatchObject({ new: 3, ignored: 0 })
    })
    it("keeps an ignored machine ignored when it is found again, and forgets one that went", async () => {
      await scanned([machine("10.0.3.10"), machine("10.0.3.11"), machine("10.9.9.9")])
      const ids = (await inbox({ q: "10.0.3.10" })).rows.map((row) => row.id)
      await setDiscoveredIgnored(by(), { chosen: { ids }, ignored: true })
      farm.clock.advance(60_000)
      await scanned([machine("10.0.3.10")])
      const states = Object.fromEntries((await inbox()).rows.map((row) => [row.address, row.state]))
      // What the second scan did not look at is as it was.
      expect(states).toEqual({ "10.0.3.10": "ignored", "10.0.3.11": "gone", "10.9.9.9": "new" })
    })
    it("A21 shows a machine of the list as known, and where it moved", async () => {
      const [here, moved] = site.minerIds as [number, number]
      await farm.database
        .sql`update hosting_miners set serial = 'SN-HERE', ip_address = '10.0.3.5' where id = ${here}`
      await farm.database
        .sql`update hosting_miners set mac = 'AA:BB:CC:00:00:07', ip_address = '10.0.3.6' where id = ${moved}`
      await scanned([
        machine("10.0.3.5", { serial: "sn-here" }),
        machine("10.0.3.66", { serial: null, mac: "aa-bb-cc-00-00-07" }),
        machine("10.0.0.4", { serial: null }),
      ])
      const rows = new Map((await inbox()).rows.map((row) => [row.address, row]))
      expect(rows.get("10.0.3.5")).toMatchObject({ state: "known", movedFrom: null, miner: { id: here } })
      expect(rows.get("10.0.3.66")).toMatchObject({
        state: "known",
        movedFrom: "10.0.3.6",
        miner: { id: moved },
      })
      expect(rows.get("10.0.0.4")).toMatchObject({ state: "known", miner: { id: site.minerIds[3] } })
      expect((await inbox({ moved: true })).rows.map((row) => row.address)).toEqual(["10.0.3.66"])
      expect(await acceptDiscovered(by(), { filter: { siteId: site.siteId, state: "known" } })).toMatchObject(
        {
          accepted: 1,
          skipped: 2,
        },
      )
      expect(await targets()).toEqual(["10.0.3.66"])
    })
    it("pages and filters", async () => {
      await scanned(
        Array.from({ length: 250 }, (_, at) =>
          machine(`10.0.3.${at + 1}`, {
            family: at % 2 === 0 ? "antminer-stock" : "whatsminer-v2",
            needs_login: at === 7,
          }),
        ),
      )
      const first = await inbox({ pageSize: 100 })
      expect(first).toMatchObject({ total: 250, families: ["antminer-stock", "whatsminer-v2"] })
      expect((await inbox({ pageSize: 100, page: 3 })).rows.map((row) => row.address).at(-1)).toBe(
        "10.0.3.250",
      )
      expect((await inbox({ family: "whatsminer-v2" })).total).toBe(125)
      expect((await inbox({ needsLogin: true })).rows.map((row) => row.address)).toEqual(["10.0.3.8"])
      expect((await inbox({ q: "10.0.3.25%" })).total).toBe(0)
    })
    it("is decided by those who may: another site's rows are not found, a reader is refused", async () => {
      await scanned([machine("10.0.3.10")])
      const ids = (await inbox()).rows.map((row) => row.id)
      const other = await farm.makeSite()
      const stranger = await farm.makeUser("site_manager", other.siteId)
      const operator = await farm.makeUser("operator", site.siteId)
      await expect(acceptDiscovered(by(stranger), { ids })).rejects.toMatchObject({ code: "NOT_FOUND" })
      await expect(acceptDiscovered(by(operator), { ids })).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(
        setDiscoveredIgnored(by(operator), { chosen: { ids }, ignored: true }),
      ).rejects.toMatchObject({ code: "FORBIDDEN" })
      expect(await acceptDiscovered(by(stranger), { filter: {} })).toMatchObject({ accepted: 0 })
      const { decisionId } = await acceptDiscovered(by(), { ids })
      await expect(undoDecision(by(stranger), { decisionId })).rejects.toMatchObject({ code: "NOT_FOUND" })
      await expect(undoDecision(by(operator), { decisionId })).rejects.toMatchObject({ code: "FORBIDDEN" })
      expect((await listDiscovered(by(stranger))).total).toBe(0)
    })
  })

  describe("schedules", () => {
    const save = (more: Partial<Parameters<typeof saveSchedule>[1]> = {}) =>
      saveSchedule(by(), {
        deviceId: site.device.deviceId,
        targets: ["10.0.3.0/24"],
        everyHours: null,
        dailyAt: "06:30",
        ...more,
      } as Parameters<typeof saveSchedule>[1])

    it("A21 look at their time of the site's zone, and accept by themselves where told", async () => {
      const { nextAt, scheduleId } = await save({ autoAccept: true })
      // 10:00 UTC is noon at Oslo: the next half past six is tomorrow, 04:30 UTC.
      expect(nextAt.toISOString()).toBe(
        new Date(
          Math.floor(farm.clock.now.getTime() / 86_400_000) * 86_400_000 + 86_400_000 + 4.5 * 3_600_000,
        ).toISOString(),
      )
      expect((await runSchedules(farm.as(WORKER))).begun).toBe(0)
      farm.clock.advance(nextAt.getTime() - farm.clock.now.getTime())
      expect((await runSchedules(farm.as(WORKER))).begun).toBe(1)
      // Not again before its next time, nor while one runs.
      expect((await runSchedules(farm.as(WORKER))).begun).toBe(0)
      const { scan } = await tell()
      await tell({ found: [{ scan_id: scan!.id, machine: machine("10.0.3.7") }] })
      await tell({ progress: progress(scan!.id, { state: "done" }) })
      expect(await targets()).toEqual(["10.0.3.7"])
      expect((await inbox()).rows).toMatchObject([{ state: "accepted", decidedByName: null }])
      const [listed] = await listSchedules(by(), { siteId: site.siteId })
      expect(listed).toMatchObject({ id: scheduleId, lastScan: { id: scan!.id, state: "done", found: 1 } })
      expect((await listScans(by(), { siteId: site.siteId })).rows).toMatchObject([
        { source: "schedule", requesterName: null },
      ])
    })
    it("say why what they found was not accepted", async () => {
      await addTarget(by(), { deviceId: site.device.deviceId, value: "10.200.0.0/16" })
      const scanId = await scanned([machine("10.0.3.7")], { autoAccept: true })
      expect((await readScan(by(), { scanId })).scan).toMatchObject({
        state: "done",
        error: expect.stringContaining("Not accepted by itself"),
      })
      expect((await inbox()).states.new).toBe(1)
    })
    it("are switched off, changed and deleted by those who may", async () => {
      const { scheduleId } = await save({ dailyAt: null, everyHours: 6 })
      await setScheduleEnabled(by(), { scheduleId, enabled: false })
      farm.clock.advance(7 * 3_600_000)
      expect((await runSchedules(farm.as(WORKER))).begun).toBe(0)
      await save({ scheduleId, everyHours: null, dailyAt: "23:00", targets: ["10.0.4.0/24"] })
      expect(await listSchedules(by(), { siteId: site.siteId })).toMatchObject([
        { enabled: false, everyHours: null, dailyAt: "23:00", targets: ["10.0.4.0/24"] },
      ])
      const operator = await farm.makeUser("operator", site.siteId)
      const other = await farm.makeSite()
      const stranger = await farm.makeUser("site_manager", other.siteId)
      await expect(deleteSchedule(by(operator), { scheduleId })).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(setScheduleEnabled(by(stranger), { scheduleId, enabled: true })).rejects.toMatchObject({
        code: "NOT_FOUND",
      })
      await expect(save({ dailyAt: "25:00" })).rejects.toMatchObject({ code: "INVALID" })
      await expect(save({ everyHours: 3 })).rejects.toMatchObject({ code: "INVALID" })
      await deleteSchedule(by(), { scheduleId })
      expect(await listSchedules(by(), { siteId: site.siteId })).toEqual([])
    })
    it("end scans that nobody works on", async () => {
      const lost = await request()
      await tell()
      const waiting = await request()
      farm.clock.advance(25 * 3_600_000)
      expect((await runSchedules(farm.as(WORKER))).ended).toBe(2)
      expect((await readScan(by(), { scanId: lost.scanId })).scan.state).toBe("interrupted")
      expect((await readScan(by(), { scanId: waiting.scanId })).scan.state).toBe("failed")
      // The collector comes back and goes on with what it has on disk.
      await tell({ progress: progress(lost.scanId) })
      expect((await readScan(by(), { scanId: lost.scanId })).scan.state).toBe("running")
    })
  })

  describe("a machine that moved", () => {
    const move = (minerId: number, from: string, to: string) =>
      farm.database.sql<
        { miner_id: string }[]
      >`select miner_id from hosting_miners where id = ${minerId}`.then(([row]) =>
        tell({
          moved: [
            {
              miner_id: row!.miner_id.toUpperCase(),
              from,
              from_rpc_port: 4028,
              to: machine(to),
              at: farm.clock.now.toISOString(),
            },
          ],
        }),
      )
    const events = () =>
      farm.database.sql<{ message: string }[]>`
      select message from fleet_events where site_id = ${site.siteId} and kind = 'miner_moved'`

    it("A21 takes its target along, once, with an event and a row of the audit", async () => {
      await addTarget(by(), { deviceId: site.device.deviceId, value: "10.0.0.1" })
      const before = await version()
      await move(site.minerIds[0]!, "10.0.0.1", "10.0.5.9")
      await move(site.minerIds[0]!, "10.0.0.1", "10.0.5.9")
      expect(await targets()).toEqual(["10.0.5.9"])
      expect(await events()).toHaveLength(1)
      expect(await version()).toBe(before + 1)
      expect((await audited()).filter((action) => action === "discovery.move")).toHaveLength(1)
    })
    it("gets a target of its own when its old one is a range or another machine's, none when one covers it", async () => {
      await addTarget(by(), { deviceId: site.device.deviceId, value: "10.0.0.0/24" })
      await move(site.minerIds[0]!, "10.0.0.1", "10.0.5.9")
      expect(await targets()).toEqual(["10.0.0.0/24", "10.0.5.9"])
      farm.clock.advance(1_000)
      await move(site.minerIds[0]!, "10.0.5.9", "10.0.0.77")
      expect(await targets()).toEqual(["10.0.0.0/24", "10.0.5.9"])
      await addTarget(by(), { deviceId: site.device.deviceId, value: "10.0.6.1" })
      await farm.database
        .sql`update hosting_miners set ip_address = '10.0.6.1' where id = ${site.minerIds[1]!}`
      farm.clock.advance(1_000)
      await move(site.minerIds[0]!, "10.0.6.1", "10.0.6.2")
      expect(await targets()).toEqual(["10.0.0.0/24", "10.0.5.9", "10.0.6.1", "10.0.6.2"])
    })
  })
})
