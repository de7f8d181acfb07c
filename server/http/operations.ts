import { createHash, timingSafeEqual } from "node:crypto"
import type { Context } from "hono"
import { countConnections, readJobSuccesses, readReadiness } from "#db/queries/readiness.ts"
import { databaseConnections, databaseUp, jobLastSuccess, queueDepth, registry } from "../metrics.ts"
import type { HttpEnv, HttpParts } from "./environment.ts"

const READY_DEADLINE_MS = 3_000

/** `GET /readyz`: 200 when this process can serve pages, else 503; JSON with what is missing. */
export async function serveReadiness(c: Context<HttpEnv>, parts: HttpParts): Promise<Response> {
  const late = { database: false, migrated: false, queue: false }
  const state = await within(READY_DEADLINE_MS, readReadiness(parts.services.sql), late)
  const ready = state.database && state.migrated && state.queue && !parts.shutdown.aborted
  return c.json({ ready, ...state }, ready ? 200 : 503)
}

/** `GET /metrics`: open to this machine itself, to others with `LAMPROOM_METRICS_TOKEN` as bearer. */
export async function serveMetrics(c: Context<HttpEnv>, parts: HttpParts): Promise<Response> {
  if (!mayRead(c, parts))
    return c.json(
      { success: false, error: "A bearer token is needed.", code: "UNAUTHENTICATED", details: [] },
      401,
    )
  await within(READY_DEADLINE_MS, refresh(parts), undefined)
  return new Response(await registry.metrics(), { headers: { "content-type": registry.contentType } })
}

function mayRead(c: Context<HttpEnv>, parts: HttpParts): boolean {
  const token = parts.config.LAMPROOM_METRICS_TOKEN
  const given = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1]
  if (token && given && timingSafeEqual(digest(token), digest(given))) return true
  const address = c.get("address") ?? ""
  // A proxy in front that is not declared makes everyone look local: then the token is asked for.
  const direct = c.req.header("x-forwarded-for") === undefined
  return direct && (address === "::1" || address.startsWith("127."))
}

const digest = (text: string) => createHash("sha256").update(text).digest()

async function refresh({ services }: HttpParts): Promise<void> {
  try {
    const [connections, depths, jobs] = await Promise.all([
      countConnections(services.sql),
      services.queue.depths(),
      readJobSuccesses(services.sql),
    ])
    databaseUp.set(1)
    databaseConnections.reset()
    for (const [state, count] of Object.entries(connections)) databaseConnections.set({ state }, count)
    for (const [queue, depth] of Object.entries(depths)) queueDepth.set({ queue }, depth)
    for (const job of jobs) jobLastSuccess.set({ job: job.name }, job.at.getTime() / 1000)
  } catch (error) {
    databaseUp.set(0)
    services.log.warn({ err: error }, "the database's metrics could not be read")
  }
}

async function within<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
