import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openSpool } from "#edge/collector/spool/spool.ts"
import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type Product, startProduct, until } from "#server/bench/product.ts"
import { sampleSchema, type TelemetrySample } from "#server/contract/telemetry.ts"
import { spooledSamples } from "./spool-file.ts"

const MINERS = 50
const POLL_S = 10
const BACKLOG_MINUTES = 60

describe("an uplink that was cut for an hour", () => {
  let product: Product
  beforeAll(async () => {
    product = await startProduct({
      farm: flatSpec(MINERS, "127.91.0.0"),
      targets: ["127.91.0.1-127.91.0.50"],
      pollIntervalS: POLL_S,
    })
    await until(
      "every miner is online",
      async () =>
        (await product.database.sql`select 1 from miner_telemetry_live where online`).length >= MINERS,
      120_000,
    )
  })
  afterAll(() => product?.stop())

  it("drains in order while the pages are fresh within two intervals", async () => {
    const { sql } = product.database
    await product.end("web", "SIGKILL")
    await product.end("collector", "SIGTERM")
    const spoolFile = join(product.dir, "cache", "offline_cache.db")
    const template = spooledSamples(spoolFile)[0] ?? null
    const miners = await sql<
      { minerId: string }[]
    >`select miner_id as "minerId" from hosting_miners order by id`
    const { spool } = openSpool({ file: spoolFile, edgeVersion: "test", maxBytes: 1e9, nowMs: Date.now })
    const start = Date.now() - BACKLOG_MINUTES * 60_000
    const base = sampleSchema.parse(
      template ?? {
        miner_id: "x",
        online: true,
        hashrate_5s_ghs: 100_000,
        accepted_shares: 1,
        collected_at: new Date().toISOString(),
      },
    )
    for (let minute = 0; minute < BACKLOG_MINUTES; minute++) {
      const collected_at = new Date(start + minute * 60_000).toISOString()
      spool.write(
        miners.map((miner): TelemetrySample => ({ ...base, miner_id: miner.minerId, collected_at })),
      )
      spool.seal({ onlyFull: false })
    }
    spool.close()
    const [before] = await sql<{ at: Date }[]>`select max(collected_at) as at from miner_telemetry_live`

    await product.start("collector")
    await product.start("web")
    const backAt = Date.now()
    await until("every live row is fresh", async () => {
      const [row] = await sql<
        { n: number }[]
      >`select count(*)::int as n from miner_telemetry_live where collected_at > ${before?.at ?? new Date(0)} and online`
      return (row?.n ?? 0) >= MINERS
    })
    const [first] = await sql<{ latest: Date }[]>`
      select max(first_at) as latest from (select miner_id, min(collected_at) as first_at from telemetry_raw_24h where collected_at >= ${new Date(backAt)} group by 1) fresh`
    expect((first?.latest.getTime() ?? 0) - backAt).toBeLessThanOrEqual(2 * POLL_S * 1_000)

    const end = new Date(start + BACKLOG_MINUTES * 60_000 - 30_000)
    const backlog = () => sql<{ at: Date }[]>`
      select l.collected_at as at from collector_upload_logs l where l.collected_at >= ${new Date(start)} and l.collected_at < ${end} and l.edge_version = 'test' order by l.received_at, l.collected_at`
    await until("the backlog is drained", async () => (await backlog()).length >= BACKLOG_MINUTES)
    const order = (await backlog()).map((row) => row.at.getTime())
    expect(order).toEqual([...order].sort((a, b) => a - b))

    const [raw] = await sql<{ n: number; pairs: number }[]>`
      select count(*)::int as n, count(distinct (miner_id, collected_at))::int as pairs from telemetry_raw_24h where collected_at >= ${new Date(start)} and collected_at < ${end}`
    expect(raw).toEqual({ n: BACKLOG_MINUTES * MINERS, pairs: BACKLOG_MINUTES * MINERS })
    const [live] = await sql<{ oldest: Date }[]>`select min(collected_at) as oldest from miner_telemetry_live`
    expect(live?.oldest.getTime(), "a late sample overwrote a live row").toBeGreaterThan(end.getTime())
  })
})
