import { createHash, randomBytes } from "node:crypto"
import { request as rawRequest } from "node:http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { useDatabase } from "#db/test/database.ts"
import { readConfig } from "../config.ts"
import { silentLog } from "../log.ts"
import { startWeb, type Web } from "../main.ts"
import type { LamproomLoadContext } from "./load-context.ts"

let web: Web
let last: LamproomLoadContext | null = null

describe("the web process", () => {
  const database = useDatabase()
  beforeAll(async () => {
    web = await startWeb(
      readConfig(["--port", "0", "--lamproom-secret", "a secret that is long enough for a test"], {}),
      {
        log: silentLog,
        database: { url: database.url, embedded: false, release: async () => {} },
        pages: async (request, context) => {
          last = context
          if (new URL(request.url).pathname === "/fails") throw new Error("secret detail")
          if (new URL(request.url).pathname === "/slow")
            return new Response(slowBody(), { headers: { "content-type": "text/html" } })
          return new Response(`<p>${await request.text()}</p>`, { headers: { "content-type": "text/html" } })
        },
      },
    )
  })
  afterAll(() => web.close())

  let release = () => {}
  function slowBody(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    return new ReadableStream({
      start(controller) {
        controller.enqueue(encoder.encode("shell"))
        release = () => {
          controller.enqueue(encoder.encode("rest"))
          controller.close()
        }
      },
    })
  }

  async function sessionCookie(): Promise<string> {
    const token = randomBytes(24).toString("base64url")
    const [user] = await database.sql<{ id: number }[]>`
    insert into user_access (email, name, kind) values (${`${token}@x.test`}, 'A', 'staff') returning id`
    const id = createHash("sha256").update(token).digest("hex")
    await database.sql`insert into sessions (id, user_id, expires_at) values (${id}, ${user!.id}, now() + interval '6 days 23 hours')`
    return `lamproom_session=${token}`
  }

  describe("health", () => {
    it("says that the process is up and ready", async () => {
      expect((await fetch(`${web.url}/healthz`)).status).toBe(200)
      const ready = await fetch(`${web.url}/readyz`)
      expect(await ready.json()).toEqual({ ready: true, database: true, migrated: true, queue: true })
    })

    it("shows metrics to this machine, and not through a proxy without the token", async () => {
      const metrics = await fetch(`${web.url}/metrics`)
      expect(await metrics.text()).toMatch(/command_execution_total[\s\S]*database_up 1/)
      const forwarded = await fetch(`${web.url}/metrics`, { headers: { "x-forwarded-for": "203.0.113.9" } })
      expect(forwarded.status).toBe(401)
    })
  })

  describe("headers", () => {
    it("carry a strict policy with the page's nonce, a new one each time", async () => {
      const first = await fetch(`${web.url}/`)
      const policy = first.headers.get("content-security-policy")
      expect(policy).toContain(`script-src 'self' 'nonce-${last?.nonce}'`)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain("unsafe")
      expect(first.headers.get("x-content-type-options")).toBe("nosniff")
      expect(first.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/)
      const second = await fetch(`${web.url}/`)
      expect(second.headers.get("content-security-policy")).not.toBe(policy)
    })

    it("are on refusals and missing assets too", async () => {
      for (const path of ["/build/none.js", "/fails", "/favicon.none"]) {
        const answer = await fetch(`${web.url}${path}`)
        expect(answer.headers.get("content-security-policy"), path).toContain("default-src 'self'")
      }
      expect((await fetch(`${web.url}/build/none.js`)).status).toBe(404)
    })
  })

  describe("errors", () => {
    it("show the request id and nothing else", async () => {
      const answer = await fetch(`${web.url}/fails`)
      expect(answer.status).toBe(500)
      const body = await answer.text()
      expect(body).not.toContain("secret detail")
      expect(body).toContain(answer.headers.get("x-request-id")!)
    })
  })

  describe("origin", () => {
    const post = (headers: Record<string, string>) => {
      const { port, hostname } = new URL(web.url)
      return new Promise<number>((resolve, reject) => {
        const sent = rawRequest({ port, hostname, method: "POST", path: "/x", headers }, (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        })
        sent.on("error", reject)
        sent.end("a=1")
      })
    }
    it("of our own pages may change things", async () => {
      expect(await post({ origin: web.url })).toBe(200)
      expect(await post({ "sec-fetch-site": "same-origin" })).toBe(200)
      const other = web.url.replace("127.0.0.1", "localhost")
      expect(await post({ origin: other, host: new URL(other).host })).toBe(200)
    })
    it("elsewhere, opaque or untold is refused", async () => {
      for (const headers of [
        { origin: "https://evil.test" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
        {} as Record<string, string>,
      ])
        expect(await post(headers), JSON.stringify(headers)).toBe(403)
    })
    it("does not help a form that is too large", async () => {
      const answer = await fetch(`${web.url}/x`, {
        method: "POST",
        headers: { origin: web.url },
        body: "x".repeat(1_100_000),
      })
      expect(answer.status).toBe(413)
    })
  })

  describe("session", () => {
    it("becomes the actor of the page; an ended one loses its cookie", async () => {
      const page = await fetch(`${web.url}/`, { headers: { cookie: await sessionCookie() } })
      expect(last?.ctx.actor).toMatchObject({ kind: "user", account: "staff" })
      expect(page.headers.get("cache-control")).toBe("private, no-store")
      expect(last?.session?.expiresAt).toBeInstanceOf(Date)
      const ended = await fetch(`${web.url}/`, { headers: { cookie: `lamproom_session=${"x".repeat(32)}` } })
      expect(last?.ctx.actor.kind).toBe("anonymous")
      expect(ended.headers.get("set-cookie")).toMatch(/Max-Age=0/)
    })
  })

  describe("compression", () => {
    it("sends the first part of a streamed page before the rest exists", async () => {
      const answer = await fetch(`${web.url}/slow`)
      expect(answer.headers.get("content-encoding")).toBe("gzip")
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
      expect((await reader.read()).value).toBe("shell")
      release()
      expect((await reader.read()).value).toBe("rest")
    })
  })
})
