import { randomBytes, randomUUID } from "node:crypto"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { createTRPCClient, httpLink } from "@trpc/client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ensurePartitions } from "#db/partitions.ts"
import type { UserActor } from "#server/access/actor.ts"
import { createEnrollmentCode } from "#server/collectors/create-enrollment-code.ts"
import { revokeCollector } from "#server/collectors/revoke-collector.ts"
import { dispatchCommand } from "#server/commands/dispatch-command.ts"
import { readCommand } from "#server/commands/read-command.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import { setCommandsPaused } from "#server/commands/set-commands-paused.ts"
import { useFarm, WORKER } from "#server/commands/test/farm.ts"
import { readConfig } from "#server/config.ts"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import { cancelScan } from "#server/discovery/cancel-scan.ts"
import { requestScan } from "#server/discovery/request-scan.ts"
import { createLog, silentLog } from "#server/log.ts"
import { startWeb, type Web } from "#server/main.ts"
import { registry } from "#server/metrics.ts"
import type { Gateway } from "./router.ts"

const FLAGS = ["--port", "0", "--lamproom-secret", "a secret that is long enough for a test"]

describe("the edge gateway over HTTP", () => {
  const farm = useFarm()
  let web: Web
  let siteId: number
  let otherSiteId: number
  let admin: UserActor
  const logged: Record<string, unknown>[] = []

  beforeAll(async () => {
    await ensurePartitions(farm.database.sql, farm.clock.now)
    const site = await farm.makeSite()
    siteId = site.siteId
    otherSiteId = (await farm.makeSite()).siteId
    admin = await farm.makeUser("admin", siteId)
    const write = (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>)
    const log = createLog({ name: "web", destination: { write } })
    web = await startWeb(readConfig([...FLAGS, "--lamproom-trusted-proxies", "127.0.0.1"], {}), {
      log,
      now: () => farm.clock.now,
      database: { url: farm.database.url, embedded: false, release: async () => {} },
      pages: async () => new Response("page"),
    })
  })
  afterAll(() => web?.close())

  const clientOf = (headers: Record<string, string>) =>
    createTRPCClient<Gateway>({ links: [httpLink({ url: `${web.url}/trpc`, headers })] })

  let enrolled = 0
  async function enroll() {
    enrolled += 1
    const { code } = await createEnrollmentCode(farm.as(admin), {
      siteId,
      deviceName: `collector ${enrolled}`,
    })
    const instance_id = randomUUID()
    // Each from an address of its own: enrollment is limited per address.
    const answer = await clientOf({ "x-forwarded-for": `198.51.100.${enrolled}` }).edge.enroll.mutate({
      code,
      instance_id,
      public_key: randomBytes(32).toString("base64url"),
      edge_version: "test",
    })
    const client = clientOf({ "X-Collector-Key": answer.key })
    return {
      ...answer,
      instance_id,
      client,
      poll: { instance_id, journal_epoch: randomUUID(), journal_seq: 0 },
    }
  }
  const batch = (...samples: unknown[]) => ({
    batch_id: randomUUID(),
    collected_at: farm.clock.now.toISOString(),
    edge_version: "test",
    samples,
  })
  const sample = (miner_id: string) => ({
    miner_id,
    ip_address: "127.1.0.1",
    online: true,
    mining: true,
    hashrate_ghs: 100_000,
    collected_at: farm.clock.now.toISOString(),
  })
  const minerIdOf = async (name: string) => {
    const [row] = await farm.database.sql<
      { id: number }[]
    >`select id from hosting_miners where miner_id = ${name}`
    return row!.id
  }
  const send = (procedure: string, init: { headers?: Record<string, string>; body: string | Uint8Array }) =>
    fetch(`${web.url}/trpc/${procedure}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...init.headers },
      body: init.body as never,
    })
  const codeOf = async (answer: Response) =>
    ((await answer.json()) as { error?: { data: { appCode: string } } }).error?.data.appCode
  const uploads = async () => {
    const [row] = await farm.database.sql<
      { n: number }[]
    >`select count(*)::int as n from collector_upload_logs`
    return row?.n
  }
  const refusals = async () => {
    const metric = await registry.getSingleMetric("gateway_refused_total")?.get()
    return (metric?.values ?? []).reduce((sum, value) => sum + value.value, 0)
  }

  it("carries a command from the request to the result, woken by its notification", async () => {
    const edge = await enroll()
    const stored = await edge.client.telemetry.upload.mutate(batch(sample("SN-A"), sample("SN-B")))
    expect(stored).toMatchObject({ processed: 2, online: 2, duplicate: false, rejected: [] })
    const minerIds = [await minerIdOf("SN-A"), await minerIdOf("SN-B")]

    const waiting = edge.client.commands.poll.mutate({ ...edge.poll, wait_ms: 25_000, max: 100 })
    const { commands } = await requestCommand(farm.as(admin), {
      requestId: randomUUID(),
      targets: { minerIds },
      action: { type: "REBOOT", parameters: { mode: "soft" } },
    })
    const { id: commandId } = commands[0]!
    await dispatchCommand(farm.as(WORKER), { siteId, commandId })
    const polled = await waiting
    expect(polled.commands.map((row) => row.miner_id).sort()).toEqual(["SN-A", "SN-B"])

    const at = farm.clock.now.toISOString()
    const results = polled.commands.map(({ id, fencing_token }) => ({
      id,
      fencing_token,
      result_code: 0 as const,
      message: "restarted",
      ran: "restart",
      started_at: at,
      finished_at: at,
    }))
    const ack = () => edge.client.commands.ack.mutate({ instance_id: edge.instance_id, results })
    expect((await ack()).results.map((row) => row.state)).toEqual(["taken", "taken"])
    expect((await ack()).results.map((row) => row.state)).toEqual(["taken", "taken"])
    const done = await readCommand(farm.as(admin), { commandId })
    expect(done.command).toMatchObject({ status: "SUCCEEDED", succeeded: 2 })
    const stale = [{ ...results[0]!, fencing_token: "0" }]
    const again = await edge.client.commands.ack.mutate({ instance_id: edge.instance_id, results: stale })
    expect(again.results[0]?.state).toBe("stale")
  })

  it("answers a poll at once when asked not to wait, and when the process stops waiting for it", async () => {
    const edge = await enroll()
    const answer = await edge.client.commands.poll.mutate({ ...edge.poll, wait_ms: 0, max: 1 })
    expect(answer.commands).toEqual([])
    expect(answer.server_time).toBe(farm.clock.now.toISOString())
  })

  it("A21 tells a waiting poll of a scan to do and of one to end, and takes what was found once", async () => {
    const edge = await enroll()
    const poll = () => edge.client.commands.poll.mutate({ ...edge.poll, wait_ms: 25_000, max: 1 })
    const waiting = poll()
    const { scanId } = await requestScan(farm.as(admin), {
      requestId: randomUUID(),
      deviceId: edge.device_id,
      targets: ["10.0.3.0/30"],
    })
    expect(await waiting).toMatchObject({ discovery: true, commands: [] })
    const tell = (more: object = {}) =>
      edge.client.edge.discovery.mutate({ instance_id: edge.instance_id, ...more })
    expect(await tell()).toMatchObject({ scan: { id: scanId, ranges: ["10.0.3.1-10.0.3.2"] }, cancelled: [] })
    const ending = poll()
    await cancelScan(farm.as(admin), { scanId })
    expect(await ending).toMatchObject({ discovery: true })
    expect(await tell()).toEqual({ scan: null, cancelled: [scanId] })
    await expect(tell({ instance_id: randomUUID() })).rejects.toMatchObject({ data: { appCode: "CONFLICT" } })
  })

  it("B03 contradiction 18: a waiting poll hears of the kill switch, and of its end", async () => {
    const edge = await enroll()
    await edge.client.telemetry.upload.mutate(batch(sample("SN-K")))
    const pause = (paused: boolean) =>
      setCommandsPaused(farm.as(admin), { deviceId: edge.device_id, paused, reason: "drill" })
    const poll = (wait_ms: number) => edge.client.commands.poll.mutate({ ...edge.poll, wait_ms, max: 10 })
    const waiting = poll(25_000)
    await pause(true)
    expect(await waiting).toMatchObject({ paused: true, commands: [] })
    const { commands } = await requestCommand(farm.as(admin), {
      requestId: randomUUID(),
      targets: { minerIds: [await minerIdOf("SN-K")] },
      action: { type: "LED", parameters: { state: "on" } },
    })
    await dispatchCommand(farm.as(WORKER), { siteId, commandId: commands[0]!.id })
    expect(await poll(0)).toMatchObject({ paused: true, commands: [] })
    const config = await edge.client.edge.config.query({ have_version: 0 })
    expect(config).toMatchObject({ unchanged: false, commands_paused: true, command_cap: 32 })
    await pause(false)
    expect(await poll(25_000)).toMatchObject({ paused: false, commands: [{ type: "LED" }] })
  })

  it("takes what the drivers of a collector can do", async () => {
    const edge = await enroll()
    const features = Object.fromEntries(COMMAND_FEATURES.map((name) => [name, null])) as Record<
      (typeof COMMAND_FEATURES)[number],
      string | null
    >
    const profile = { make: "Bitmain", model: "S19", firmware: null, firmware_version: null, features }
    const told = await edge.client.edge.capabilities.mutate({
      instance_id: edge.instance_id,
      profiles: [profile],
    })
    expect(told).toEqual({ recorded: 1 })
  })

  it("stores a batch once and rejects bad samples by index", async () => {
    const edge = await enroll()
    const one = batch(sample("SN-C"), { nonsense: true }, sample("SN-D"))
    const first = await edge.client.telemetry.upload.mutate(one as never)
    expect(first).toMatchObject({ processed: 2, duplicate: false })
    expect(first.rejected).toMatchObject([{ index: 1, reason: "invalid" }])
    const before = await uploads()
    expect(await edge.client.telemetry.upload.mutate(one as never)).toMatchObject({ duplicate: true })
    expect(await uploads()).toBe(before)
  })

  it("takes zstd and gzip, and both forms of the key", async () => {
    const edge = await enroll()
    const zstd = zstdCompressSync(JSON.stringify(batch(sample("SN-E"))))
    const gzip = gzipSync(JSON.stringify(batch(sample("SN-E"))))
    const headers = { "x-collector-key": edge.key, "x-site-id": String(siteId) }
    expect(
      (await send("telemetry.upload", { headers: { ...headers, "content-encoding": "zstd" }, body: zstd }))
        .status,
    ).toBe(200)
    expect(
      (await send("telemetry.upload", { headers: { ...headers, "content-encoding": "gzip" }, body: gzip }))
        .status,
    ).toBe(200)
    const bearer = { authorization: `Bearer ${edge.key}` }
    expect((await send("telemetry.upload", { headers: bearer, body: JSON.stringify(batch()) })).status).toBe(
      200,
    )
  })

  it("refuses, with the right error, counted, logged, and nothing stored", async () => {
    const edge = await enroll()
    const revoked = await enroll()
    await revokeCollector(farm.as(admin), { deviceId: revoked.device_id })
    const key = { "x-collector-key": edge.key }
    const good = JSON.stringify(batch(sample("SN-NEVER")))
    const zeros = Buffer.alloc(64 * 1_048_576, 0x20)
    const cases: [string, string, number, string, Record<string, string>, string | Uint8Array][] = [
      ["no key", "telemetry.upload", 401, "UNAUTHENTICATED", {}, good],
      [
        "a wrong key",
        "telemetry.upload",
        401,
        "UNAUTHENTICATED",
        { "x-collector-key": `hsc_${"a".repeat(40)}` },
        good,
      ],
      ["a malformed key", "telemetry.upload", 401, "UNAUTHENTICATED", { "x-collector-key": "x" }, good],
      ["a revoked key", "telemetry.upload", 401, "UNAUTHENTICATED", { "x-collector-key": revoked.key }, good],
      [
        "another site's key",
        "telemetry.upload",
        403,
        "FORBIDDEN",
        { ...key, "x-site-id": String(otherSiteId) },
        good,
      ],
      ["an oversized body", "telemetry.upload", 413, "PAYLOAD_TOO_LARGE", key, Buffer.alloc(4_300_000, 0x20)],
      ["an oversized small call", "edge.heartbeat", 413, "PAYLOAD_TOO_LARGE", key, "x".repeat(20_000)],
      [
        "a zstd bomb",
        "telemetry.upload",
        413,
        "PAYLOAD_TOO_LARGE",
        { ...key, "content-encoding": "zstd" },
        zstdCompressSync(zeros),
      ],
      [
        "a gzip bomb",
        "telemetry.upload",
        413,
        "PAYLOAD_TOO_LARGE",
        { ...key, "content-encoding": "gzip" },
        gzipSync(zeros),
      ],
      [
        "garbage that claims zstd",
        "telemetry.upload",
        422,
        "INVALID",
        { ...key, "content-encoding": "zstd" },
        randomBytes(500),
      ],
      [
        "garbage that claims gzip",
        "telemetry.upload",
        422,
        "INVALID",
        { ...key, "content-encoding": "gzip" },
        randomBytes(500),
      ],
      ["an unknown encoding", "telemetry.upload", 422, "INVALID", { ...key, "content-encoding": "br" }, good],
      ["garbage", "telemetry.upload", 422, "INVALID", key, "{{{"],
      ["a wrong shape", "telemetry.upload", 422, "INVALID", key, `{"batch_id":"x"}`],
      [
        "too many samples",
        "telemetry.upload",
        422,
        "INVALID",
        key,
        JSON.stringify(batch(...Array(2_001).fill(0))),
      ],
      ["no such procedure", "telemetry.steal", 404, "NOT_FOUND", key, "{}"],
      [
        "a wrong content type",
        "telemetry.upload",
        422,
        "INVALID",
        { ...key, "content-type": "text/plain" },
        good,
      ],
      [
        "a wrong code",
        "edge.enroll",
        401,
        "UNAUTHENTICATED",
        {},
        JSON.stringify({
          code: "AAAA-BBBB-CCCC",
          instance_id: randomUUID(),
          public_key: "a".repeat(43),
          edge_version: "t",
        }),
      ],
    ]
    const stored = await uploads()
    for (const [name, procedure, status, code, headers, body] of cases) {
      const counted = await refusals()
      logged.length = 0
      const answer = await send(procedure, { headers, body })
      expect(answer.status, name).toBe(status)
      const text = await answer.clone().text()
      expect(await codeOf(answer), name).toBe(code)
      expect(text, name).not.toMatch(/stack|hsc_|node_modules/)
      expect(await refusals(), name).toBe(counted + 1)
      expect(logged.at(-1), name).toMatchObject({ error: code, status })
      expect(JSON.stringify(logged), name).not.toContain(edge.key)
    }
    expect(await uploads()).toBe(stored)
    expect(await farm.database.sql`select 1 from hosting_miners where miner_id = 'SN-NEVER'`).toEqual([])
  })

  it("ends a waiting poll when its key is revoked", async () => {
    const edge = await enroll()
    const refused = expect(
      edge.client.commands.poll.mutate({ ...edge.poll, wait_ms: 25_000, max: 1 }),
    ).rejects.toMatchObject({ data: { appCode: "UNAUTHENTICATED" } })
    await revokeCollector(farm.as(admin), { deviceId: edge.device_id })
    await refused
  })

  it("gives another collector's commands to nobody else", async () => {
    const mine = await enroll()
    const theirs = await enroll()
    await mine.client.telemetry.upload.mutate(batch(sample("SN-M")))
    const { commands } = await requestCommand(farm.as(admin), {
      requestId: randomUUID(),
      targets: { minerIds: [await minerIdOf("SN-M")] },
      action: { type: "LED", parameters: { state: "on" } },
    })
    await dispatchCommand(farm.as(WORKER), { siteId, commandId: commands[0]!.id })
    const none = await theirs.client.commands.poll.mutate({ ...theirs.poll, wait_ms: 0, max: 10 })
    expect(none.commands).toEqual([])
    const own = await mine.client.commands.poll.mutate({ ...mine.poll, wait_ms: 0, max: 10 })
    expect(own.commands).toHaveLength(1)
    const renewed = await theirs.client.commands.renew.mutate({
      instance_id: theirs.instance_id,
      leases: own.commands.map(({ id, fencing_token }) => ({ id, fencing_token })),
    })
    expect(renewed.leases[0]?.lease_until).toBeNull()
  })

  it("limits a key, and says when to come back", async () => {
    const edge = await enroll()
    const ask = () =>
      send("commands.renew", {
        headers: { "x-collector-key": edge.key },
        body: JSON.stringify({ instance_id: edge.instance_id, leases: [{ id: "1", fencing_token: "1" }] }),
      })
    const statuses = new Set<number>()
    let limited: Response | null = null
    for (let round = 0; round < 16 && !limited; round += 1)
      for (const answer of await Promise.all(Array.from({ length: 50 }, ask))) {
        statuses.add(answer.status)
        if (answer.status === 429) limited ??= answer
        else await answer.body?.cancel()
      }
    expect([...statuses].sort()).toEqual([200, 429])
    expect(Number(limited?.headers.get("retry-after"))).toBeGreaterThan(0)
    expect(await codeOf(limited!)).toBe("RATE_LIMITED")
  })

  it("limits enrollment by address", async () => {
    const guess = async () =>
      (
        await send("edge.enroll", {
          headers: { "x-forwarded-for": "203.0.113.7" },
          body: JSON.stringify({
            code: "AAAA-BBBB-CCCC",
            instance_id: randomUUID(),
            public_key: "a".repeat(43),
            edge_version: "t",
          }),
        })
      ).status
    const statuses = []
    for (let round = 0; round < 12; round += 1) statuses.push(await guess())
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401))
    expect(statuses.slice(10)).toContain(429)
  })

  it("stops at once with a poll waiting", async () => {
    const edge = await enroll()
    const second = await startWeb(readConfig(FLAGS, {}), {
      log: silentLog,
      database: { url: farm.database.url, embedded: false, release: async () => {} },
      pages: async () => new Response("page"),
    })
    const client = createTRPCClient<Gateway>({
      links: [httpLink({ url: `${second.url}/trpc`, headers: { "X-Collector-Key": edge.key } })],
    })
    const waiting = client.commands.poll.mutate({ ...edge.poll, wait_ms: 25_000, max: 1 })
    const known = async () =>
      (
        await farm.database
          .sql`select 1 from edge_devices where id = ${edge.device_id} and journal_epoch is not null`
      ).length
    await expect.poll(known).toBe(1)
    await second.close()
    expect((await waiting).commands).toEqual([])
  })
})
