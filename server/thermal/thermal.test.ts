import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { ThermalEvent, ThermalInput } from "#server/contract/thermal.ts"
import { readEdgeConfig } from "../collectors/read-edge-config.ts"
import { type FarmSite, useFarm, WORKER } from "../commands/test/farm.ts"
import { checkThermal } from "./check-thermal.ts"
import { listThermal } from "./list-thermal.ts"
import { readThermalConfig } from "./read-thermal-config.ts"
import { recordThermal } from "./record-thermal.ts"
import { saveThermalConfig } from "./save-thermal-config.ts"
import { watchThermal } from "./watch-thermal.ts"

describe("thermal protection", () => {
  const farm = useFarm()
  const slugOf = async ({ siteId }: FarmSite) => {
    const [row] = await farm.database.sql<
      { slug: string }[]
    >`select slug from hosting_sites where id = ${siteId}`
    return row?.slug ?? ""
  }
  const nameOf = async ({ siteId, minerIds }: FarmSite, n: number) => {
    const [row] = await farm.database.sql<{ name: string }[]>`
    select miner_id as name from hosting_miners where site_id = ${siteId} and id = ${minerIds[n] ?? 0}`
    return row?.name ?? ""
  }
  const audits = (siteId: number) =>
    farm.database.sql<{ action: string; actor: string; details: Record<string, unknown> | null }[]>`
    select action, actor, details from audit_log where site_id = ${siteId} order by id`
  const versionOf = async (siteId: number) =>
    (
      await farm.database.sql<
        { v: number }[]
      >`select config_version as v from hosting_sites where id = ${siteId}`
    )[0]?.v

  describe("the policy of a site", () => {
    it("C08 starts unarmed, by the site's chip limits, and reaches its collectors", async () => {
      const site = await farm.makeSite({ chip_warning_c: 82, chip_critical_c: 92 })
      const manager = await farm.makeUser("site_manager", site.siteId)
      const { config, canManage } = await readThermalConfig(farm.as(manager), { slug: await slugOf(site) })
      expect(config).toMatchObject({ armed: false, warning_c: 82, critical_c: 92, resume_c: 72, version: 0 })
      expect(canManage).toBe(true)
      const sent = await readEdgeConfig(farm.as(site.device), { have_version: 0 })
      expect(sent).toMatchObject({ thermal: { armed: false, critical_c: 92 } })
    })

    it("C08 is changed by its manager, audited, and fetched by the collectors; armed and disarmed by name", async () => {
      const site = await farm.makeSite()
      const manager = await farm.makeUser("site_manager", site.siteId)
      const before = await versionOf(site.siteId)
      const first = await saveThermalConfig(farm.as(manager), {
        siteId: site.siteId,
        version: 0,
        armed: true,
        cool_down_s: { eco: 30 },
      })
      expect(first.changed).toEqual(["armed", "cool_down_s.eco"])
      expect(first.config).toMatchObject({ version: 1, armed: true, cool_down_s: { eco: 30, sleep: 600 } })
      expect(await versionOf(site.siteId)).toBe((before ?? 0) + 1)
      const sent = await readEdgeConfig(farm.as(site.device), { have_version: 0 })
      expect(sent).toMatchObject({ thermal: { armed: true, cool_down_s: { eco: 30 } } })
      await saveThermalConfig(farm.as(manager), { siteId: site.siteId, armed: false })
      await saveThermalConfig(farm.as(manager), { siteId: site.siteId, max_actions_per_minute: 3 })
      const again = await saveThermalConfig(farm.as(manager), {
        siteId: site.siteId,
        max_actions_per_minute: 3,
      })
      expect(again).toMatchObject({ changed: [], config: { version: 3 } })
      const rows = await audits(site.siteId)
      expect(rows.map((row) => row.action)).toEqual(["thermal.arm", "thermal.disarm", "thermal.update"])
    })

    it("C08 is not saved over what somebody else saved meanwhile, the first time neither", async () => {
      const site = await farm.makeSite()
      const manager = await farm.makeUser("site_manager", site.siteId)
      const save = (version: number, warning_c: number) =>
        saveThermalConfig(farm.as(manager), { siteId: site.siteId, version, warning_c })
      const both = await Promise.allSettled([save(0, 80), save(0, 81)])
      expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"])
      await expect(save(0, 79)).rejects.toMatchObject({ code: "CONFLICT" })
      await save(1, 79)
    })

    it.each([
      ["critical_c", { warning_c: 90, critical_c: 90 }],
      ["resume_c", { resume_c: 85 }],
      ["actions", { actions: ["sleep" as const, "eco" as const] }],
      ["actions", { actions: ["eco" as const, "eco" as const] }],
      ["actions", { armed: true, actions: [] }],
      ["cool_down_s.eco", { cool_down_s: { eco: 1 } }],
      ["warning_c", { warning_c: 20 }],
      ["max_actions_per_minute", { max_actions_per_minute: 0 }],
    ])("C08 makes sense as a whole: %s", async (path, change) => {
      const site = await farm.makeSite()
      const manager = await farm.makeUser("site_manager", site.siteId)
      await expect(
        saveThermalConfig(farm.as(manager), { siteId: site.siteId, ...change }),
      ).rejects.toMatchObject({ code: "INVALID", details: [{ path }] })
    })

    it("C08 is the managers' to change, and shown to operators and auditors only", async () => {
      const site = await farm.makeSite()
      const other = await farm.makeSite()
      const slug = await slugOf(site)
      for (const role of ["operator", "auditor"] as const) {
        const person = farm.as(await farm.makeUser(role, site.siteId))
        expect((await readThermalConfig(person, { slug })).canManage).toBe(false)
        await expect(saveThermalConfig(person, { siteId: site.siteId, armed: true })).rejects.toMatchObject({
          code: "FORBIDDEN",
        })
      }
      const technician = farm.as(await farm.makeUser("technician", site.siteId))
      await expect(readThermalConfig(technician, { slug })).rejects.toMatchObject({ code: "FORBIDDEN" })
      const stranger = farm.as(await farm.makeUser("site_manager", other.siteId))
      await expect(readThermalConfig(stranger, { slug })).rejects.toMatchObject({ code: "NOT_FOUND" })
      await expect(saveThermalConfig(stranger, { siteId: site.siteId, armed: true })).rejects.toMatchObject({
        code: "NOT_FOUND",
      })
      expect(await audits(site.siteId)).toEqual([])
    })
  })

  describe("what the collectors tell", () => {
    const instance_id = randomUUID()
    const eventOf = (miner_id: string, more: Partial<ThermalEvent> = {}): ThermalEvent => ({
      event_id: randomUUID(),
      miner_id,
      kind: "action",
      action: "eco",
      temperature_c: 96.5,
      threshold_c: 95,
      message: "Low power: done.",
      at: farm.clock.now.toISOString(),
      ...more,
    })
    const tell = (site: FarmSite, told: Omit<ThermalInput, "instance_id">) =>
      recordThermal(farm.as(site.device), { instance_id, ...told })

    it("C08 is stored once however often it is sent, also by two requests at once; acts are audited once", async () => {
      const site = await farm.makeSite()
      const miner = await nameOf(site, 0)
      const events = [
        eventOf(miner, { kind: "warning", action: null }),
        eventOf(miner),
        eventOf(miner, { kind: "held", action: null }),
        eventOf(miner, { kind: "failed", action: "sleep" }),
        eventOf(miner, { kind: "resumed" }),
      ]
      const both = await Promise.all([tell(site, { events }), tell(site, { events })])
      expect(both.map((answer) => answer.recorded).sort()).toEqual([0, 5])
      expect(await tell(site, { events })).toEqual({ recorded: 0, duplicates: 5 })
      const [row] = await farm.database.sql<{ n: number }[]>`
      select count(*)::int as n from thermal_events where site_id = ${site.siteId}`
      expect(row?.n).toBe(5)
      const rows = await audits(site.siteId)
      expect(rows.map((each) => each.action)).toEqual(["thermal.action", "thermal.fail", "thermal.resume"])
      expect(rows[0]).toMatchObject({
        actor: expect.stringContaining("device:"),
        details: { step: "eco", temperature_c: 96.5 },
      })
    })

    it("C08 of a machine that no sample brought yet is kept, and found when it comes; a wild clock gets ours", async () => {
      const site = await farm.makeSite()
      await tell(site, { events: [eventOf("New-1", { at: "1970-01-01T00:00:00Z" })] })
      const manager = farm.as(await farm.makeUser("site_manager", site.siteId))
      const before = await listThermal(manager, { siteId: site.siteId })
      expect(before.events).toMatchObject([{ miner: { id: null, name: "new-1" }, at: farm.clock.now }])
      const [miner] = await farm.database.sql<{ id: number }[]>`
      insert into hosting_miners (site_id, miner_id) values (${site.siteId}, 'NEW-1') returning id`
      await watchThermal(farm.as(WORKER))
      const after = await listThermal(manager, { siteId: site.siteId })
      expect(after.events[0]?.miner).toEqual({ id: miner?.id, name: "NEW-1" })
    })

    it("C08 says what is held now: holds come, change and go with what their collector tells, no other's", async () => {
      const site = await farm.makeSite()
      const [a, b] = [await nameOf(site, 0), await nameOf(site, 1)]
      const hold = (miner_id: string, actions: ("eco" | "sleep")[]) => ({
        miner_id,
        since: farm.clock.now.toISOString(),
        temperature_c: 96,
        threshold_c: 95,
        actions,
      })
      const manager = farm.as(await farm.makeUser("site_manager", site.siteId))
      const held = async () =>
        (await listThermal(manager, { siteId: site.siteId })).holds.map((each) => [
          each.minerId,
          each.actions,
        ])
      await tell(site, { events: [], holds: [hold(a, ["eco"]), hold(b, ["eco"])] })
      expect(await held()).toEqual([
        [site.minerIds[0], ["eco"]],
        [site.minerIds[1], ["eco"]],
      ])
      await tell(site, { events: [] })
      expect(await held()).toHaveLength(2)
      await tell(site, { events: [], holds: [hold(b, ["eco", "sleep"])] })
      expect(await held()).toEqual([[site.minerIds[1], ["eco", "sleep"]]])
      const [second] = await farm.database.sql<{ id: number }[]>`
      insert into edge_devices (site_id, name, last_seen_at) values (${site.siteId}, 'two', ${farm.clock.now}) returning id`
      const other = { ...site, device: { ...site.device, deviceId: second?.id ?? 0 } }
      await recordThermal(farm.as(other.device), { instance_id: randomUUID(), events: [], holds: [] })
      expect(await held()).toHaveLength(1)
      await tell(site, { events: [], holds: [] })
      expect(await held()).toEqual([])
    })

    it("C08 shows a client the events and holds of his own machines, while they are his", async () => {
      const site = await farm.makeSite()
      const client = farm.as(await farm.makeUser("client", site.siteId, [site.minerIds[0] ?? 0]))
      const names = [await nameOf(site, 0), await nameOf(site, 1)]
      await tell(site, {
        events: [
          ...names.map((name) => eventOf(name)),
          eventOf(names[0] ?? "", { at: "2025-12-01T00:00:00Z", message: "Before it was his." }),
        ],
        holds: names.map((miner_id) => ({
          miner_id,
          since: farm.clock.now.toISOString(),
          temperature_c: null,
          threshold_c: null,
          actions: [],
        })),
      })
      const seen = await listThermal(client, { siteId: site.siteId })
      expect(seen.events.map((event) => event.miner?.id)).toEqual([site.minerIds[0]])
      expect(seen.holds.map((hold) => hold.minerId)).toEqual([site.minerIds[0]])
      const other = await farm.makeSite()
      await expect(listThermal(client, { siteId: other.siteId })).rejects.toMatchObject({ code: "NOT_FOUND" })
    })

    it("is refused without a key, and from a second process with the same key", async () => {
      const site = await farm.makeSite()
      const manager = farm.as(await farm.makeUser("site_manager", site.siteId))
      await expect(recordThermal(manager, { instance_id, events: [] })).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      })
      await tell(site, { events: [] })
      await expect(
        recordThermal(farm.as(site.device), { instance_id: randomUUID(), events: [], holds: [] }),
      ).rejects.toMatchObject({ code: "CONFLICT" })
    })
  })

  describe("the check", () => {
    it("C08 says what would happen to each machine, the hottest first, and does nothing", async () => {
      const site = await farm.makeSite({}, { miners: 6 })
      const { sql } = farm.database
      const heat = [70, 96, 99, 88, null, 90]
      for (const [n, tempC] of heat.entries())
        await sql`update miner_telemetry_live set temperature_max = ${tempC}, fan_speeds = ${n === 3 ? [0, 3000] : [3000, 3000]},
        power_mode = 'normal' where site_id = ${site.siteId} and miner_id = ${site.minerIds[n] ?? 0}`
      const manager = farm.as(await farm.makeUser("site_manager", site.siteId))
      await sql`update hosting_miners set model = 'S21' where site_id = ${site.siteId} and id = ${site.minerIds[2] ?? 0}`
      await sql`insert into miner_capabilities (site_id, make, model, firmware, firmware_version, features, device_id, reported_at)
      values (${site.siteId}, '', 'S21', '', '', ${JSON.stringify({ "THERMAL_POLICY.manual": "No fans.", "POWER_MODE.eco": "No low power." })}::text::jsonb,
        ${site.device.deviceId}, ${farm.clock.now})`
      const slug = await slugOf(site)
      await saveThermalConfig(farm.as(WORKER), { siteId: site.siteId, armed: true })
      const check = await checkThermal(manager, { slug })
      expect(check.judged).toBe(6)
      expect(check.miners.map(({ minerId, verdict, action }) => [minerId, verdict, action])).toEqual([
        [site.minerIds[2], "act", "sleep"],
        [site.minerIds[1], "act", "fan_up"],
        [site.minerIds[5], "warn", null],
        [site.minerIds[3], "act", "eco"],
        [site.minerIds[4], "unreadable", null],
      ])
      expect(check.miners[0]?.cannot.map((each) => each.action)).toEqual(["fan_up", "eco"])
      await saveThermalConfig(farm.as(WORKER), { siteId: site.siteId, armed: false })
      const unarmed = await checkThermal(manager, { slug })
      expect(unarmed.miners.map((miner) => miner.verdict)).toEqual([
        "warn",
        "warn",
        "warn",
        "warn",
        "unreadable",
      ])
      farm.clock.advance(10 * 60_000)
      expect((await checkThermal(manager, { slug })).judged).toBe(0)
      expect(await sql`select 1 from miner_commands where site_id = ${site.siteId}`).toHaveLength(0)
    })
  })

  describe("the watcher", () => {
    it("C08 C14 tells once of an armed site whose collector is silent, and hourly of heat where nobody armed the guard", async () => {
      const site = await farm.makeSite()
      const { sql } = farm.database
      const told = async () =>
        (
          await sql<{ kind: string }[]>`
          select kind from thermal_events where site_id = ${site.siteId} order by seq`
        ).map((row) => row.kind)
      await sql`update miner_telemetry_live set temperature_max = 97 where site_id = ${site.siteId} and miner_id = ${site.minerIds[0] ?? 0}`
      await sql`update miner_telemetry_live set collected_at = ${farm.clock.now} where site_id = ${site.siteId}`
      await Promise.all([watchThermal(farm.as(WORKER)), watchThermal(farm.as(WORKER))])
      expect(await told()).toEqual(["unguarded"])
      farm.clock.advance(3_600_000)
      await sql`update miner_telemetry_live set collected_at = ${farm.clock.now} where site_id = ${site.siteId}`
      await watchThermal(farm.as(WORKER))
      expect(await told()).toEqual(["unguarded", "unguarded"])

      await saveThermalConfig(farm.as(WORKER), { siteId: site.siteId, armed: true })
      await watchThermal(farm.as(WORKER))
      expect(await told()).toHaveLength(2)
      await sql`update edge_devices set silent_since = ${farm.clock.now} where id = ${site.device.deviceId}`
      await watchThermal(farm.as(WORKER))
      farm.clock.advance(60_000)
      await watchThermal(farm.as(WORKER))
      expect(await told()).toEqual(["unguarded", "unguarded", "guard_silent"])
    })

    it("forgets events after 400 days, and holds of a revoked collector", async () => {
      const site = await farm.makeSite()
      const { sql } = farm.database
      const old = new Date(farm.clock.now.getTime() - 401 * 86_400_000)
      await sql`insert into thermal_events (event_id, site_id, kind, message, at, received_at)
      values (${randomUUID()}, ${site.siteId}, 'warning', 'old', ${old}, ${old})`
      await sql`insert into thermal_holds (site_id, miner_id, device_id, since, actions, told_at)
      values (${site.siteId}, ${site.minerIds[0] ?? 0}, ${site.device.deviceId}, ${old}, '{}', ${old})`
      await sql`update edge_devices set revoked_at = ${farm.clock.now} where id = ${site.device.deviceId}`
      await watchThermal(farm.as(WORKER))
      expect(await sql`select 1 from thermal_events where site_id = ${site.siteId}`).toHaveLength(0)
      expect(await sql`select 1 from thermal_holds where site_id = ${site.siteId}`).toHaveLength(0)
    })
  })
})
