import { type BenchResult, benchResult } from "./bench.ts"
import { checkpoint } from "./checkpoint.ts"
import { type CommandData, fillCommandHistory } from "./command-data.ts"
import { fillPageData } from "./page-data.ts"
import { quantile } from "./pages.ts"
import { startProduct } from "./product.ts"

/**
 * `commands-page`: p95 of the history of commands and of the pages of single commands, with a million results in the
 * database, as admin and as client, no response cache. The figure is the worst page's; stderr tells each.
 */
const MINERS = 20_000
const ROUNDS = 40
const WARM_UP = 6
const P95_LIMIT_MS = 80

type Page = { name: string; path: string; cookie: string }

export async function benchCommandsPage(): Promise<BenchResult> {
  const startedAt = performance.now()
  const product = await startProduct({ processes: ["web"] })
  try {
    const { sql } = product.database
    const now = new Date()
    const farm = await fillPageData(sql, { miners: MINERS, hours: 0, rawMinutes: 0, boards: 0, now })
    const data = await fillCommandHistory(sql, { siteIds: farm.siteIds, now })
    await checkpoint(product)
    console.error(`commands-page: ${data.results.toLocaleString("en")} results`)
    const client = farm.clientIds[0] ?? 0
    const [owned] = await sql<{ id: number }[]>`
      select miner_id as id from user_miners where user_id = ${client} order by 1 limit 1`
    const pages = pagesOf(data, {
      minerId: owned?.id ?? 0,
      siteSlug: farm.siteSlugs[0] ?? "",
      now,
      admin: await product.cookie(),
      client: await product.cookie(client),
    })
    const worst = { name: "", p95: 0 }
    for (const page of pages) {
      const times = await timesOf(product.url, page)
      const p95 = quantile(times, 0.95)
      const median = quantile(times, 0.5)
      console.error(
        `${page.name.padEnd(24)} p95 ${p95.toFixed(1).padStart(6)} ms, median ${median.toFixed(1)} ms`,
      )
      if (p95 > worst.p95) Object.assign(worst, { name: page.name, p95 })
    }
    return benchResult(
      "commands-page",
      startedAt,
      { p95_ms: { value: worst.p95, unit: "ms", limit: P95_LIMIT_MS, met: worst.p95 <= P95_LIMIT_MS } },
      { results: data.results, pages: pages.length, worst_page: worst.name },
    )
  } finally {
    await product.stop()
  }
}

function pagesOf(
  data: CommandData,
  at: { minerId: number; siteSlug: string; now: Date; admin: string; client: string },
): Page[] {
  const day = (back: number) => new Date(at.now.getTime() - back * 86_400_000).toISOString().slice(0, 10)
  const history = {
    history: "",
    type: "?type=CHANGE_POOL",
    status: "?status=FAILED",
    open: "?status=open",
    source: "?source=api",
    miner: `?miner=${at.minerId}`,
    dates: `?from=${day(20)}T00:00&to=${day(10)}T00:00`,
    day: "?last=day",
    search: "?q=hall%2013",
  }
  const ofStaff = {
    person: `?by=${data.requesterIds[3]}`,
    site: `?site=${at.siteSlug}`,
    several: `?type=REBOOT&status=FAILED&site=${at.siteSlug}`,
  }
  const results = {
    first: "",
    failed: "?result=FAILED",
    sorted: "?sort=took&dir=desc",
    searched: "?q=c001",
    wave: "?wave=3",
  }
  const pages: Page[] = []
  const add = (who: "admin" | "client", name: string, path: string) =>
    pages.push({ name: `${who} ${name}`, path, cookie: at[who] })
  for (const who of ["admin", "client"] as const) {
    for (const [name, query] of Object.entries(history)) add(who, name, `/commands${query}`)
    for (const [name, query] of Object.entries(results))
      add(who, `large ${name}`, `/commands/${data.largeEnded}${query}`)
    add(who, "large halted", `/commands/${data.largeHalted}`)
    add(who, "large pool", `/commands/${data.largePool}`)
    add(who, "forty", `/commands/${data.middle}`)
  }
  for (const [name, query] of Object.entries(ofStaff)) add("admin", name, `/commands${query}`)
  // The last page that the total of ten thousand leads to; the client has about half as many.
  add("admin", "last page", "/commands?page=200")
  add("client", "last page", "/commands?page=100")
  add("admin", "large last page", `/commands/${data.largeEnded}?page=100`)
  return pages
}

async function timesOf(url: string, { path, cookie }: Page): Promise<number[]> {
  const times: number[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const from = performance.now()
    const answer = await fetch(url + path, { headers: { cookie } })
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
    if (round >= 0) times.push(performance.now() - from)
  }
  return times
}
