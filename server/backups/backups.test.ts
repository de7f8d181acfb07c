import { beforeAll, describe, expect, it } from "vitest"
import { SEAL_PURPOSES, sealTo } from "#server/sealed-box.ts"
import type { Actor, UserActor } from "../access/actor.ts"
import { DEVICE_KEY, type FarmSite, useFarm } from "../commands/test/farm.ts"
import { createVault } from "../vault.ts"
import { compareBackups } from "./compare-backups.ts"
import { deleteBackup } from "./delete-backup.ts"
import { exportBackup } from "./export-backup.ts"
import { findTakenBackup } from "./find-taken-backup.ts"
import { listBackups } from "./list-backups.ts"
import { readBackup } from "./read-backup.ts"
import { renameBackup } from "./rename-backup.ts"
import { selectBackupForLease } from "./select-backup-for-lease.ts"
import { storeBackups } from "./store-backup.ts"
import { makeBackup, makeCommand, taken } from "./test/taken.ts"
import { validateBackup } from "./validate-backup.ts"

const SEALED = sealTo(DEVICE_KEY.x, SEAL_PURPOSES.backup, JSON.stringify({ passwords: ["hunter2", "x"] }))

describe("backups of machines", () => {
  const farm = useFarm()
  let site: FarmSite
  let operator: UserActor
  beforeAll(async () => {
    site = await farm.makeSite()
    operator = await farm.makeUser("operator", site.siteId)
  })
  const row = async (id: string) => {
    const [found] = await farm.database.sql<
      Record<string, unknown>[]
    >`select * from miner_backups where id = ${id}`
    return found
  }

  describe("D08 D09 storing", () => {
    it("keeps what a command took, under its name, and lists it", async () => {
      const id = await makeBackup(farm, site, {
        taken: taken({}, SEALED),
        asked: { parameters: { name: "May", description: "Before the fans" }, requestedBy: operator.userId },
      })
      const { backup, config } = await readBackup(farm.as(operator), { backupId: id })
      expect(backup).toMatchObject({
        name: "May",
        description: "Before the fans",
        kind: "manual",
        family: "antminer-stock",
        model: "Antminer S19",
        firmwareVersion: "2022-11",
        minerId: site.minerIds[0],
        createdByName: "operator",
        hasPasswords: true,
        problems: null,
      })
      expect(config).toEqual(taken().config)
      const { rows, total } = await listBackups(farm.as(operator), { minerId: site.minerIds[0] })
      expect(rows.map((one) => one.id)).toContain(id)
      expect(total).toBe(rows.length)
    })

    it("D18 decision 22: enciphers it, so that the database alone shows neither settings nor passwords", async () => {
      const id = await makeBackup(farm, site, {
        taken: taken({ raw: { pools: [{ user: "farm.one", pass: "hunter2" }] } }, SEALED),
      })
      const text = JSON.stringify(await row(id))
      for (const word of ["pool.example.com", "farm.one", "hunter2", "675"]) expect(text).not.toContain(word)
      const { config } = await readBackup(farm.as(operator), { backupId: id })
      expect(config?.raw).toEqual({ pools: [{ user: "farm.one", pass: "***" }] })
      const other = { ...farm.as(operator), vault: createVault("another secret, just as long") }
      expect(await readBackup(other, { backupId: id })).toMatchObject({
        config: null,
        unreadable: expect.stringContaining("LAMPROOM_SECRET"),
        can: { restore: false },
      })
    })

    it("a repeat changes nothing; equal settings have equal marks, and others have not", async () => {
      const commandId = await makeCommand(farm, site.siteId)
      const id = await makeBackup(farm, site, { commandId })
      const before = await row(id)
      const again = await farm.services().db.transaction((tx) =>
        storeBackups(tx, farm.as(site.device), [
          {
            siteId: site.siteId,
            commandId,
            minerId: site.minerIds[0]!,
            deviceId: site.device.deviceId,
            takenAt: farm.clock.now,
            taken: taken({ frequency_mhz: 500 }),
          },
        ]),
      )
      expect(again).toBe(0)
      expect(await row(id)).toEqual(before)
      const reordered = Object.fromEntries(Object.entries(taken().config).reverse())
      const same = await makeBackup(farm, site, { taken: { config: reordered as never, sealed: null } })
      const other = await makeBackup(farm, site, { taken: taken({ frequency_mhz: 500 }) })
      expect((await row(same))?.config_hash).toBe(before?.config_hash)
      expect((await row(same))?.config).not.toBe(before?.config)
      expect((await row(other))?.config_hash).not.toBe(before?.config_hash)
    })

    it.each([
      ["BACKUP_CONFIG", "manual", "manual"],
      ["BACKUP_CONFIG", "api", "manual"],
      ["BACKUP_CONFIG", "scheduled", "automatic"],
      ["BACKUP_CONFIG", "automatic", "automatic"],
      ["CHANGE_POOL", "manual", "pre_update"],
      ["UPDATE_FIRMWARE", "scheduled", "pre_update"],
    ])("D09 D16 what %s (%s) took is of the kind %s", async (type, source, kind) => {
      const id = await makeBackup(farm, site, { asked: { type, source } })
      expect((await row(id))?.kind).toBe(kind)
    })

    it("is dated by the machine's collector, never ahead of the server", async () => {
      const earlier = new Date(farm.clock.now.getTime() - 3_600_000)
      const old = await makeBackup(farm, site, { takenAt: earlier })
      const ahead = await makeBackup(farm, site, { takenAt: new Date(farm.clock.now.getTime() + 60_000) })
      expect((await row(old))?.created_at).toEqual(earlier)
      expect((await row(ahead))?.created_at).toEqual(farm.clock.now)
    })

    it("gives a restore the settings and the sealed passwords, at its own site only", async () => {
      const id = await makeBackup(farm, site, { taken: taken({}, SEALED) })
      const { db, vault } = farm.services()
      expect(await selectBackupForLease(db, vault!, site.siteId, id)).toEqual(taken({}, SEALED))
      const other = await farm.makeSite()
      expect(await selectBackupForLease(db, vault!, other.siteId, id)).toBeNull()
    })
  })

  describe("who may look", () => {
    it("pages, filters and searches", async () => {
      const here = await farm.makeSite()
      const reader = await farm.makeUser("auditor", here.siteId)
      for (let n = 0; n < 3; n += 1) {
        farm.clock.advance(1_000)
        await makeBackup(farm, here, {
          minerId: here.minerIds[n]!,
          asked: { parameters: { name: `Night ${n}` } },
        })
      }
      farm.clock.advance(1_000)
      await makeBackup(farm, here, { asked: { type: "CHANGE_POOL" } })
      const names = async (filter: Parameters<typeof listBackups>[1]) =>
        (await listBackups(farm.as(reader), filter)).rows.map((one) => one.name)
      expect(await names({})).toEqual(["Before the change of pools", "Night 2", "Night 1", "Night 0"])
      expect(await names({ kind: "manual", pageSize: 2 })).toEqual(["Night 2", "Night 1"])
      expect(await names({ kind: "manual", pageSize: 2, page: 2 })).toEqual(["Night 0"])
      expect(await names({ q: "night 1" })).toEqual(["Night 1"])
      expect(await names({ q: "10.0.0.3" })).toEqual(["Night 2"])
      expect(await names({ q: "100%" })).toEqual([])
      expect(await names({ minerId: here.minerIds[1] })).toEqual(["Night 1"])
      expect(await names({ siteId: site.siteId })).toEqual([])
      expect((await listBackups(farm.as(reader), { pageSize: 1 })).total).toBe(4)
    })

    it("D18 a client sees his machines' backups since he owns them, without names of staff; no other site's", async () => {
      const here = await farm.makeSite()
      const mine = here.minerIds[0]!
      const boss = await farm.makeUser("site_manager", here.siteId)
      const asked = { requestedBy: boss.userId }
      const client = await farm.makeUser("client", here.siteId, [mine])
      const before = await makeBackup(farm, here, { minerId: mine, asked, takenAt: new Date("2025-12-31") })
      const since = await makeBackup(farm, here, { minerId: mine, asked })
      const anothers = await makeBackup(farm, here, { minerId: here.minerIds[1]!, asked })
      const foreign = await makeBackup(farm, site)
      const { rows } = await listBackups(farm.as(client))
      expect(rows.map((one) => [one.id, one.createdByName])).toEqual([[since, null]])
      for (const backupId of [before, anothers, foreign, "no-uuid"])
        for (const act of [readBackup, exportBackup, deleteBackup, validateBackup])
          await expect(act(farm.as(client), { backupId })).rejects.toMatchObject({ code: "NOT_FOUND" })
      await expect(
        compareBackups(farm.as(client), { backupId: since, withId: anothers }),
      ).rejects.toMatchObject({ code: "NOT_FOUND" })
      expect((await readBackup(farm.as(client), { backupId: since })).can).toEqual({
        change: false,
        restore: false,
      })
      await expect(deleteBackup(farm.as(client), { backupId: since })).rejects.toMatchObject({
        code: "FORBIDDEN",
      })
      farm.clock.advance(1_000)
      await farm.database
        .sql`update user_miners set to_at = ${farm.clock.now} where user_id = ${client.userId}`
      expect((await listBackups(farm.as(client))).rows).toEqual([])
    })

    it("D18 a technician and strangers see none", async () => {
      const id = await makeBackup(farm, site)
      const technician = await farm.makeUser("technician", site.siteId)
      await expect(listBackups(farm.as(technician))).rejects.toMatchObject({ code: "FORBIDDEN" })
      await expect(readBackup(farm.as(technician), { backupId: id })).rejects.toMatchObject({
        code: "FORBIDDEN",
      })
      const anonymous: Actor = { kind: "anonymous" }
      for (const actor of [anonymous, site.device])
        await expect(listBackups(farm.as(actor))).rejects.toThrow()
      const elsewhere = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
      for (const act of [readBackup, deleteBackup, validateBackup])
        await expect(act(farm.as(elsewhere), { backupId: id })).rejects.toMatchObject({ code: "NOT_FOUND" })
    })
  })

  describe("acting", () => {
    it.each(["auditor", "technician", "client"] as const)("a %s changes nothing", async (role) => {
      const id = await makeBackup(farm, site)
      const before = await row(id)
      const ctx = farm.as(
        await farm.makeUser(role, site.siteId, role === "client" ? [site.minerIds[0]!] : []),
      )
      for (const act of [
        () => deleteBackup(ctx, { backupId: id }),
        () => validateBackup(ctx, { backupId: id }),
        () => renameBackup(ctx, { backupId: id, name: "Mine" }),
      ])
        await expect(act()).rejects.toMatchObject({ code: "FORBIDDEN" })
      expect(await row(id)).toEqual(before)
    })

    it("D09 validates against the farm as it is, and keeps what it found", async () => {
      const { sql } = farm.database
      const minerId = site.minerIds[1]!
      await sql`update hosting_miners set make = 'Bitmain', model = 'Antminer S19', firmware = 'stock',
        firmware_version = '2022-11' where id = ${minerId}`
      const id = await makeBackup(farm, site, { minerId, taken: taken({}, SEALED) })
      // The farm's collector was enrolled by the real clock, long after this one's.
      await sql`update edge_devices set enrolled_at = '2026-01-01' where id = ${site.device.deviceId}`
      expect(await validateBackup(farm.as(operator), { backupId: id })).toEqual({ problems: [] })
      expect((await readBackup(farm.as(operator), { backupId: id })).backup).toMatchObject({
        problems: [],
        validatedByName: "operator",
        validatedAt: farm.clock.now,
      })
      await sql`update hosting_miners set firmware_version = '2024-01' where id = ${minerId}`
      await sql`insert into miner_capabilities (site_id, make, model, firmware, firmware_version, features, device_id, reported_at)
        values (${site.siteId}, 'Bitmain', 'Antminer S19', 'stock', '2024-01',
          ${JSON.stringify({ RESTORE_CONFIG: "its web page is locked" })}::jsonb, ${site.device.deviceId}, now())`
      expect(await validateBackup(farm.as(operator), { backupId: id })).toEqual({
        problems: [expect.stringContaining("its web page is locked"), expect.stringContaining("2024-01")],
      })
      const audits = await sql`
        select details from audit_log where action = 'backup.validate' and subject_id = ${id} order by id`
      expect(audits).toHaveLength(2)
      expect(audits[1]?.details).toMatchObject({ minerId, problems: { length: 2 } })
    })

    it("D09 tells what cannot be deciphered", async () => {
      const id = await makeBackup(farm, site)
      const ctx = { ...farm.as(operator), vault: createVault("another secret, just as long") }
      expect((await validateBackup(ctx, { backupId: id })).problems).toEqual([
        expect.stringContaining("LAMPROOM_SECRET"),
      ])
    })

    it("renames, audited with before and after", async () => {
      const id = await makeBackup(farm, site)
      await renameBackup(farm.as(operator), { backupId: id, name: " Keep ", description: "The good one" })
      expect(await row(id)).toMatchObject({ name: "Keep", description: "The good one" })
      await expect(renameBackup(farm.as(operator), { backupId: id, name: " " })).rejects.toMatchObject({
        code: "INVALID",
        details: [{ path: "name" }],
      })
      const [audit] = await farm.database.sql`
        select before, after, actor from audit_log where action = 'backup.rename' and subject_id = ${id}`
      expect(audit).toMatchObject({ before: { name: "Before summer" }, after: { name: "Keep" } })
    })

    it("deletes, audited, but not while a command restores it", async () => {
      const id = await makeBackup(farm, site)
      const restoring = await makeCommand(farm, site.siteId, {
        type: "RESTORE_CONFIG",
        parameters: { backup_id: id },
        status: "PENDING_APPROVAL",
      })
      await expect(deleteBackup(farm.as(operator), { backupId: id })).rejects.toMatchObject({
        code: "CONFLICT",
      })
      await farm.database.sql`update remote_commands set status = 'CANCELLED' where id = ${restoring}`
      expect(await deleteBackup(farm.as(operator), { backupId: id })).toEqual({ name: "Before summer" })
      expect(await row(id)).toBeUndefined()
      await expect(deleteBackup(farm.as(operator), { backupId: id })).rejects.toMatchObject({
        code: "NOT_FOUND",
      })
      const [audit] = await farm.database.sql`
        select before from audit_log where action = 'backup.delete' and subject_id = ${id}`
      expect(audit?.before).toMatchObject({ name: "Before summer", kind: "manual" })
    })
  })

  describe("comparing and downloading", () => {
    it("tells what differs by path, what is named first, and that sealed passwords cannot be compared", async () => {
      const backupId = await makeBackup(farm, site, { taken: taken({}, SEALED) })
      const withId = await makeBackup(farm, site, {
        minerId: site.minerIds[1]!,
        taken: taken(
          {
            pools: [{ url: "stratum+tcp://pool.example.com:3333", user: "farm.two" }],
            fan: { mode: "manual", speed_pct: 80 },
            raw: { "bitmain-freq": "600" },
          },
          SEALED,
        ),
      })
      const { differences, passwords } = await compareBackups(farm.as(operator), { backupId, withId })
      expect(passwords).toBe("unknown")
      expect(differences).toEqual([
        { path: "pools.0.user", left: "farm.one", right: "farm.two" },
        { path: "pools.1.url", left: "stratum+tcp://backup.example.com:3333", right: null },
        { path: "pools.1.user", left: "farm.one", right: null },
        { path: "fan.mode", left: "auto", right: "manual" },
        { path: "fan.speed_pct", left: null, right: "80" },
        { path: "raw.bitmain-freq", left: "675", right: "600" },
        { path: "raw.pools.0.url", left: "stratum+tcp://pool.example.com:3333", right: null },
        { path: "raw.pools.0.user", left: "farm.one", right: null },
        { path: "raw.pools.0.pass", left: "***", right: null },
      ])
      const without = await makeBackup(farm, site)
      expect(await compareBackups(farm.as(operator), { backupId, withId: without })).toMatchObject({
        differences: [],
        passwords: "differ",
      })
      expect(await compareBackups(farm.as(operator), { backupId: without, withId: without })).toMatchObject({
        passwords: "none",
      })
      const other = await makeBackup(farm, site, { taken: taken({ family: "whatsminer-v2" }) })
      await expect(compareBackups(farm.as(operator), { backupId, withId: other })).rejects.toMatchObject({
        code: "INVALID",
      })
    })

    it("D18 the downloaded document holds the settings, masked, and no ciphertext", async () => {
      const id = await makeBackup(farm, site, { taken: taken({ raw: { pass: "hunter2" } }, SEALED) })
      const { fileName, text } = await exportBackup(farm.as(operator), { backupId: id })
      expect(fileName).toMatch(/^backup-s-\w+-1-2026-05-04\.json$/)
      expect(JSON.parse(text)).toMatchObject({
        id,
        format: "lamproom-backup/1",
        config: { raw: { pass: "***" } },
      })
      for (const secret of ["hunter2", SEALED, "v1."]) expect(text).not.toContain(secret)
    })

    it("finds what a command took of a machine, as far as one may look", async () => {
      const commandId = await makeCommand(farm, site.siteId)
      const asked = { commandId, minerId: site.minerIds[0]! }
      expect(await findTakenBackup(farm.as(operator), asked)).toBeNull()
      const backupId = await makeBackup(farm, site, { commandId })
      expect(await findTakenBackup(farm.as(operator), asked)).toEqual({ backupId })
      const elsewhere = await farm.makeUser("operator", (await farm.makeSite()).siteId)
      expect(await findTakenBackup(farm.as(elsewhere), asked)).toBeNull()
    })
  })
})
