import type { Context } from "hono"
import { readSession } from "../auth/read-session.ts"
import { sseClients } from "../metrics.ts"
import type { HttpEnv, HttpParts } from "./environment.ts"

const HEARTBEAT_MS = 15_000
const RECHECK_MS = 30_000
/** A page that has not read this many bytes is gone or asleep: it is cut off and resyncs when it comes back. */
const BACKLOG_MAX_BYTES = 256 * 1024

/**
 * `GET /events`: what changed, as far as the session may know. Messages are `data: LiveEvent`; `event: resync` says
 * that some may have been missed. Ends when the session has ended, at the latest 30 s after it did.
 */
export function serveEvents(
  c: Context<HttpEnv>,
  parts: HttpParts,
  options: { heartbeatMs?: number; recheckMs?: number } = {},
): Response {
  const actor = c.get("actor")
  const session = c.get("session")
  if (actor?.kind !== "user" || !session)
    return c.json({ success: false, error: "Log in first.", code: "UNAUTHENTICATED", details: [] }, 401)
  const address = c.get("address")
  const reconnected = c.req.header("last-event-id") !== undefined
  const encoder = new TextEncoder()
  let end = () => {}

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let open = true
        let id = 0
        const send = (text: string) => {
          if (!open) return
          if ((controller.desiredSize ?? 0) < 0) return end()
          controller.enqueue(encoder.encode(text))
        }
        const subscription = parts.hub.subscribe(actor, (event) => {
          id += 1
          if (event.kind === "resync") send(`id: ${id}\nevent: resync\ndata: {}\n\n`)
          else send(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`)
        })
        const heartbeat = setInterval(() => send(": beat\n\n"), options.heartbeatMs ?? HEARTBEAT_MS)
        const recheck = setInterval(async () => {
          const current = await readSession(parts.services, { token: session.token, address }).catch(
            () => null,
          )
          if (current) subscription.update(current.actor)
          else end()
        }, options.recheckMs ?? RECHECK_MS)
        end = () => {
          if (!open) return
          open = false
          clearInterval(heartbeat)
          clearInterval(recheck)
          subscription.close()
          parts.shutdown.removeEventListener("abort", end)
          c.req.raw.signal.removeEventListener("abort", end)
          sseClients.dec()
          controller.close()
        }
        sseClients.inc()
        parts.shutdown.addEventListener("abort", end)
        c.req.raw.signal.addEventListener("abort", end)
        send(`retry: 2000\nid: ${id}\n: open\n\n`)
        if (reconnected) send(`id: ${id}\nevent: resync\ndata: {}\n\n`)
        if (parts.shutdown.aborted) end()
      },
      cancel: () => end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BACKLOG_MAX_BYTES }),
  )
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    },
  })
}
