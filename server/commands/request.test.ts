import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { openSealed, SEAL_PURPOSES } from "#server/sealed-box.ts"
import type { Actor, UserActor } from "../access/actor.ts"
import { createContext } from "../context.ts"
import { previewCommand } from "./preview-command.ts"
import { requestCommand } from "./request-command.ts"
import { DEVICE_KEY, type FarmSite, useFarm, WORKER } from "./test/farm.ts"

type Input = Parameters<typeof requestCommand>[1]
const SOFT = { type: "REBOOT", parameters: { mode: "soft" } }
const HARD = { type: "REBOOT", parameters: { mode: "hard" } }
const POOL = { url: "stratum+tcp://pool.example:3333", worker_name: "acct.{worker}" }

describe("requesting a command", () => {
  const farm = useFarm()

  const setUp = async (
    settings?: Record<string, unknown>,
    size?: { miners: number },
  ): Promise<FarmSite & { admin: UserActor; operator: UserActor }> => {
    const site = await farm.makeSite(settings, size)
    return {
      ...site,
      admin: await farm.makeUser("admin", site.siteId),
      operator: await farm.makeUser("operator", site.siteId),
    }
  }
  const send = async (
    actor: Actor,
    targets: Input["targets"] | number[],
    action: Input["action"],
    more: Partial<Input> = {},
  ) => {
    const { commands } = await requestCommand(farm.as(actor), {
      requestId: randomUUID(),
      targets: Array.isArray(targets) ? { minerIds: targets } : targets,
      action,
      ...more,
    })
    return commands
  }
  const one = async (...args: Parameters<typeof send>) => (await send(...args))[0]!
  const stored = async (id: string) =>
    (await farm.database.sql`select * from remote_commands where id = ${id}`)[0] as Record<string, unknown>
  const jobsOf = (id: string) =>
    farm.database
      .sql`select data from pgboss.job where name = 'command.dispatch' and data->>'commandId' = ${id}`
  const countAt = async (siteId: number) =>
    Number(
      (await farm.database.sql`select count(*) as n from remote_commands where site_id = ${siteId}`)[0]?.n,
    )
  const sealedOf = (id: string) =>
    farm.database.sql<{ device_id: number; sealed: string }[]>`
      select device_id, sealed from sealed_secrets where subject_id = ${id} order by device_id`

  it("A15 A19 A27: stored with a result per target, audited, and sent to be dispatched in the same transaction", async () => {
    const { siteId, operator, minerIds } = await setUp()
    const command = await one(operator, [minerIds[2]!], SOFT, { note: "hangs" })
    expect(command).toMatchObject({ siteId, status: "QUEUED", approvalReasons: [] })
    expect(await jobsOf(command.id)).toHaveLength(1)
    expect(await stored(command.id)).toMatchObject({
      command_type: "REBOOT",
      parameters: { mode: "soft" },
      source: "manual",
      target_ids: [minerIds[2]],
      target_count: 1,
      target_filter: null,
      batch_id: null,
      note: "hangs",
      priority: 5,
      ttl_minutes: 30,
      requested_by: operator.userId,
      approval_expires_at: null,
      wave_size: null,
      backup_first: false,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const results = await farm.database.sql`
      select miner_id, result_status from remote_command_results where command_id = ${command.id}`
    expect([...results]).toEqual([{ miner_id: minerIds[2], result_status: "PENDING" }])
    const audit = await farm.database.sql`
      select action, user_id, source from audit_log where subject_id = ${command.id} order by id`
    expect([...audit]).toEqual([
      { action: "command.request", user_id: operator.userId, source: "manual" },
      { action: "command.queue", user_id: operator.userId, source: "manual" },
    ])
  })

  it("B08 D05 D06: one machine and many answer at once with command and state, by the older names too, with five as priority and half an hour to live unless told", async () => {
    const { admin, minerIds } = await setUp()
    const single = await one(admin, [minerIds[0]!], { type: "reboot", parameters: {} })
    expect(single).toMatchObject({ status: "QUEUED", id: expect.any(String) })
    expect(await stored(single.id)).toMatchObject({
      parameters: { mode: "hard" },
      priority: 5,
      ttl_minutes: 30,
    })
    const bulk = await one(admin, minerIds, SOFT, { priority: 9, ttlMinutes: 120 })
    expect(await stored(bulk.id)).toMatchObject({ target_count: 4, priority: 9, ttl_minutes: 120 })
    for (const wrong of [{ priority: 0 }, { priority: 11 }, { ttlMinutes: 0 }, { ttlMinutes: 1_441 }])
      await expect(one(admin, minerIds, SOFT, wrong)).rejects.toMatchObject({ code: "INVALID" })
  })

  it("A29 a non-admin's batch waits for approval and no job is sent; an admin's runs", async () => {
    const { operator, admin, minerIds } = await setUp()
    const waiting = await one(operator, minerIds, SOFT)
    expect(waiting).toMatchObject({ status: "PENDING_APPROVAL", approvalReasons: ["batch"] })
    expect((await stored(waiting.id)).approval_expires_at).toEqual(
      new Date(farm.clock.now.getTime() + 24 * 3_600_000),
    )
    expect(await jobsOf(waiting.id)).toHaveLength(0)
    expect(await one(admin, minerIds, SOFT)).toMatchObject({ status: "QUEUED" })
  })

  it("leaves nothing behind when the queue cannot take the job", async () => {
    const { siteId, operator, minerIds } = await setUp()
    const ctx = farm.as(operator)
    const broken = { ...ctx, queue: { ...ctx.queue, send: () => Promise.reject(new Error("no queue")) } }
    const input = { requestId: randomUUID(), targets: { minerIds: [minerIds[0]!] }, action: SOFT }
    await expect(requestCommand(broken, input)).rejects.toThrow("no queue")
    expect(await countAt(siteId)).toBe(0)
    expect((await requestCommand(ctx, input)).commands).toHaveLength(1)
  })

  it("decision 15: runs a double click once, also when the selection changed between, and refuses another's request id", async () => {
    const { admin, minerIds, siteId } = await setUp()
    const input = { requestId: randomUUID(), targets: { minerIds: minerIds.slice(0, 1) }, action: SOFT }
    const both = await Promise.all([1, 2, 3].map(() => requestCommand(farm.as(admin), input)))
    expect(new Set(both.map((made) => made.commands[0]?.id)).size).toBe(1)
    const again = { ...input, targets: { filter: { siteId, status: "hot" as const }, expect: "other" } }
    expect(await requestCommand(farm.as(admin), again)).toEqual(both[0])
    expect(await countAt(siteId)).toBe(1)
    const other = await farm.makeUser("operator", siteId)
    await expect(requestCommand(farm.as(other), input)).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it("decision 15: one command a site under one batch, and none when a machine is foreign", async () => {
    const a = await setUp()
    const b = await setUp()
    const mixed = [a.minerIds[0]!, b.minerIds[0]!]
    const commands = await send(a.admin, mixed, SOFT)
    expect(commands.map((command) => command.siteId)).toEqual([a.siteId, b.siteId])
    const batches = await Promise.all(commands.map(async ({ id }) => (await stored(id)).batch_id))
    expect(batches[0]).toMatch(/-/)
    expect(batches[1]).toBe(batches[0])
    await expect(send(a.operator, mixed, SOFT)).rejects.toMatchObject({ code: "NOT_FOUND" })
    expect(await countAt(b.siteId)).toBe(1)
    expect(await countAt(a.siteId)).toBe(1)
    const halfAuditor: UserActor = {
      ...a.operator,
      memberships: new Map([
        [a.siteId, "operator"],
        [b.siteId, "auditor"],
      ]),
    }
    await expect(send(halfAuditor, mixed, SOFT)).rejects.toMatchObject({ code: "FORBIDDEN" })
    expect(await countAt(a.siteId)).toBe(1)
    await farm.database.sql`update hosting_sites set archived_at = now() where id = ${b.siteId}`
    await expect(send(b.admin, [b.minerIds[0]!], SOFT)).rejects.toMatchObject({ code: "NOT_FOUND" })
  })

  it("D13 a filter is resolved once and frozen; what the preview showed is what is asked for", async () => {
    const { siteId, operator, minerIds } = await setUp({ approval_batch_threshold: 10 })
    const { sql } = farm.database
    await sql`update hosting_miners set tags = '{north}' where id = any(${minerIds.slice(0, 3)}::int[])`
    await sql`update hosting_miners set state = 'retired' where id = ${minerIds[2]!}`
    const filter = { siteId, tag: "North" }
    const seen = await previewCommand(farm.as(operator), { targets: { filter }, action: SOFT })
    const command = await one(operator, { filter, expect: seen.digest }, SOFT)
    expect(await stored(command.id)).toMatchObject({
      target_ids: minerIds.slice(0, 2),
      target_filter: { siteId, tag: "north" },
    })
    await sql`update hosting_miners set tags = '{north}' where id = ${minerIds[3]!}`
    expect((await stored(command.id)).target_ids).toEqual(minerIds.slice(0, 2))
    await expect(one(operator, { filter, expect: seen.digest }, SOFT)).rejects.toMatchObject({
      code: "CONFLICT",
      message: /selection changed/,
    })
    expect((await stored((await one(operator, { filter }, SOFT)).id)).target_ids).toHaveLength(3)

    const foreign = await farm.makeSite()
    await expect(one(operator, { filter: { siteId: foreign.siteId } }, SOFT)).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    // Without a site, a filter finds what the actor may see and nothing else.
    const everywhere = await send(operator, { filter: {} }, SOFT)
    expect(everywhere.map((made) => made.siteId)).toEqual([siteId])
    await expect(one(operator, { filter: { tag: "nowhere" } }, SOFT)).rejects.toMatchObject({
      code: "INVALID",
    })
    await expect(one(operator, { filter: { q: "a\0" } }, SOFT)).rejects.toMatchObject({ code: "INVALID" })
    await expect(one(operator, { minerIds: [] }, SOFT)).rejects.toMatchObject({ code: "INVALID" })
  })

  it.each([
    ["A21 REBOOT without a mode", { type: "REBOOT", parameters: {} }],
    ["A21 REBOOT of no known mode", { type: "REBOOT", parameters: { mode: "later" } }],
    ["A22 POWER_MODE of no known mode", { type: "POWER_MODE", parameters: { mode: "turbo" } }],
    ["A22 POWER_MODE under its range", { type: "POWER_MODE", parameters: { power_limit_w: 99 } }],
    ["A22 both mode and limit", { type: "POWER_MODE", parameters: { mode: "eco", power_limit_w: 3_000 } }],
    [
      "A23 a pool without a port",
      { type: "set_pool", parameters: { pool_url: "stratum+tcp://pool", worker_name: "a" } },
    ],
    [
      "A23 a pool that is a web page",
      { type: "CHANGE_POOL", parameters: { pools: [{ url: "http://x:80", worker_name: "a" }] } },
    ],
    ["A23 four pools", { type: "CHANGE_POOL", parameters: { pools: [POOL, POOL, POOL, POOL] } }],
    [
      "A23 D07 a slot that no miner has",
      { type: "CHANGE_POOL", parameters: { pools: [POOL], pool_number: 3 } },
    ],
    [
      "A23 a worker with a blank",
      { type: "CHANGE_POOL", parameters: { pools: [{ ...POOL, worker_name: "a b" }] } },
    ],
    ["A24 SET_FREQ over its range", { type: "SET_FREQ", parameters: { frequency_mhz: 1_501 } }],
    ["A24 SET_FREQ as text", { type: "SET_FREQ", parameters: { frequency_mhz: "500" } }],
    ["A25 manual fans without a speed", { type: "THERMAL_POLICY", parameters: { fan_mode: "manual" } }],
    [
      "A25 warning over critical",
      { type: "THERMAL_POLICY", parameters: { fan_mode: "auto", temp_warning_c: 90, temp_critical_c: 80 } },
    ],
    ["A26 LED of no known state", { type: "LED", parameters: { state: "blink" } }],
    ["E18 a command that is none", { type: "RUN_SHELL", parameters: { cmd: "reboot" } }],
    ["E18 a parameter that is none", { type: "LED", parameters: { state: "on", cmd: "rm -rf /" } }],
    ["a text that no database stores", { type: "BACKUP_CONFIG", parameters: { name: "a\0b" } }],
    ["half a character", { type: "SET_FREQ", parameters: { frequency_mhz: 500, profile: "\ud800" } }],
  ])("refuses %s, and stores nothing", async (_name, action) => {
    const { siteId, admin, minerIds } = await setUp()
    await expect(send(admin, [minerIds[0]!], action)).rejects.toMatchObject({
      code: "INVALID",
      details: expect.arrayContaining([
        { path: expect.stringMatching(/^action/), message: expect.any(String) },
      ]),
    })
    expect(await countAt(siteId)).toBe(0)
  })

  it.each([
    ["restart", {}, "REBOOT", { mode: "soft" }],
    ["Reboot", {}, "REBOOT", { mode: "hard" }],
    ["power_on", {}, "ENABLE", {}],
    ["POWER_OFF", {}, "DISABLE", {}],
    ["set_frequency", { frequency_mhz: 500 }, "SET_FREQ", { frequency_mhz: 500 }],
    [
      "set_fan",
      { fan_mode: "manual", fan_speed_pct: 80 },
      "THERMAL_POLICY",
      { fan_mode: "manual", fan_speed_pct: 80 },
    ],
    [
      "pool_switch",
      { pool_url: POOL.url, worker_name: "a.b", pool_password: "s3cret", pool_number: 1 },
      "CHANGE_POOL",
      { pools: [{ url: POOL.url, worker_name: "a.b" }], pool_number: 1 },
    ],
    [
      "set_pool",
      { pool_url: POOL.url, worker_name: "a.b", password: "s3cret" },
      "CHANGE_POOL",
      { pools: [{ url: POOL.url, worker_name: "a.b" }], pool_number: 0 },
    ],
  ])("B09 contradictions 5, 6, 7, 17: %s is an older name", async (type, parameters, canonical, asStored) => {
    const { admin, minerIds } = await setUp()
    const { id } = await one(admin, [minerIds[0]!], { type, parameters })
    expect(await stored(id)).toMatchObject({ command_type: canonical, parameters: asStored })
  })

  it("A23 D18 decision 22: passwords are sealed to every live collector of the site and stored nowhere else", async () => {
    const site = await setUp()
    const other = await setUp()
    const { sql } = farm.database
    await sql`insert into edge_devices (site_id, name, public_key, revoked_at) values
      (${site.siteId}, 'revoked', ${DEVICE_KEY.x}, now()), (${site.siteId}, 'keyless', null, null),
      (${site.siteId}, 'broken', 'no key', null)`
    const [second] = await sql<{ id: number }[]>`insert into edge_devices (site_id, name, public_key)
      values (${site.siteId}, 'second', ${DEVICE_KEY.x}) returning id`
    const password = `needle-${randomUUID()}`
    const spare = `needle-${randomUUID()}`
    const command = await one(site.operator, [site.minerIds[0]!], {
      type: "CHANGE_POOL",
      parameters: {
        pools: [
          { ...POOL, password },
          { ...POOL, password: spare },
        ],
      },
    })
    expect(command).toMatchObject({ status: "PENDING_APPROVAL", approvalReasons: ["dangerous"] })
    const sealed = await sealedOf(command.id)
    expect(sealed.map((row) => row.device_id)).toEqual([site.device.deviceId, second!.id])
    expect(new Set(sealed.map((row) => row.sealed)).size).toBe(2)
    for (const row of sealed)
      expect(JSON.parse(openSealed(DEVICE_KEY, SEAL_PURPOSES.command, row.sealed))).toEqual({
        passwords: [password, spare],
      })
    expect((await stored(command.id)).parameters).toEqual({ pools: [POOL, POOL] })
    const tables = await sql<{ table: string }[]>`
      select quote_ident(schemaname) || '.' || quote_ident(tablename) as table from pg_tables
      where schemaname in ('public', 'pgboss')`
    for (const { table } of tables) {
      const rows = await sql.unsafe(`select 1 from ${table} t where t::text like '%needle-%' limit 1`)
      expect(rows, table).toHaveLength(0)
    }
    expect(await sealedOf((await one(other.admin, [other.minerIds[0]!], SOFT)).id)).toHaveLength(0)
  })

  it("D15 decision 18: keeps the settings of its waves within their ranges, and the site's else", async () => {
    const { admin, minerIds, operator } = await setUp({ command_ttl_minutes: 45 })
    const settings = {
      waveSize: 50,
      wavePauseS: 0,
      waveFailPercent: 100,
      waveHashPercent: 0,
      priority: 10,
      ttlMinutes: 1_440,
    }
    expect(await stored((await one(admin, minerIds, SOFT, settings)).id)).toMatchObject({
      wave_size: 50,
      wave_pause_s: 0,
      wave_fail_percent: 100,
      wave_hash_percent: 0,
      priority: 10,
      ttl_minutes: 1_440,
    })
    expect(await stored((await one(admin, minerIds, SOFT)).id)).toMatchObject({
      wave_size: null,
      wave_pause_s: null,
      ttl_minutes: 45,
    })
    const wrong = [
      { waveSize: 0 },
      { waveSize: 50_001 },
      { wavePauseS: 86_401 },
      { wavePauseS: -1 },
      { waveFailPercent: 101 },
      { waveHashPercent: 0.5 },
      { priority: 0 },
      { priority: 11 },
      { ttlMinutes: 1_441 },
      { note: "x".repeat(501) },
    ]
    for (const setting of wrong)
      await expect(one(operator, minerIds, SOFT, setting), JSON.stringify(setting)).rejects.toMatchObject({
        code: "INVALID",
      })
  })

  it("D16 takes a backup first where the site or the request says so, for what changes a machine", async () => {
    const strict = await setUp({ backup_before_change: true })
    const loose = await setUp()
    const pool = { type: "CHANGE_POOL", parameters: { pools: [POOL] } }
    const first = async (site: typeof strict, action: Input["action"], backupFirst?: boolean) =>
      (await stored((await one(site.admin, [site.minerIds[0]!], action, { backupFirst })).id)).backup_first
    expect(await first(strict, pool, false)).toBe(true)
    expect(await first(strict, SOFT, true)).toBe(false)
    expect(await first(loose, pool)).toBe(false)
    expect(await first(loose, pool, true)).toBe(true)
  })

  it("restores only the backup of the only target, and updates only with a file that exists", async () => {
    const { admin, siteId, device, minerIds } = await setUp()
    const other = await setUp()
    const { sql } = farm.database
    const backup_id = randomUUID()
    await sql`insert into miner_backups ${sql({
      site_id: siteId,
      id: backup_id,
      miner_id: minerIds[0]!,
      name: "b",
      kind: "manual",
      family: "antminer-stock",
      config: "",
      config_hash: "",
      device_id: device.deviceId,
      command_id: randomUUID(),
      created_at: farm.clock.now,
    })}`
    const restore = { type: "RESTORE_CONFIG", parameters: { backup_id } }
    for (const targets of [minerIds.slice(0, 2), [minerIds[1]!], [minerIds[0]!, other.minerIds[0]!]])
      await expect(one(admin, targets, restore)).rejects.toMatchObject({ code: "INVALID" })
    expect(await one(admin, [minerIds[0]!], restore)).toMatchObject({ status: "QUEUED" })

    const artifact_id = randomUUID()
    const update = { type: "UPDATE_FIRMWARE", parameters: { artifact_id } }
    await expect(one(admin, minerIds, update)).rejects.toMatchObject({ code: "INVALID" })
    await sql`insert into firmware_artifacts ${sql({
      id: artifact_id,
      file_name: "a",
      version: "1",
      families: ["antminer-stock"],
      models: [] as string[],
      sha256: randomUUID(),
      size_bytes: 1,
      uploaded_at: farm.clock.now,
    })}`
    expect(await one(admin, minerIds, update)).toMatchObject({ status: "QUEUED" })
    await sql`update firmware_artifacts set deleted_at = now() where id = ${artifact_id}`
    await expect(one(admin, minerIds, update)).rejects.toMatchObject({ code: "INVALID" })
  })

  it("decisions 13 and 14: who may ask for what", async () => {
    const open = await setUp({ client_commands_allowed: true })
    const closed = await setUp()
    const { siteId, minerIds } = open
    const client = await farm.makeUser("client", siteId, [minerIds[0]!])
    const own = [minerIds[0]!]
    expect(await one(client, own, SOFT)).toMatchObject({ status: "QUEUED" })
    expect(await one(client, own, { type: "LED", parameters: { state: "on" } })).toMatchObject({
      status: "QUEUED",
    })
    expect(await one(client, own, { type: "CHANGE_POOL", parameters: { pools: [POOL] } })).toMatchObject({
      status: "PENDING_APPROVAL",
    })
    await expect(one(client, own, HARD)).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(one(client, [minerIds[1]!], SOFT)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(one(client, own, SOFT, { priority: 10 })).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(one(client, own, SOFT, { waveSize: 1 })).rejects.toMatchObject({ code: "FORBIDDEN" })
    const his = await farm.makeUser("client", closed.siteId, [closed.minerIds[0]!])
    await expect(one(his, [closed.minerIds[0]!], SOFT)).rejects.toMatchObject({ code: "FORBIDDEN" })

    const technician = await farm.makeUser("technician", siteId)
    expect(await one(technician, own, SOFT)).toMatchObject({ status: "QUEUED" })
    expect(await one(technician, own, HARD)).toMatchObject({ status: "PENDING_APPROVAL" })
    await expect(one(technician, own, { type: "DISABLE" })).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(one(await farm.makeUser("auditor", siteId), own, SOFT)).rejects.toMatchObject({
      code: "FORBIDDEN",
    })
    await expect(one({ kind: "anonymous" }, own, SOFT)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
    await expect(one(open.device, own, SOFT)).rejects.toMatchObject({ code: "FORBIDDEN" })
  })

  it("D04 contradiction 27: schedules and the system go through the same engine, as the person behind or an operator", async () => {
    const { siteId, operator, admin, minerIds } = await setUp()
    const scheduled = (actor: Actor, minerIds: number[], action: Input["action"]) =>
      requestCommand(
        createContext(farm.services(), { actor, requestId: randomUUID(), source: "scheduled" }),
        { requestId: randomUUID(), targets: { minerIds }, action },
      ).then(({ commands }) => commands[0]!)
    const system = await scheduled(WORKER, minerIds, SOFT)
    expect(system).toMatchObject({ status: "PENDING_APPROVAL", approvalReasons: ["batch"] })
    expect(await stored(system.id)).toMatchObject({
      source: "scheduled",
      requested_by: null,
      site_id: siteId,
    })
    expect(await scheduled(WORKER, [minerIds[0]!], SOFT)).toMatchObject({ status: "QUEUED" })
    const behind = await scheduled(operator, minerIds, SOFT)
    expect(behind).toMatchObject({ status: "PENDING_APPROVAL" })
    expect((await stored(behind.id)).requested_by).toBe(operator.userId)
    expect(await scheduled(admin, minerIds, HARD)).toMatchObject({ status: "QUEUED" })
  })
})
