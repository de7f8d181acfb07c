import { randomUUID } from "node:crypto"
import zlib from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Product, startProduct, until } from "#server/bench/product.ts"
import { createEnrollmentCode } from "#server/collectors/create-enrollment-code.ts"
import { revokeCollector } from "#server/collectors/revoke-collector.ts"
import { BATCH_MAX_INFLATED_BYTES, BATCH_MAX_WIRE_BYTES } from "#server/contract/budgets.ts"
import { createSite } from "#server/sites/create-site.ts"

type Answer = { status: number; code: string | null; data: Record<string, unknown> | null }
const MINUTE_MS = 60_000

describe("a web process that is sent what it must refuse", () => {
  let product: Product
  let key: string
  let otherKey: string
  let revokedKey: string

  async function enroll(siteId: number, name: string): Promise<{ key: string; deviceId: number }> {
    const { code } = await createEnrollmentCode(product.ctx, { siteId, deviceName: name })
    const answer = await call("edge.enroll", {
      code,
      instance_id: randomUUID(),
      public_key: "A".repeat(43),
      edge_version: "test",
      hostname: "",
      platform: "",
    })
    return { key: String(answer.data?.key), deviceId: Number(answer.data?.device_id) }
  }
  async function call(
    procedure: string,
    input: unknown,
    options: { key?: string; body?: Uint8Array | string; encoding?: string; site?: string } = {},
  ): Promise<Answer> {
    const response = await fetch(`${product.url}/trpc/${procedure}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(options.key ? { "x-collector-key": options.key } : {}),
        ...(options.encoding ? { "content-encoding": options.encoding } : {}),
        ...(options.site ? { "x-site-id": options.site } : {}),
      },
      body: (options.body ?? JSON.stringify(input)) as BodyInit,
    })
    const body = (await response.json()) as {
      result?: { data: Record<string, unknown> }
      error?: { data?: { appCode?: string } }
    }
    return {
      status: response.status,
      code: body.error?.data?.appCode ?? null,
      data: body.result?.data ?? null,
    }
  }
  const sample = (minerId: string, at = new Date()) => ({
    miner_id: minerId,
    online: true,
    hashrate_ghs: 1,
    collected_at: at.toISOString(),
  })
  const batch = (samples: unknown[], id = "01990000-0000-7000-8000-000000000001") => ({
    batch_id: id,
    collected_at: new Date().toISOString(),
    edge_version: "test",
    samples,
  })
  const stored = async () =>
    (
      await product.database.sql<
        { n: number }[]
      >`select (select count(*) from telemetry_raw_24h)::int + (select count(*) from hosting_miners)::int + (select count(*) from collector_upload_logs)::int as n`
    )[0]?.n

  beforeAll(async () => {
    product = await startProduct({ processes: ["web"] })
    const { siteId: otherSite } = await createSite(product.ctx, {
      slug: "other-site",
      name: "Other site",
      timezone: "UTC",
    })
    key = (await enroll(product.siteId, "one")).key
    otherKey = (await enroll(otherSite, "two")).key
    const revoked = await enroll(product.siteId, "three")
    revokedKey = revoked.key
    await revokeCollector(product.ctx, { deviceId: revoked.deviceId })
  })
  afterAll(() => product?.stop())

  it("refuses each with its code, stores nothing, counts it and logs no key", async () => {
    const bomb = Buffer.alloc(BATCH_MAX_INFLATED_BYTES + 1_000, 32)
    const refused: [what: string, answer: Promise<Answer>, status: number, code: string][] = [
      ["no key", call("telemetry.upload", batch([sample("a")])), 401, "UNAUTHENTICATED"],
      [
        "wrong key",
        call("telemetry.upload", batch([sample("a")]), { key: `hsc_${"x".repeat(40)}` }),
        401,
        "UNAUTHENTICATED",
      ],
      [
        "revoked key",
        call("telemetry.upload", batch([sample("a")]), { key: revokedKey }),
        401,
        "UNAUTHENTICATED",
      ],
      [
        "another site's key",
        call("telemetry.upload", batch([sample("a")]), { key: otherKey, site: String(product.siteId) }),
        403,
        "FORBIDDEN",
      ],
      ["garbage", call("telemetry.upload", null, { key, body: "\u0000{]not json" }), 422, "INVALID"],
      [
        "zstd bomb",
        call("telemetry.upload", null, { key, body: zlib.zstdCompressSync(bomb), encoding: "zstd" }),
        413,
        "PAYLOAD_TOO_LARGE",
      ],
      [
        "gzip bomb",
        call("telemetry.upload", null, { key, body: zlib.gzipSync(bomb), encoding: "gzip" }),
        413,
        "PAYLOAD_TOO_LARGE",
      ],
      [
        "oversized",
        call("telemetry.upload", null, { key, body: Buffer.alloc(BATCH_MAX_WIRE_BYTES + 1, 32) }),
        413,
        "PAYLOAD_TOO_LARGE",
      ],
      [
        "too many samples",
        call("telemetry.upload", batch(Array.from({ length: 2_001 }, (_, n) => sample(`m${n}`))), { key }),
        422,
        "INVALID",
      ],
      [
        "a used code",
        call("edge.enroll", {
          code: "AAAA-AAAA-AAAA",
          instance_id: randomUUID(),
          public_key: "A".repeat(43),
          edge_version: "test",
          hostname: "",
          platform: "",
        }),
        401,
        "UNAUTHENTICATED",
      ],
    ]
    for (const [what, answer, status, code] of refused)
      expect({ what, status: (await answer).status, code: (await answer).code }).toEqual({
        what,
        status,
        code,
      })
    expect(await stored()).toBe(0)
    const metrics = await (await fetch(`${product.url}/metrics`)).text()
    const counted = [...metrics.matchAll(/^gateway_refused_total\{code="(\w+)"\} (\d+)/gm)].reduce(
      (sum, match) => sum + Number(match[2]),
      0,
    )
    expect(counted).toBeGreaterThanOrEqual(refused.length)
    for (const secret of [key, otherKey, revokedKey]) expect(product.logs("web")).not.toContain(secret)
  })

  it("takes a batch once however often it is replayed, and turns away samples of a wrong clock by their index", async () => {
    const now = Date.now()
    const samples = [
      sample("ok"),
      sample("ahead", new Date(now + 6 * MINUTE_MS)),
      sample("old", new Date(now - 26 * 60 * MINUTE_MS)),
      { miner_id: "", online: "yes" },
    ]
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        call("telemetry.upload", batch(samples, "01990000-0000-7000-8000-000000000002"), { key }),
      ),
    )
    expect(answers.map((answer) => answer.status)).toEqual(Array(5).fill(200))
    expect(answers.filter((answer) => answer.data?.duplicate === false)).toHaveLength(1)
    const first = answers.find((answer) => answer.data?.duplicate === false)
    expect(
      (first?.data?.rejected as { index: number; reason: string }[]).map(({ index, reason }) => [
        index,
        reason,
      ]),
    ).toEqual([
      [1, "clock_skew"],
      [2, "clock_skew"],
      [3, "invalid"],
    ])
    const [raw] = await product.database.sql<
      { n: number }[]
    >`select count(*)::int as n from telemetry_raw_24h`
    expect(raw?.n).toBe(1)
  })

  it("never calls a batch wrong because the database is away, and takes it once it is back", async () => {
    const upload = () =>
      call("telemetry.upload", batch([sample("kept")], "01990000-0000-7000-8000-000000000003"), { key })
    await product.killDatabase()
    const meanwhile = await Promise.all([upload(), upload(), upload()])
    expect(meanwhile.map((answer) => [answer.status, answer.code])).toEqual(
      Array(3).fill([503, "UNAVAILABLE"]),
    )
    await product.startDatabase()
    await until("the batch is taken", async () => (await upload()).status === 200)
    const [raw] = await product.database.sql<
      { n: number }[]
    >`select count(*)::int as n from telemetry_raw_24h r join hosting_miners m on m.id = r.miner_id where m.miner_id = 'kept'`
    expect(raw?.n).toBe(1)
  })
})
