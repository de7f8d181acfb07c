import { createHash, randomBytes, randomUUID } from "node:crypto"
import { Hono } from "hono"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { LiveEvent } from "#server/contract/live-events.ts"
import type { UserActor } from "../access/actor.ts"
import { type FarmSite, useFarm } from "../commands/test/farm.ts"
import { readConfig } from "../config.ts"
import { type LiveHub, openHub } from "../live/hub.ts"
import { notifyLive } from "../live/notify-live.ts"
import { sseClients } from "../metrics.ts"
import type { HttpEnv, HttpParts } from "./environment.ts"
import { serveEvents } from "./events.ts"
import { session } from "./session.ts"

describe("live events", () => {
  const farm = useFarm()
  const shutdown = new AbortController()
  let hub: LiveHub
  let app: Hono<HttpEnv>
  let site: FarmSite
  let otherSite: FarmSite

  beforeAll(async () => {
    hub = await openHub(farm.services())
    const parts: HttpParts = {
      config: readConfig([], {}),
      services: farm.services(),
      hub,
      baseUrl: new URL("http://127.0.0.1"),
      pages: async () => new Response(),
      publicDir: "",
      devSocket: null,
      shutdown: shutdown.signal,
    }
    app = new Hono<HttpEnv>()
    app.use(session(parts))
    app.get("/events", (c) => serveEvents(c, parts, { recheckMs: 20 }))
    site = await farm.makeSite()
    otherSite = await farm.makeSite()
  })
  afterAll(async () => {
    shutdown.abort()
    await hub?.close()
  })

  async function logIn(user: UserActor): Promise<{ cookie: string; end: () => Promise<unknown> }> {
    const token = randomBytes(24).toString("base64url")
    const id = createHash("sha256").update(token).digest("hex")
    const expiresAt = new Date(farm.clock.now.getTime() + 6.9 * 24 * 3_600_000)
    const { sql } = farm.database
    await sql`insert into sessions (id, user_id, expires_at) values (${id}, ${user.userId}, ${expiresAt})`
    return { cookie: `lamproom_session=${token}`, end: () => sql`delete from sessions where id = ${id}` }
  }

  /** Opens the stream; `until` reads on to a marker event and returns what came before it. */
  async function open(user: UserActor, headers: Record<string, string> = {}) {
    const login = await logIn(user)
    const answer = await app.request("/events", { headers: { cookie: login.cookie, ...headers } })
    expect(answer.status).toBe(200)
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    const readOn = async () => {
      const part = await reader.read()
      if (!part.done) text += part.value
      return !part.done
    }
    const events = () =>
      [...text.matchAll(/^data: (\{"kind".*\})$/gm)].map((match) => JSON.parse(match[1]!) as LiveEvent)
    return {
      ...login,
      text: () => text,
      readOn,
      close: () => reader.cancel(),
      until: async (marker: string) => {
        while (!text.includes(marker)) if (!(await readOn())) throw new Error("the stream ended")
        return events().filter((event) => event.at !== marker)
      },
      toEnd: async () => {
        while (await readOn()) {}
        return text
      },
    }
  }
  const at = "2026-05-04T10:00:00.000Z"
  const tell = (event: LiveEvent) => notifyLive(farm.database.db, event)
  const everything = async (of: FarmSite) => {
    const commandId = randomUUID()
    await tell({ kind: "telemetry", siteId: of.siteId, deviceId: of.device.deviceId, at })
    await tell({ kind: "miners", siteId: of.siteId, minerIds: of.minerIds, change: "offline", at })
    await tell({ kind: "command", siteId: of.siteId, commandId, minerIds: of.minerIds, at })
    await tell({ kind: "command", siteId: of.siteId, commandId, minerIds: of.minerIds.slice(1), at })
    await tell({ kind: "approval", siteId: of.siteId, at })
    await tell({ kind: "collector", siteId: of.siteId, deviceId: of.device.deviceId, at })
    await tell({ kind: "site", siteId: of.siteId, at })
  }

  it("tells a client of his machines and of nothing else", async () => {
    const mine = site.minerIds[0]!
    const stream = await open(await farm.makeUser("client", site.siteId, [mine]))
    await everything(otherSite)
    await everything(site)
    const marker = "2026-05-04T10:00:01.000Z"
    await tell({ kind: "site", siteId: site.siteId, at: marker })
    const events = await stream.until(marker)
    expect(events.map((event) => event.kind)).toEqual(["telemetry", "miners", "command", "site"])
    expect(events.every((event) => event.siteId === site.siteId)).toBe(true)
    for (const event of events) if ("minerIds" in event) expect(event.minerIds).toEqual([mine])
    await stream.close()
  })

  it("tells staff of their sites, and a technician of his own commands", async () => {
    const operator = await open(await farm.makeUser("operator", site.siteId))
    const technician = await open(await farm.makeUser("technician", site.siteId))
    await everything(otherSite)
    await everything(site)
    const marker = "2026-05-04T10:00:02.000Z"
    await tell({ kind: "site", siteId: site.siteId, at: marker })
    const seen = await operator.until(marker)
    expect(seen).toHaveLength(7)
    expect(seen.every((event) => event.siteId === site.siteId)).toBe(true)
    const kinds = (await technician.until(marker)).map((event) => event.kind)
    expect(kinds).toEqual(["telemetry", "miners", "collector", "site"])
    await operator.close()
    await technician.close()
  })

  it("asks a page that comes back to read again, and counts who listens", async () => {
    const before = (await sseClients.get()).values[0]?.value ?? 0
    const stream = await open(await farm.makeUser("operator", site.siteId), { "last-event-id": "7" })
    await stream.readOn()
    await stream.readOn()
    expect(stream.text()).toContain("event: resync")
    expect((await sseClients.get()).values[0]?.value).toBe(before + 1)
    await stream.close()
    expect((await sseClients.get()).values[0]?.value).toBe(before)
  })

  it("asks every page to read again after the listening connection was lost", async () => {
    const stream = await open(await farm.makeUser("operator", site.siteId))
    await farm.database.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen %' and pid <> pg_backend_pid()`
    while (!stream.text().includes("event: resync")) expect(await stream.readOn()).toBe(true)
    const marker = "2026-05-04T10:00:03.000Z"
    await tell({ kind: "site", siteId: site.siteId, at: marker })
    expect(await stream.until(marker)).toEqual([])
    await stream.close()
  })

  it("ends when the session ends or the user is disabled, and refuses strangers", async () => {
    const first = await open(await farm.makeUser("operator", site.siteId))
    await first.end()
    expect(await first.toEnd()).not.toContain("data: {")
    const user = await farm.makeUser("operator", site.siteId)
    const second = await open(user)
    await farm.database.sql`update user_access set disabled_at = now() where id = ${user.userId}`
    await second.toEnd()
    expect((await app.request("/events")).status).toBe(401)
  })
})
