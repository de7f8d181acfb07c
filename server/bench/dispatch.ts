import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import { type BenchResult, benchResult } from "./bench.ts"
import { checkpoint } from "./checkpoint.ts"
import { fillPageData } from "./page-data.ts"
import { quantile } from "./pages.ts"
import { type Product, startProduct, until } from "./product.ts"

/**
 * `dispatch`: one request over 10,000 machines, from the POST of the form until all its edge rows are there, against a
 * bare `INSERT … SELECT` of the same rows in the same run; meanwhile the web process answers pages.
 */
const TARGETS = 10_000
const ROUNDS = 5
const RATIO_LIMIT = 20

export async function benchDispatch(): Promise<BenchResult> {
  const startedAt = performance.now()
  const product = await startProduct({ processes: ["web", "worker"] })
  try {
    const { sql } = product.database
    const { siteIds } = await fillPageData(sql, { miners: TARGETS, hours: 0, sites: 1, rawMinutes: 0 })
    const siteId = siteIds[0] ?? 0
    // Machines that cannot take a command have no edge row: here all of them can.
    await sql`update hosting_miners set state = 'active' where site_id = ${siteId}`
    await sql`update miner_telemetry_live set offline_since = null, online = true where site_id = ${siteId}`
    await sql`vacuum (analyze) hosting_miners, miner_telemetry_live, remote_commands, remote_command_results, miner_commands`
    await checkpoint(product)
    const cookie = await product.cookie()
    const dispatched: number[] = []
    const bare: number[] = []
    const pages: number[] = []
    const rssBefore = rssMb(product)
    for (let round = 0; round < ROUNDS; round++) {
      const stop = new AbortController()
      const reading = readPages(product, cookie, pages, stop.signal)
      dispatched.push(await timeRequest(product, cookie, siteId))
      stop.abort()
      await reading
      bare.push(await timeBareInsert(product, siteId))
    }
    const seconds = quantile(dispatched, 0.5)
    const ratio = seconds / quantile(bare, 0.5)
    return benchResult(
      "dispatch",
      startedAt,
      {
        ratio_to_insert_select: {
          value: Math.round(ratio * 10) / 10,
          unit: "×",
          limit: RATIO_LIMIT,
          met: ratio <= RATIO_LIMIT,
        },
        seconds_10000: { value: Math.round(seconds) / 1000, unit: "s", limit: null, met: null },
        p95_ms_page_meanwhile: {
          value: Math.round(quantile(pages, 0.95)),
          unit: "ms",
          limit: null,
          met: null,
        },
        rss_growth_mb: { value: rssMb(product) - rssBefore, unit: "MB", limit: null, met: null },
      },
      { insert_select_ms: Math.round(quantile(bare, 0.5)) },
    )
  } finally {
    await product.stop()
  }
}

/** Resident memory of web and worker together. */
function rssMb(product: Product): number {
  const pages = (["web", "worker"] as const).map((name) =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${product.pid(name)}/status`, "utf8"))?.[1] ?? 0),
  )
  return Math.round(pages.reduce((sum, kb) => sum + kb, 0) / 1024)
}

async function timeRequest(product: Product, cookie: string, siteId: number): Promise<number> {
  const { sql } = product.database
  const [site] = await sql<{ slug: string }[]>`select slug from hosting_sites where id = ${siteId}`
  const began = performance.now()
  const answer = await fetch(`${product.url}/commands/new`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie, origin: product.url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      requestId: randomUUID(),
      filter: `site=${site?.slug}`,
      type: "LED",
      state: "on",
    }),
  })
  if (answer.status !== 302 && answer.status !== 303)
    throw new Error(`The request answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`)
  const commandId = await newestCommand(product, siteId)
  await until(
    "all edge rows are there",
    async () => {
      const [row] = await sql<
        { n: number }[]
      >`select count(*)::int as n from miner_commands where site_id = ${siteId} and remote_command_id = ${commandId}::uuid`
      return row?.n === TARGETS
    },
    120_000,
    10,
  )
  const took = performance.now() - began
  await sql`update miner_commands set status = 'cancelled' where site_id = ${siteId} and remote_command_id = ${commandId}::uuid`
  return took
}

async function newestCommand(product: Product, siteId: number): Promise<string> {
  const [row] = await product.database.sql<
    { id: string }[]
  >`select id from remote_commands where site_id = ${siteId} order by requested_at desc limit 1`
  return row?.id ?? ""
}

async function timeBareInsert(product: Product, siteId: number): Promise<number> {
  const { sql } = product.database
  const commandId = randomUUID()
  const began = performance.now()
  await sql`
    insert into miner_commands (site_id, remote_command_id, miner_id, device_id, command_type, parameters, feature, wave,
      status, priority, expires_at)
    select site_id, ${commandId}::uuid, id, device_id, 'LED', '{"state":"on"}'::jsonb, 'LED', 1, 'cancelled', 5, now()
    from hosting_miners where site_id = ${siteId}`
  return performance.now() - began
}

/** A page every tenth of a second, as a room of people reading. */
async function readPages(
  product: Product,
  cookie: string,
  took: number[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now()
    const answer = await fetch(`${product.url}/commands`, { headers: { cookie } })
    await answer.text()
    if (!answer.ok) throw new Error(`A page answered ${answer.status} while a command was dispatched.`)
    took.push(performance.now() - began)
    await wait(100)
  }
}
