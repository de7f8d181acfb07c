import { gzipSync } from "node:zlib"
import { type BenchResult, benchResult, type Figure } from "./bench.ts"
import { checkpoint } from "./checkpoint.ts"
import { fillPageData } from "./page-data.ts"
import { type Product, startProduct } from "./product.ts"

/**
 * `pages`: p95 of the pages that are open all day, with 10,000 machines and 24 h of history, as admin and as client,
 * with search and filter, no response cache; requests a second of the status page; and the largest page's JavaScript.
 */
const MINERS = 10_000
const ROUNDS = 60
const P95_LIMIT_MS = 60
const JS_LIMIT_KB = 150

export async function benchPages(): Promise<BenchResult> {
  const startedAt = performance.now()
  const product = await startProduct({ processes: ["web"] })
  try {
    const data = await fillPageData(product.database.sql, { miners: MINERS, hours: 24 })
    await checkpoint(product)
    const admin = await product.cookie()
    const client = await product.cookie(data.clientIds[0])
    const [owned] = await product.database.sql<
      { id: number }[]
    >`select miner_id as id from user_miners where user_id = ${data.clientIds[0] ?? 0} and to_at is null order by 1 limit 1`
    const pages: [key: string, path: string, cookie: string][] = [
      ["overview", "/", admin],
      ["miners", "/miners", admin],
      ["miners_search", "/miners?q=s19%20rack", admin],
      ["miners_filter", "/miners?status=hot&sort=temp&dir=desc", admin],
      ["miners_last_page", "/miners?page=100", admin],
      ["miner", `/miners/${data.minerIds[5] ?? 0}`, admin],
      ["site", `/sites/${data.siteSlugs[0]}`, admin],
      ["commands", "/commands", admin],
      ["overview_client", "/", client],
      ["miners_client", "/miners", client],
      ["miners_client_search", "/miners?q=s19", client],
      ["miner_client", `/miners/${owned?.id ?? 0}`, client],
    ]
    const figures: Record<string, Figure> = {}
    for (const [key, path, cookie] of pages) {
      const p95 = await p95Of(product, path, cookie)
      figures[`p95_ms_${key}`] = { value: p95, unit: "ms", limit: P95_LIMIT_MS, met: p95 <= P95_LIMIT_MS }
    }
    figures.status_requests_per_s = {
      value: await requestsPerSecond(`${product.url}/status/${data.siteSlugs[0]}`),
      unit: "1/s",
      limit: null,
      met: null,
    }
    let jsKb = 0
    for (const [, path, cookie] of [...pages, ["status", `/status/${data.siteSlugs[0]}`, ""] as const])
      jsKb = Math.max(jsKb, await javaScriptKb(product.url, path, cookie))
    figures.js_kb_max = { value: jsKb, unit: "kB gzip", limit: JS_LIMIT_KB, met: jsKb <= JS_LIMIT_KB }
    return benchResult("pages", startedAt, figures)
  } finally {
    await product.stop()
  }
}

async function p95Of(product: Product, path: string, cookie: string): Promise<number> {
  const times: number[] = []
  for (let round = -8; round < ROUNDS; round++) {
    const from = performance.now()
    const answer = await fetch(product.url + path, { headers: { cookie } })
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
    if (round >= 0) times.push(performance.now() - from)
  }
  return quantile(times, 0.95)
}

/** The value below which a share of the measurements lies. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

async function requestsPerSecond(url: string): Promise<number> {
  const total = 600
  const from = performance.now()
  let left = total
  const ask = async () => {
    while (left-- > 0) await (await fetch(url)).arrayBuffer()
  }
  await Promise.all(Array.from({ length: 8 }, ask))
  return total / ((performance.now() - from) / 1000)
}

/** Compressed size of every script that a page loads by itself. */
async function javaScriptKb(url: string, path: string, cookie: string): Promise<number> {
  const html = await (await fetch(url + path, { headers: { cookie } })).text()
  const scripts = new Set([...html.matchAll(/["'](\/build\/[^"']+\.js)["']/g)].map((match) => match[1] ?? ""))
  let bytes = 0
  for (const script of scripts) bytes += gzipSync(await (await fetch(url + script)).text()).length
  return bytes / 1000
}
