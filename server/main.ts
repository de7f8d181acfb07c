import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { createAdaptorServer } from "@hono/node-server"
import { openDatabase } from "#db/client.ts"
import { type ResolvedDatabase, resolveDatabase } from "#db/resolve.ts"
import type { Config } from "./config.ts"
import { createApp } from "./http/app.ts"
import type { HttpParts, PagesHandler } from "./http/environment.ts"
import { loadPages } from "./http/pages.ts"
import { requireProductionSettings, resolveSecret } from "./http/secret.ts"
import { openHub } from "./live/hub.ts"
import { createLog, type Log } from "./log.ts"
import { openQueue } from "./queue.ts"
import { runService } from "./run-service.ts"
import { createVault } from "./vault.ts"

/** Web: pages, edge gateway, live events and metrics on one port. The composition root of the process. */
export type Web = { url: string; close: () => Promise<void> }

const CLOSE_GRACE_MS = 10_000
/** A firmware file of 512 MiB takes this long over a line of 5 Mbit/s. */
const REQUEST_TIMEOUT_MS = 15 * 60_000
const ROOT = fileURLToPath(new URL("..", import.meta.url))

/**
 * Starts the web process in this one. `pages` replaces the built pages and `now` the clock, for tests.
 * Throws `ConfigError`, or what kept the database, the queue or the port from opening.
 */
export async function startWeb(
  config: Config,
  options: { log?: Log; pages?: PagesHandler; now?: () => Date; database?: ResolvedDatabase } = {},
): Promise<Web> {
  const log = options.log ?? createLog({ name: "web", level: config.LAMPROOM_LOG_LEVEL })
  requireProductionSettings(config)
  resolveSecret(config)
  const undo: (() => Promise<unknown> | unknown)[] = []
  const shutdown = new AbortController()
  const closeAll = async () => {
    shutdown.abort()
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const database = options.database ?? (await resolveDatabase(config))
    undo.push(() => database.release())
    const { sql, db, close } = openDatabase(database.url, { max: config.DATABASE_POOL, name: "lamproom-web" })
    undo.push(close)
    const queue = await openQueue({ databaseUrl: database.url, worker: false, log })
    undo.push(() => queue.stop())
    const vault = createVault(resolveSecret(config))
    const services = { sql, db, queue, vault, now: options.now ?? (() => new Date()), log }
    const hub = await openHub(services)
    undo.push(() => hub.close())
    const development = config.NODE_ENV === "development" && config.REMIX_DEV_ORIGIN !== undefined
    const pages = options.pages
      ? { handle: options.pages, ready: () => {}, close: () => {} }
      : await loadPages({ buildDir: `${ROOT}build`, development, log })
    undo.push(pages.close)

    // The address is known after listening (port 0), the app before the first request.
    const parts: HttpParts = {
      config,
      services,
      hub,
      baseUrl: new URL(config.LAMPROOM_BASE_URL ?? `http://${hostOf(config.HOST)}:${config.PORT}`),
      pages: pages.handle,
      publicDir: `${ROOT}public`,
      devSocket: development ? new URL(config.REMIX_DEV_ORIGIN ?? "").origin.replace(/^http/, "ws") : null,
      shutdown: shutdown.signal,
    }
    const server = createAdaptorServer({
      fetch: (request, env) => app.fetch(request, env),
      serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS },
    })
    const port = await listen(server, config.PORT, config.HOST)
    undo.push(() => closeServer(server))
    const url = `http://${hostOf(config.HOST)}:${port}`
    if (!config.LAMPROOM_BASE_URL) parts.baseUrl = new URL(url)
    const app = createApp(parts)
    pages.ready()
    log.info({ url }, "web is listening")
    return { url, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

type NodeServer = ReturnType<typeof createAdaptorServer>

function listen(server: NodeServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, () => {
      server.off("error", reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Lets requests in work finish for up to 10 s. A kept-alive connection turns idle only after its answer: look again. */
function closeServer(server: NodeServer): Promise<void> {
  if (!("closeIdleConnections" in server)) return new Promise((resolve) => server.close(() => resolve()))
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), 20)
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}

/** For an address line: people cannot open 0.0.0.0, and IPv6 wants brackets. */
function hostOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1"
  return host.includes(":") ? `[${host}]` : host
}

const HELP = `Usage: npm run web -- [--port 3000] [--host 127.0.0.1] [--database-url postgres://…] [--lamproom-…]

Serves the pages, the edge gateway (/trpc), live events, /healthz, /readyz and /metrics on one port.
Every variable of the README can be a flag: LAMPROOM_BASE_URL is --lamproom-base-url.
Needs the pages built (npm run build) and the database migrated (npm run migrate).
`

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runService({
    help: HELP,
    async start(config) {
      const web = await startWeb(config)
      return { close: web.close, running: `Lamproom web on ${web.url}` }
    },
  })
