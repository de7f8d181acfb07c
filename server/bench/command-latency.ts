import { randomUUID } from "node:crypto"
import { flatSpec } from "#edge/simulator/farm-spec.ts"
import { type BenchResult, benchResult } from "./bench.ts"
import { quantile } from "./pages.ts"
import { type Product, startProduct, until } from "./product.ts"

/**
 * `command-latency`: from the POST of the form to the bytes at the machine's socket (the simulator's journal), and to
 * the result on an open page (the event stream tells, the page is read again).
 */
/** A farm of a thousand machines, polled all the while. */
const MINERS = 1_000
const COMMANDS = 100

export async function benchCommandLatency(): Promise<BenchResult> {
  const startedAt = performance.now()
  const product = await startProduct({
    farm: flatSpec(MINERS, "127.92.0.0"),
    targets: [
      "127.92.0.1-127.92.0.250",
      "127.92.1.1-127.92.1.250",
      "127.92.2.1-127.92.2.250",
      "127.92.3.1-127.92.3.250",
    ],
    pollIntervalS: 10,
  })
  try {
    await until(
      "every miner is online",
      async () =>
        (await product.database.sql`select 1 from miner_telemetry_live where online`).length >= MINERS,
      120_000,
    )
    const miners = await product.database.sql<
      { id: number; address: string }[]
    >`select id, ip_address as address from hosting_miners order by id`
    const cookie = await product.cookie()
    const toMiner: number[] = []
    const toPage: number[] = []
    for (const miner of miners.slice(0, COMMANDS)) {
      const { minerMs, pageMs } = await timeOne(product, cookie, miner)
      toMiner.push(minerMs)
      toPage.push(pageMs)
    }
    const p95Miner = quantile(toMiner, 0.95)
    const p95Page = quantile(toPage, 0.95)
    return benchResult("command-latency", startedAt, {
      p95_ms_request_to_miner: { value: p95Miner, unit: "ms", limit: 1_000, met: p95Miner < 1_000 },
      p95_ms_result_to_page: { value: p95Page, unit: "ms", limit: 1_000, met: p95Page < 1_000 },
    })
  } finally {
    await product.stop()
  }
}

async function timeOne(
  product: Product,
  cookie: string,
  miner: { id: number; address: string },
): Promise<{ minerMs: number; pageMs: number }> {
  const postedAt = Date.now()
  const answer = await fetch(`${product.url}/commands/new`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie, origin: product.url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ type: "LED", state: "on", requestId: randomUUID(), ids: String(miner.id) }),
  })
  if (answer.status !== 302 && answer.status !== 303)
    throw new Error(`The request answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`)
  const [command] = await product.database.sql<
    { id: string }[]
  >`select id from remote_commands where ${miner.id} = any(target_ids) order by requested_at desc limit 1`
  const shown = shownAt(product, cookie, command?.id ?? "")
  let actAt = 0
  await until(
    `the act at ${miner.address}`,
    () => {
      const act = product.journal().find((entry) => entry.kind === "blink" && entry.address === miner.address)
      actAt = act ? Date.parse(String(act.at)) : 0
      return actAt > 0
    },
    30_000,
    5,
  )
  return { minerMs: actAt - postedAt, pageMs: (await shown) - postedAt }
}

/** When the command's page says SUCCEEDED, read again at each event, as the open page does. */
async function shownAt(product: Product, cookie: string, commandId: string): Promise<number> {
  const stop = new AbortController()
  const events = await fetch(`${product.url}/events`, { headers: { cookie }, signal: stop.signal })
  const reader = events.body?.getReader()
  try {
    for (;;) {
      const html = await (await fetch(`${product.url}/commands/${commandId}`, { headers: { cookie } })).text()
      if (/>Succeeded</.test(html)) return Date.now()
      if (!reader || (await reader.read()).done) throw new Error("The event stream ended.")
    }
  } finally {
    stop.abort()
  }
}
