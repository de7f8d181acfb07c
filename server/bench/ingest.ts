import { fork } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { zstdCompressSync } from "node:zlib"
import { openDatabase, type Sql } from "#db/client.ts"
import { startEmbedded } from "#db/embedded.ts"
import { removeEmbeddedData } from "#db/embedded-paths.ts"
import { migrateDatabase } from "#db/migrate.ts"
import { copyEncoded, encodeCopy } from "#db/queries/telemetry-copy.ts"
import { RAW_COLUMNS } from "#db/queries/telemetry-rows.ts"
import { hashSecret } from "../auth/secret-token.ts"
import { childEnvironment } from "../config.ts"
import type { TelemetryBatch } from "../contract/telemetry.ts"
import { migrateQueue } from "../queue.ts"
import { type BenchResult, benchResult } from "./bench.ts"
import { BATCH_SAMPLES, makeBatch, seeded } from "./ingest-batches.ts"

const DEVICES = 20
const CYCLES = 10
/** Uploads at once; a site's collectors are not in step. */
const CONCURRENCY = 6
const RATIO_LIMIT = 0.15

/**
 * `ingest`: 10,000 machines of 20 collectors, batches of 500 through the web process over HTTP with zstd, against
 * COPY of the same rows in 500-row transactions on one connection into a table with the same columns and index.
 * The first cycle provisions the machines and is not measured; COPY is measured before and after.
 */
export async function benchIngest(): Promise<BenchResult> {
  const startedMs = performance.now()
  const dir = mkdtempSync(join(tmpdir(), "lamproom-ingest-"))
  chmodSync(dir, 0o755)
  const server = await startEmbedded(join(dir, "data"))
  const now = new Date()
  await migrateDatabase(server, now)
  await migrateQueue(server.url)
  const database = openDatabase(server.url, { max: 1, name: "lamproom-bench" })
  try {
    const keys = await enrol(database.sql)
    const { batches, bodies } = prepare(now)
    const copies = batches.slice(DEVICES).map((batch) => encodeCopy(RAW_COLUMNS, copyRows(batch)))
    const samples = copies.length * BATCH_SAMPLES
    await makeCopyTarget(database.sql)

    const before = await copyAll(database.sql, copies)
    const web = await startBenchWeb(server.url)
    let uploadMs = 0
    const cpuUs = { web: 0, postgres: 0 }
    try {
      await uploadAll(web.url, keys, bodies.slice(0, DEVICES))
      const webCpu = await web.cpuUs()
      const postgresCpu = postgresCpuUs(server.pid)
      const uploadStarted = performance.now()
      await uploadAll(web.url, keys, bodies.slice(DEVICES))
      uploadMs = performance.now() - uploadStarted
      cpuUs.web = (await web.cpuUs()) - webCpu
      cpuUs.postgres = postgresCpuUs(server.pid) - postgresCpu
    } finally {
      await web.stop()
    }
    const after = await copyAll(database.sql, copies)
    await expectRows(database.sql, batches.length * BATCH_SAMPLES)
    const copyRate = (2 * samples * 1000) / (before + after)
    const uploadRate = (samples * 1000) / uploadMs
    const ratio = uploadRate / copyRate
    const plain = (value: number, unit: string) => ({ value, unit, limit: null, met: null })
    return benchResult(
      "ingest",
      startedMs,
      {
        ratio_to_copy: { value: ratio, unit: "ratio", limit: RATIO_LIMIT, met: ratio >= RATIO_LIMIT },
        samples_per_s: plain(uploadRate, "samples/s"),
        copy_rows_per_s: plain(copyRate, "rows/s"),
        bytes_per_sample_raw: plain(await bytesPerSample(database.sql), "bytes, heap and index"),
        cpu_us_per_sample: plain((cpuUs.web + cpuUs.postgres) / samples, "µs, web and PostgreSQL"),
      },
      {
        copy: "COPY binary, 500 rows a transaction, one connection",
        copy_ms: [before, after],
        web_cpu_us_per_sample: cpuUs.web / samples,
        postgres_cpu_us_per_sample: cpuUs.postgres / samples,
        samples,
        wire_bytes_per_sample:
          bodies.reduce((sum, body) => sum + body.length, 0) / bodies.length / BATCH_SAMPLES,
        uploads_at_once: CONCURRENCY,
      },
    )
  } finally {
    await database.close()
    await server.stop()
    removeEmbeddedData(join(dir, "data"))
    rmSync(dir, { recursive: true, force: true })
  }
}

async function enrol(sql: Sql): Promise<string[]> {
  const [site] = await sql<{ id: number }[]>`
    insert into hosting_sites (slug, name) values ('bench', 'Bench') returning id`
  const siteId = site?.id ?? 0
  const keys = Array.from({ length: DEVICES }, (_, n) => `hsc_${String(n).padStart(40, "k")}`)
  await sql`
    with device as (
      insert into edge_devices (site_id, name) select ${siteId}, 'bench ' || n from generate_series(1, ${DEVICES}) n
      returning id
    )
    insert into collector_keys (site_id, device_id, key_hash, prefix)
    select ${siteId}, device.id, (${keys.map(hashSecret)}::text[])[row_number() over (order by device.id)], 'hsc_benc'
    from device`
  return keys
}

function prepare(now: Date): { batches: TelemetryBatch[]; bodies: Buffer[] } {
  const random = seeded(42)
  const batches: TelemetryBatch[] = []
  for (let cycle = 0; cycle < CYCLES; cycle++)
    for (let device = 0; device < DEVICES; device++) {
      const at = new Date(now.getTime() - (CYCLES - cycle) * 30_000 + device * 500)
      batches.push(makeBatch(device, cycle, at, random))
    }
  return { batches, bodies: batches.map((batch) => zstdCompressSync(JSON.stringify(batch))) }
}

function copyRows(batch: TelemetryBatch) {
  return batch.samples.map((sample) => {
    const minerId = Number(sample.miner_id.slice(5)) + 1
    return { siteId: 1, minerId, labelId: minerId, collectedAtMs: Date.parse(sample.collected_at), sample }
  })
}

async function makeCopyTarget(sql: Sql): Promise<void> {
  await sql`create table copy_target (like telemetry_raw_24h)`
  await sql`create index on copy_target (site_id, miner_id, collected_at)`
}

/** Milliseconds. */
async function copyAll(sql: Sql, copies: readonly Buffer[]): Promise<number> {
  await sql`truncate copy_target`
  const started = performance.now()
  for (const rows of copies) await sql.begin((tx) => copyEncoded(tx, "copy_target", RAW_COLUMNS, rows))
  return performance.now() - started
}

async function uploadAll(url: string, keys: readonly string[], bodies: readonly Buffer[]): Promise<void> {
  let next = 0
  const lane = async () => {
    for (let n = next++; n < bodies.length; n = next++) {
      const response = await fetch(`${url}/trpc/telemetry.upload`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-encoding": "zstd",
          "x-collector-key": keys[n % DEVICES] ?? "",
        },
        body: bodies[n] as Uint8Array<ArrayBuffer>,
      })
      const answer = (await response.json()) as { result?: { data: { processed: number } } }
      if (answer.result?.data.processed !== BATCH_SAMPLES)
        throw new Error(`upload ${n} was not stored: ${response.status} ${JSON.stringify(answer)}`)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, lane))
}

async function startBenchWeb(databaseUrl: string) {
  const child = fork(
    fileURLToPath(new URL("./ingest-web.ts", import.meta.url)),
    ["--port", "0", "--database-url", databaseUrl, "--lamproom-address-requests-per-minute", "0"],
    {
      env: childEnvironment({
        NODE_ENV: "production",
        LAMPROOM_BASE_URL: "http://127.0.0.1",
        LAMPROOM_SECRET: "benchmark".repeat(4),
      }),
    },
  )
  const answer = async <T>(question?: string): Promise<T> => {
    const answered = Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => Promise.reject(new Error("the web process of the benchmark ended"))),
    ])
    if (question) child.send(question)
    return ((await answered) as [T])[0]
  }
  const { url } = await answer<{ url: string }>()
  return {
    url,
    cpuUs: async () => (await answer<{ cpuUs: number }>("cpu")).cpuUs,
    async stop() {
      const gone = once(child, "exit")
      child.send("stop")
      await gone
    },
  }
}

/** CPU time of the server's processes, those that ended included, in hundredths of a second; Linux only, else 0. */
function postgresCpuUs(postmasterPid: number): number {
  if (process.platform !== "linux") return 0
  let ticks = 0
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8")
      const fields = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number)
      const [parent, user, system, deadUser, deadSystem] = [1, 11, 12, 13, 14].map((n) => fields[n] ?? 0)
      if (Number(name) === postmasterPid) ticks += (deadUser ?? 0) + (deadSystem ?? 0)
      if (parent === postmasterPid) ticks += (user ?? 0) + (system ?? 0)
    } catch (error) {
      if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error
    }
  }
  return ticks * 10_000
}

async function expectRows(sql: Sql, expected: number): Promise<void> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from telemetry_raw_24h`
  if (row?.n !== expected) throw new Error(`${row?.n} samples are stored, ${expected} were sent`)
}

async function bytesPerSample(sql: Sql): Promise<number> {
  const [row] = await sql<{ bytes: number; n: number }[]>`
    select sum(pg_total_relation_size(inhrelid))::float8 as bytes,
      (select count(*) from telemetry_raw_24h)::float8 as n
    from pg_inherits where inhparent = 'telemetry_raw_24h'::regclass`
  return (row?.bytes ?? 0) / (row?.n ?? 1)
}
