import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { createClock, createFixtures } from "#db/test/fixtures.ts"
import { KEY_PATTERN } from "#server/contract/edge.ts"
import { updateSite } from "../sites/update-site.ts"
import { addTarget } from "./add-target.ts"
import { authenticateCollector } from "./authenticate-collector.ts"
import { createEnrollmentCode } from "./create-enrollment-code.ts"
import { enrollCollector } from "./enroll-collector.ts"
import { listCollectors } from "./list-collectors.ts"
import { readCollector } from "./read-collector.ts"
import { readEdgeConfig } from "./read-edge-config.ts"
import { removeTarget } from "./remove-target.ts"
import { revokeCollector } from "./revoke-collector.ts"
import { setTargetEnabled } from "./set-target-enabled.ts"

describe("collectors", () => {
  const database = useDatabase({ max: 8 })
  const clock = createClock()
  const make = createFixtures(database, clock.now)

  const identity = () => ({
    instance_id: randomUUID(),
    public_key: "a".repeat(43),
    edge_version: "0.1.0",
    hostname: "edge",
    platform: "linux",
  })
  const enroll = (code: string) => enrollCollector(make.anonymous("10.0.0.9"), { code, ...identity() })
  async function collector(siteId: number, deviceName = make.unique("edge")) {
    const { code } = await createEnrollmentCode(make.system(), { siteId, deviceName })
    const answer = await enroll(code)
    const actor = await authenticateCollector(make.services(), { key: answer.key })
    return { key: answer.key, deviceId: answer.device_id, device: make.as(actor) }
  }

  describe("enrolment", () => {
    it("turns a code into a device with a key; neither is kept, both are audited", async () => {
      const siteId = await make.site()
      const manager = await make.user({ at: [[siteId, "site_manager"]] })
      const { code, expiresAt } = await createEnrollmentCode(make.as(manager), {
        siteId,
        deviceName: "Hall 1",
      })
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
      expect(expiresAt.getTime() - clock.now().getTime()).toBe(15 * 60_000)
      const answer = await enroll(code.toLowerCase().replaceAll("-", " "))
      expect(answer.key).toMatch(KEY_PATTERN)
      expect(answer).toMatchObject({ device_name: "Hall 1", site: { id: siteId } })

      const kept = JSON.stringify([
        await database.sql`select * from collector_keys`,
        await database.sql`select * from enrollment_codes`,
        await database.sql`select * from audit_log`,
      ])
      expect(kept).not.toContain(answer.key)
      expect(kept).not.toContain(code)
      expect(kept).not.toContain(code.replaceAll("-", ""))
      const enrolled = (await make.audits("collector.enroll")).find((row) => row.siteId === siteId)
      expect(enrolled).toMatchObject({
        actor: `device:${answer.device_id} Hall 1`,
        details: { codeCreatedBy: manager.userId },
        address: "10.0.0.9",
      })
      expect(await make.audits("collector.create-enrollment-code")).toContainEqual(
        expect.objectContaining({ siteId, userId: manager.userId }),
      )
    })

    it("gives one of many who use a code at once a device, and one only", async () => {
      const siteId = await make.site()
      const { code } = await createEnrollmentCode(make.system(), { siteId, deviceName: "Once" })
      const tries = await Promise.allSettled(Array.from({ length: 6 }, () => enroll(code)))
      expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(1)
      expect(await database.sql`select 1 from edge_devices where site_id = ${siteId}`).toHaveLength(1)
      expect(await database.sql`select 1 from collector_keys where site_id = ${siteId}`).toHaveLength(1)
    })

    it("answers a wrong, a used and an old code in the same words", async () => {
      const siteId = await make.site()
      const used = await createEnrollmentCode(make.system(), { siteId, deviceName: "A" })
      await enroll(used.code)
      const old = await createEnrollmentCode(make.system(), { siteId, deviceName: "B" })
      clock.advance(15 * 60_000)
      const errors = await Promise.all(
        [used.code, old.code, "0000-0000-0000"].map((code) => enroll(code).catch((error) => error)),
      )
      expect(new Set(errors.map((error) => `${error.code} ${error.message}`)).size).toBe(1)
      expect(errors[0].code).toBe("UNAUTHENTICATED")
    })

    it("gives a new collector the targets of its code", async () => {
      const siteId = await make.site()
      const input = { siteId, deviceName: "Hall 1", targets: [{ value: "127.1.0.1-30", webPort: 8080 }] }
      const { code } = await createEnrollmentCode(make.system(), input)
      const { key } = await enroll(code)
      const actor = await authenticateCollector(make.services(), { key })
      expect(await readEdgeConfig(make.as(actor), { have_version: 0 })).toMatchObject({
        targets: [{ value: "127.1.0.1-127.1.0.30", web_port: 8080 }],
      })
      await expect(
        createEnrollmentCode(make.system(), { ...input, deviceName: "B", targets: [{ value: "lan" }] }),
      ).rejects.toMatchObject({ code: "INVALID" })
    })

    it("is refused to roles without the right, and does not exist for strangers", async () => {
      const [siteId, foreign] = [await make.site(), await make.site()]
      const operator = await make.user({ at: [[siteId, "operator"]] })
      const manager = await make.user({ at: [[siteId, "site_manager"]] })
      await expect(
        createEnrollmentCode(make.as(operator), { siteId, deviceName: "X" }),
      ).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(
        createEnrollmentCode(make.as(manager), { siteId: foreign, deviceName: "X" }),
      ).rejects.toMatchObject({ code: "NOT_FOUND" })
      const { deviceId } = await collector(foreign)
      await expect(
        createEnrollmentCode(make.as(manager), { siteId, deviceName: "X", deviceId }),
      ).rejects.toMatchObject({ code: "NOT_FOUND" })
    })

    it("does not make two collectors of one name", async () => {
      const siteId = await make.site()
      await collector(siteId, "Hall 1")
      await expect(
        createEnrollmentCode(make.system(), { siteId, deviceName: "hall 1" }),
      ).rejects.toMatchObject({ code: "CONFLICT" })
    })

    it("gives a collector whose disk was lost a new key, its targets and its machines", async () => {
      const siteId = await make.site()
      const lost = await collector(siteId)
      await addTarget(make.system(), { deviceId: lost.deviceId, value: "10.0.0.0/24" })
      const minerId = await make.miner(siteId, lost.deviceId)
      const { code } = await createEnrollmentCode(make.system(), {
        siteId,
        deviceName: "Again",
        deviceId: lost.deviceId,
      })
      await authenticateCollector(make.services(), { key: lost.key })
      const answer = await enroll(code)
      expect(answer.device_id).toBe(lost.deviceId)
      await expect(authenticateCollector(make.services(), { key: lost.key })).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      })
      const actor = await authenticateCollector(make.services(), { key: answer.key })
      const config = await readEdgeConfig(make.as(actor), { have_version: 0 })
      expect(config).toMatchObject({ unchanged: false, targets: [{ value: "10.0.0.0/24" }] })
      const [row] = await database.sql`select miner_id from hosting_miners where id = ${minerId}`
      expect(config).toMatchObject({ miners: [{ miner_id: row?.miner_id }] })
    })
  })

  describe("a key", () => {
    it("opens its own site only", async () => {
      const siteId = await make.site()
      const { key, deviceId } = await collector(siteId)
      const at = (siteIdHeader: string) => authenticateCollector(make.services(), { key, siteIdHeader })
      expect(await at(String(siteId))).toMatchObject({ kind: "device", deviceId, siteId })
      await expect(at(String(siteId + 1))).rejects.toMatchObject({ code: "FORBIDDEN" })
    })

    it.each([null, "", "hsc_short", `hsc_${"x".repeat(40)}`, "' or 1=1"])("is not %j", async (key) => {
      await expect(authenticateCollector(make.services(), { key })).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      })
    })

    it("ends at once when its collector is revoked; twice is once", async () => {
      const siteId = await make.site()
      const manager = await make.user({ at: [[siteId, "site_manager"]] })
      const { key, deviceId } = await collector(siteId)
      expect(await revokeCollector(make.as(manager), { deviceId })).toEqual({ revoked: true })
      expect(await revokeCollector(make.as(manager), { deviceId })).toEqual({ revoked: false })
      await expect(authenticateCollector(make.services(), { key })).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
      })
      const audits = (await make.audits("collector.revoke")).filter((row) => row.siteId === siteId)
      expect(audits).toEqual([expect.objectContaining({ userId: manager.userId })])
      const [row] = await listCollectors(make.as(manager), { siteId })
      expect(row).toMatchObject({ id: deviceId, state: "revoked" })
      const detail = await readCollector(make.as(manager), { deviceId })
      expect(detail.keys).toMatchObject([{ prefix: key.slice(0, 8), revokedByName: manager.name }])
    })

    it("remembers its last use to the minute", async () => {
      const { key, deviceId } = await collector(await make.site())
      const used = async () =>
        (await database.sql`select last_used_at from collector_keys where device_id = ${deviceId}`)[0]
          ?.last_used_at
      const first = await used()
      clock.advance(59_000)
      await authenticateCollector(make.services(), { key })
      expect(await used()).toEqual(first)
      clock.advance(1_000)
      await authenticateCollector(make.services(), { key })
      expect(await used()).toEqual(clock.now())
    })

    it("may be looked at by operators and revoked by managers of the site only", async () => {
      const [siteId, foreign] = [await make.site(), await make.site()]
      const { deviceId } = await collector(siteId)
      const operator = await make.user({ at: [[siteId, "operator"]] })
      const stranger = await make.user({ at: [[foreign, "site_manager"]] })
      const technician = await make.user({ at: [[siteId, "technician"]] })
      expect(await readCollector(make.as(operator), { deviceId })).toMatchObject({ can: { manage: false } })
      await expect(revokeCollector(make.as(operator), { deviceId })).rejects.toMatchObject({
        code: "FORBIDDEN",
      })
      for (const actor of [stranger, technician]) {
        await expect(readCollector(make.as(actor), { deviceId })).rejects.toMatchObject({ code: "NOT_FOUND" })
        await expect(revokeCollector(make.as(actor), { deviceId })).rejects.toMatchObject({
          code: "NOT_FOUND",
        })
      }
      expect(await listCollectors(make.as(stranger))).toEqual([])
      await expect(listCollectors(make.as(technician), { siteId })).rejects.toMatchObject({
        code: "FORBIDDEN",
      })
    })
  })

  describe("targets", () => {
    it("reach the collector as a new version of its configuration", async () => {
      const siteId = await make.site()
      const manager = await make.user({ at: [[siteId, "site_manager"]] })
      const { device, deviceId } = await collector(siteId)
      const first = await readEdgeConfig(device, { have_version: 0 })
      expect(first).toMatchObject({ unchanged: false, targets: [], poll_interval_s: 60 })
      expect(await readEdgeConfig(device, { have_version: first.version })).toEqual({
        unchanged: true,
        version: first.version,
      })
      const { targetId } = await addTarget(make.as(manager), {
        deviceId,
        value: "10.0.3.9/24",
        webPort: 8080,
      })
      const second = await readEdgeConfig(device, { have_version: first.version })
      expect(second).toMatchObject({
        version: first.version + 1,
        targets: [{ id: targetId, value: "10.0.3.0/24", web_port: 8080, family: null }],
      })
      await setTargetEnabled(make.as(manager), { deviceId, targetId, enabled: false })
      await setTargetEnabled(make.as(manager), { deviceId, targetId, enabled: false })
      expect(await readEdgeConfig(device, { have_version: second.version })).toMatchObject({
        version: second.version + 1,
        targets: [],
      })
      await removeTarget(make.as(manager), { deviceId, targetId })
      await updateSite(make.as(manager), { siteId, pollIntervalS: 20 })
      expect(await readEdgeConfig(device, { have_version: 0 })).toMatchObject({
        version: first.version + 4,
        poll_interval_s: 20,
      })
      for (const action of ["collector.add-target", "collector.disable-target", "collector.remove-target"])
        expect((await make.audits(action)).filter((row) => row.siteId === siteId)).toHaveLength(1)
    })

    it("are there once, and not more than a /16 in all", async () => {
      const { deviceId } = await collector(await make.site())
      const add = (value: string) => addTarget(make.system(), { deviceId, value })
      const twice = await Promise.allSettled([add("10.0.3.0/24"), add("10.0.3.7/24")])
      expect(twice.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"])
      await expect(add("10.0.3.0/24")).rejects.toMatchObject({ code: "CONFLICT" })
      await expect(add("10.1.0.0/16")).rejects.toMatchObject({ code: "INVALID" })
      await expect(add("somewhere.example.com")).rejects.toMatchObject({ code: "INVALID" })
    })

    it("are changed by managers of the site only", async () => {
      const [siteId, foreign] = [await make.site(), await make.site()]
      const { deviceId } = await collector(siteId)
      const other = await collector(siteId)
      const { targetId } = await addTarget(make.system(), { deviceId, value: "10.0.0.1" })
      const operator = await make.user({ at: [[siteId, "operator"]] })
      const stranger = await make.user({ at: [[foreign, "site_manager"]] })
      for (const [actor, code] of [
        [operator, "FORBIDDEN"],
        [stranger, "NOT_FOUND"],
      ] as const) {
        const ctx = make.as(actor)
        await expect(addTarget(ctx, { deviceId, value: "10.0.0.2" })).rejects.toMatchObject({ code })
        await expect(removeTarget(ctx, { deviceId, targetId })).rejects.toMatchObject({ code })
        await expect(setTargetEnabled(ctx, { deviceId, targetId, enabled: false })).rejects.toMatchObject({
          code,
        })
      }
      await expect(removeTarget(make.system(), { deviceId: other.deviceId, targetId })).rejects.toMatchObject(
        { code: "NOT_FOUND" },
      )
    })
  })
})
