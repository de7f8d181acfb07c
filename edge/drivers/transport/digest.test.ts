import { afterEach, describe, expect, it } from "vitest"
import { type FakeWeb, fakeWeb } from "../test/fake-miner.ts"
import { answersTo, authorization, parseChallenge } from "./digest-auth.ts"
import { requestDigest } from "./digest-client.ts"
import { closeHttpSockets, type HttpRequest, requestHttp } from "./http-client.ts"

const open: FakeWeb[] = []
afterEach(async () => {
  closeHttpSockets()
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

async function start(routes: FakeWeb["routes"] = { "/a": { body: { a: 1 } } }) {
  const web = await fakeWeb(routes)
  open.push(web)
  const target = { host: "127.0.0.1", port: web.port, signal: new AbortController().signal }
  const send = (request: Partial<HttpRequest> = {}, login = { username: "root", password: "root" }) =>
    requestDigest(target, login, { method: "GET", path: "/a", ...request })
  return { web, target, send }
}

it("answers the documented vector", () => {
  const challenge = parseChallenge('Digest realm="antMiner Configuration", nonce="4f2a9c1e7d", qop="auth"')
  expect(challenge).toMatchObject({ realm: "antMiner Configuration", qop: "auth", stale: false })
  const answers = answersTo(challenge!, { username: "root", password: "root" }, "0a4f113b")
  const header = authorization(answers, "GET", "/cgi-bin/get_system_info.cgi", 1)
  expect(header).toContain('response="e2ff508942199ab8b198329114c7f40e"')
  expect(header).toContain("nc=00000001")
})

it.each([
  undefined,
  "Basic realm=x",
  "Digest realm=x",
  'Digest nonce="a", qop="auth-int"',
  'Digest nonce="a", algorithm=SHA-512-256',
])("does not answer %j", (header) => {
  expect(parseChallenge(header)).toBeNull()
})

describe("requestDigest", () => {
  it("uses one nonce for many requests, its count rising", async () => {
    const { web, send } = await start()
    for (let round = 0; round < 4; round += 1) expect(await send()).toMatchObject({ ok: true, status: 200 })
    expect(web.challenges).toBe(1)
  })

  it("takes a new nonce when the server forgot the old one", async () => {
    const { web, send } = await start()
    await send()
    web.forget()
    expect(await send()).toMatchObject({ ok: true, status: 200 })
    expect(web.challenges).toBe(2)
  })

  it("gives up on a wrong password after one try", async () => {
    const { web, send } = await start()
    web.password = "other"
    expect(await send()).toMatchObject({ ok: true, status: 401 })
    expect(web.challenges).toBe(2)
  })

  it("repeats a dropped read on a fresh socket, once", async () => {
    let drops = 1
    const { web, send } = await start({ "/a": () => ({ drop: drops-- > 0, body: { a: 1 } }) })
    expect(await send()).toMatchObject({ ok: true, status: 200 })
    expect(web.asked).toHaveLength(2)
    drops = 5
    expect(await send()).toMatchObject({ ok: false, dropped: true, fault: { kind: "busy" } })
    expect(web.asked).toHaveLength(4)
  })

  it("never repeats a dropped write", async () => {
    const { web, send } = await start({ "/a": { drop: true } })
    expect(await send({ method: "POST", body: "{}", fresh: true })).toMatchObject({
      ok: false,
      sent: true,
      dropped: true,
    })
    expect(web.asked).toHaveLength(1)
  })

  it("shows credentials only to the realm they are for", async () => {
    const { web, target } = await start()
    web.realm = "router"
    const login = { username: "root", password: "root" }
    const answer = await requestDigest(target, login, { method: "GET", path: "/a" }, /^antMiner/)
    expect(answer).toMatchObject({ ok: true, status: 401 })
    expect(web.challenges).toBe(1)
    expect(web.shown).toEqual([])
  })

  it("shows a login to no other realm by a challenge that another login was given", async () => {
    const { web, target, send } = await start()
    web.realm = "router"
    web.password = "assigned"
    expect(await send({}, { username: "root", password: "assigned" })).toMatchObject({ status: 200 })
    const shown = web.shown.length
    const factory = { username: "root", password: "root" }
    const answer = await requestDigest(target, factory, { method: "GET", path: "/a" }, /^antMiner/)
    expect(answer).toMatchObject({ ok: true, status: 401 })
    expect(web.shown).toHaveLength(shown)
  })

  it("shows a login to no realm that a server changes to while it is asked", async () => {
    const { web, target } = await start()
    web.password = "other"
    web.challenged = () => {
      web.realm = "router"
      web.stale = true
    }
    const login = { username: "root", password: "root" }
    const answer = await requestDigest(target, login, { method: "GET", path: "/a" }, /^antMiner/)
    expect(answer).toMatchObject({ ok: true, status: 401 })
    expect(web.shown.map((header) => /realm="([^"]*)"/.exec(header)?.[1])).toEqual(["antMiner Configuration"])
  })

  it("sends at most three requests to a host at once", async () => {
    let running = 0
    let most = 0
    const release: (() => void)[] = []
    const { createServer } = await import("node:http")
    const server = createServer((_request, response) => {
      running += 1
      most = Math.max(most, running)
      release.push(() => {
        running -= 1
        response.end("{}")
      })
      if (release.length >= 3) for (const go of release.splice(0)) setImmediate(go)
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const target = {
      host: "127.0.0.1",
      port: (server.address() as { port: number }).port,
      signal: new AbortController().signal,
    }
    const answers = await Promise.all(
      Array.from({ length: 9 }, () => requestHttp(target, { method: "GET", path: "/" })),
    )
    expect(answers.every((answer) => answer.ok)).toBe(true)
    expect(most).toBe(3)
    server.closeAllConnections()
    server.close()
  })

  it("caps the body, and an endless answer ends at its deadline", async () => {
    const { send } = await start({ "/a": { body: "x".repeat(1_048_577) } })
    expect(await send()).toMatchObject({ ok: false, fault: { kind: "garbled" } })
    const { createServer } = await import("node:http")
    const server = createServer((_request, response) => void response.writeHead(200).write("{"))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const target = {
      host: "127.0.0.1",
      port: (server.address() as { port: number }).port,
      signal: new AbortController().signal,
    }
    const answer = await requestHttp(target, { method: "GET", path: "/", timeoutMs: 60 })
    expect(answer).toMatchObject({ ok: false, sent: true, fault: { kind: "timeout" } })
    server.closeAllConnections()
    server.close()
  })
})
