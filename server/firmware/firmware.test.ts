import { createHash, randomBytes, randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openDatabase } from "#db/client.ts"
import { ARTIFACT_PIECE_BYTES } from "#server/contract/edge.ts"
import type { UserActor } from "../access/actor.ts"
import { previewCommand } from "../commands/preview-command.ts"
import { type FarmSite, useFarm } from "../commands/test/farm.ts"
import type { Context } from "../context.ts"
import { deleteArtifact } from "./delete-artifact.ts"
import { listArtifacts } from "./list-artifacts.ts"
import { readArtifactPiece } from "./read-artifact-piece.ts"
import { type UploadLimits, uploadArtifact } from "./upload-artifact.ts"

describe("firmware files", () => {
  const farm = useFarm()
  let site: FarmSite
  let admin: UserActor
  beforeAll(async () => {
    site = await farm.makeSite()
    admin = await farm.makeUser("admin", site.siteId)
  })

  async function* chunksOf(bytes: Uint8Array, size = 65_537): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
  }
  const facts = () => ({
    fileName: `fw-${randomUUID()}.tar.gz`,
    version: "2026.05",
    notes: "Fixes the fans.",
    families: ["antminer-stock" as const],
    models: ["Antminer S19"],
  })
  const upload = (ctx: Context, stream: AsyncIterable<Uint8Array>, limits?: UploadLimits) =>
    uploadArtifact(ctx, { ...facts(), stream }, limits)
  /** What is stored at all: rows, and large objects with their pages. */
  const stored = async () => {
    // Pages of large objects are shown to superusers only.
    const owner = openDatabase(farm.database.ownerUrl, { max: 1, name: "stored" })
    try {
      const [row] = await owner.sql<{ rows: number; objects: number; pages: number }[]>`
        select (select count(*) from firmware_artifacts)::int as rows,
          (select count(*) from pg_largeobject_metadata)::int as objects,
          (select count(distinct loid) from pg_largeobject)::int as pages`
      return row
    } finally {
      await owner.close()
    }
  }

  it("D20 decision 24: an admin's upload is stored whole, with its sha-256, and audited", async () => {
    const bytes = randomBytes(1_500_003)
    const made = await upload(farm.as(admin), chunksOf(bytes))
    expect(made).toMatchObject({
      sizeBytes: bytes.byteLength,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    })
    const { artifacts, can } = await listArtifacts(farm.as(admin))
    expect(can.manage).toBe(true)
    expect(artifacts.find((one) => one.id === made.artifactId)).toMatchObject({
      sha256: made.sha256,
      families: ["antminer-stock"],
      models: ["Antminer S19"],
      uploadedByName: "admin",
    })
    const [kept] = await farm.database.sql<{ bytes: Buffer }[]>`
      select lo_get(object_id::oid) as bytes from firmware_artifacts where id = ${made.artifactId}`
    expect(kept?.bytes.equals(bytes)).toBe(true)
    const [audit] = await farm.database.sql`
      select actor, after from audit_log where action = 'firmware.upload' and subject_id = ${made.artifactId}`
    expect(audit).toMatchObject({ actor: expect.stringContaining("user:"), after: { sha256: made.sha256 } })
  })

  it("nothing is left of an upload that is cut off, too large, empty, standing still or a repeat", async () => {
    const bytes = randomBytes(700_000)
    await upload(farm.as(admin), chunksOf(bytes))
    const before = await stored()
    async function* cut() {
      yield bytes
      throw new Error("the line went dead")
    }
    async function* still() {
      yield bytes
      await new Promise(() => {})
    }
    await expect(upload(farm.as(admin), cut())).rejects.toThrow("the line went dead")
    await expect(
      upload(farm.as(admin), chunksOf(randomBytes(10_001)), { maxBytes: 10_000 }),
    ).rejects.toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
    })
    await expect(upload(farm.as(admin), chunksOf(new Uint8Array()))).rejects.toMatchObject({
      code: "INVALID",
    })
    await expect(upload(farm.as(admin), still(), { stallMs: 5 })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    })
    await expect(upload(farm.as(admin), chunksOf(bytes))).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("here already"),
    })
    expect(await stored()).toEqual(before)
  })

  it("takes exactly the largest size, and stops reading past it", async () => {
    await upload(farm.as(admin), chunksOf(randomBytes(10_000)), { maxBytes: 10_000 })
    let given = 0
    async function* endless() {
      for (;;) {
        given += 1_000
        yield randomBytes(1_000)
      }
    }
    await expect(upload(farm.as(admin), endless(), { maxBytes: 10_000 })).rejects.toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
    })
    expect(given).toBe(11_000)
  })

  it("says that the disk is full, and leaves nothing", async () => {
    const { sql } = farm.database
    await sql.unsafe(`create function public.lo_put(oid, bigint, bytea) returns void language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`)
    const full = openDatabase(`${farm.database.url}?search_path=public,pg_catalog`, { max: 1, name: "full" })
    const before = await stored()
    try {
      const ctx = { ...farm.as(admin), db: full.db, sql: full.sql }
      await expect(upload(ctx, chunksOf(randomBytes(100)))).rejects.toMatchObject({
        code: "UNAVAILABLE",
        message: expect.stringContaining("disk is full"),
      })
    } finally {
      await full.close()
      await sql`drop function public.lo_put(oid, bigint, bytea)`
    }
    expect(await stored()).toEqual(before)
  })

  it("one upload at a time", async () => {
    let go = () => {}
    const wait = new Promise<void>((resolve) => {
      go = resolve
    })
    let begun = () => {}
    const began = new Promise<void>((resolve) => {
      begun = resolve
    })
    async function* slow() {
      begun()
      yield randomBytes(10)
      await wait
      yield randomBytes(10)
    }
    const first = upload(farm.as(admin), slow())
    await began
    await expect(upload(farm.as(admin), chunksOf(randomBytes(10)))).rejects.toMatchObject({
      code: "CONFLICT",
    })
    go()
    expect((await first).sizeBytes).toBe(20)
  })

  it.each([
    "site_manager",
    "operator",
    "technician",
    "auditor",
    "client",
  ] as const)("D18 a %s may not upload or delete, and sees the list only where he may ask for updates", async (role) => {
    const { artifactId } = await upload(farm.as(admin), chunksOf(randomBytes(10)))
    const before = await stored()
    const actor = await farm.makeUser(role, site.siteId, role === "client" ? site.minerIds : [])
    await expect(upload(farm.as(actor), chunksOf(randomBytes(10)))).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    await expect(deleteArtifact(farm.as(actor), { artifactId })).rejects.toMatchObject({ code: "FORBIDDEN" })
    if (role === "site_manager" || role === "operator")
      expect((await listArtifacts(farm.as(actor))).can).toEqual({ manage: false })
    else await expect(listArtifacts(farm.as(actor))).rejects.toMatchObject({ code: "FORBIDDEN" })
    expect(await stored()).toEqual(before)
  })

  it("refuses families that nobody drives, and names with paths in them", async () => {
    const ctx = farm.as(admin)
    for (const wrong of [{ families: ["toaster"] }, { families: [] }, { fileName: "../x" }, { version: " " }])
      await expect(
        uploadArtifact(ctx, { ...facts(), ...wrong, stream: chunksOf(randomBytes(9)) } as never),
      ).rejects.toMatchObject({ code: "INVALID" })
  })

  describe("for collectors", () => {
    let artifactId = ""
    const bytes = randomBytes(ARTIFACT_PIECE_BYTES + 77)
    const instanceId = randomUUID()
    const ask = (offset: number, device = site.device) =>
      readArtifactPiece(farm.as(device), { instance_id: instanceId, artifact_id: artifactId, offset })
    beforeAll(async () => {
      artifactId = (await upload(farm.as(admin), chunksOf(bytes))).artifactId
    })
    afterAll(() => farm.database.sql`delete from miner_commands`)

    async function makeRow(status: string, type = "UPDATE_FIRMWARE", named = artifactId): Promise<void> {
      const { sql } = farm.database
      const parameters = JSON.stringify({ artifact_id: named })
      await sql`delete from miner_commands`
      await sql`insert into miner_commands (site_id, remote_command_id, miner_id, device_id, command_type, parameters,
          feature, status, priority)
        values (${site.siteId}, ${randomUUID()}, ${site.minerIds[0]!}, ${site.device.deviceId}, ${type},
          ${parameters}::jsonb, ${type}, ${status}, 5)`
    }

    it("D20 gives the pieces to the collector that holds the update, and the whole is the file", async () => {
      await makeRow("sent")
      const first = await ask(0)
      expect(first).toMatchObject({ offset: 0, size_bytes: bytes.byteLength })
      const parts = [Buffer.from(first.piece, "base64")]
      expect(parts[0]?.byteLength).toBe(ARTIFACT_PIECE_BYTES)
      parts.push(Buffer.from((await ask(ARTIFACT_PIECE_BYTES)).piece, "base64"))
      expect(Buffer.concat(parts).equals(bytes)).toBe(true)
      expect(createHash("sha256").update(Buffer.concat(parts)).digest("hex")).toBe(first.sha256)
      expect((await ask(bytes.byteLength)).piece).toBe("")
    })

    it("D18 gives nothing for a command that is not held, is another, or names another file", async () => {
      for (const status of ["pending", "completed", "failed", "expired", "cancelled"]) {
        await makeRow(status)
        await expect(ask(0), status).rejects.toMatchObject({ code: "NOT_FOUND" })
      }
      await makeRow("sent", "RESTORE_CONFIG")
      await expect(ask(0)).rejects.toMatchObject({ code: "NOT_FOUND" })
      await makeRow("sent", "UPDATE_FIRMWARE", randomUUID())
      await expect(ask(0)).rejects.toMatchObject({ code: "NOT_FOUND" })
    })

    it("D18 gives nothing to another collector, and nothing to people", async () => {
      await makeRow("sent")
      const other = await farm.makeSite()
      await expect(ask(0, other.device)).rejects.toMatchObject({ code: "NOT_FOUND" })
      await expect(
        readArtifactPiece(farm.as(admin), { instance_id: instanceId, artifact_id: artifactId, offset: 0 }),
      ).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    })
  })

  it("D20 the preview keeps a file away from machines of another make", async () => {
    const here = await farm.makeSite()
    const [antminer, whatsminer, unknown] = here.minerIds
    await farm.database.sql`update hosting_miners set make = 'Antminer' where id = ${antminer!}`
    await farm.database.sql`update hosting_miners set make = 'WhatsMiner' where id = ${whatsminer!}`
    const seen = async (families: ("whatsminer-v2" | "antminer-stock" | "generic-cgminer")[]) => {
      const { artifactId } = await uploadArtifact(farm.as(admin), {
        ...facts(),
        families,
        models: [],
        stream: chunksOf(randomBytes(10)),
      })
      const { targets } = await previewCommand(farm.as(admin), {
        targets: { minerIds: [antminer!, whatsminer!, unknown!] },
        action: { type: "UPDATE_FIRMWARE", parameters: { artifact_id: artifactId } },
      })
      return Object.fromEntries(targets.map((one) => [one.minerId, one.group]))
    }
    expect(await seen(["whatsminer-v2"])).toEqual({
      [antminer!]: "cannot",
      [whatsminer!]: "will_run",
      [unknown!]: "will_run",
    })
    expect(Object.values(await seen(["antminer-stock", "whatsminer-v2"]))).toEqual(Array(3).fill("will_run"))
    expect(Object.values(await seen(["generic-cgminer"]))).toEqual(Array(3).fill("will_run"))
  })

  it("deletes the bytes, keeps the name, and not while an update waits", async () => {
    const { sql } = farm.database
    const before = await stored()
    const bytes = randomBytes(10)
    const { artifactId } = await upload(farm.as(admin), chunksOf(bytes))
    const commandId = randomUUID()
    await sql`insert into remote_commands (site_id, id, request_id, command_type, parameters, status, target_ids,
        priority, ttl_minutes, requested_at)
      values (${site.siteId}, ${commandId}, ${randomUUID()}, 'UPDATE_FIRMWARE',
        ${JSON.stringify({ artifact_id: artifactId })}::jsonb, 'PENDING_APPROVAL', '{}', 5, 30, now())`
    await expect(deleteArtifact(farm.as(admin), { artifactId })).rejects.toMatchObject({ code: "CONFLICT" })
    await sql`update remote_commands set status = 'CANCELLED' where id = ${commandId}`
    await deleteArtifact(farm.as(admin), { artifactId })
    expect(await stored()).toEqual({ ...before, rows: (before?.rows ?? 0) + 1 })
    await expect(deleteArtifact(farm.as(admin), { artifactId })).rejects.toMatchObject({ code: "NOT_FOUND" })
    const [audit] = await sql`
      select before from audit_log where action = 'firmware.delete' and subject_id = ${artifactId}`
    expect(audit?.before).toMatchObject({ version: "2026.05" })
    await upload(farm.as(admin), chunksOf(bytes))
  })
})
