import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { ManualClock } from "./clock.ts"
import { startControl } from "./control.ts"
import { demoAddresses, demoMiners, demoSpecials } from "./demo-farm.ts"
import { digestResponse, REALM } from "./digest.ts"
import { type Farm, type FarmOptions, startFarm } from "./farm.ts"
import { demoSpec, type FarmSpec, readFarmSpec } from "./farm-spec.ts"

const open: Farm[] = []
const folders: string[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((farm) => farm.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const one = "127.77.0.1"
const spec: FarmSpec = {
  seed: 7,
  miners: [
    { address: one, profile: "s19j-pro", worker: "acct.one" },
    { address: "127.77.0.2", profile: "s19-pro" },
    { address: "127.77.0.3", profile: "ebit-e12", privileged: true },
    { address: "127.77.0.4", profile: "s9" },
  ],
}

async function start(options: FarmOptions = {}, of = spec): Promise<Farm> {
  const farm = await startFarm(of, { clock: new ManualClock(), rpcPort: 0, webPort: 0, ...options })
  open.push(farm)
  return farm
}

/** The raw reply; rejects with the socket's error. */
function rpc(farm: Farm, address: string, request: string): Promise<string> {
  const { host, rpcPort } = farm.target(address)
  return new Promise((resolve, reject) => {
    const socket = connect(rpcPort, host, () => socket.write(request))
    const chunks: Buffer[] = []
    socket.on("data", (chunk: Buffer) => chunks.push(chunk))
    socket.on("end", () => resolve(Buffer.concat(chunks).toString("latin1")))
    socket.on("error", reject)
  })
}
async function summary(farm: Farm, address: string): Promise<Record<string, number>> {
  const reply = await rpc(farm, address, '{"command":"summary"}')
  return JSON.parse(reply.replaceAll("\0", "")).SUMMARY[0]
}

type WebReply = { status: number; body: string; authenticate: string | null }
async function fetchWeb(
  farm: Farm,
  address: string,
  path: string,
  init: RequestInit = {},
): Promise<WebReply> {
  const { host, webPort } = farm.target(address)
  const response = await fetch(`http://${host}:${webPort}${path}`, {
    ...init,
    redirect: "manual",
    headers: { Connection: "close", ...init.headers },
  })
  return {
    status: response.status,
    body: await response.text(),
    authenticate: response.headers.get("www-authenticate"),
  }
}
async function web(
  farm: Farm,
  address: string,
  path: string,
  post?: string,
  password = "root",
): Promise<WebReply> {
  const challenge = await fetchWeb(farm, address, path)
  const nonce = /nonce="(\w+)"/.exec(challenge.authenticate ?? "")![1]!
  const method = post === undefined ? "GET" : "POST"
  const [nc, cnonce] = ["00000001", "0a4f113b"]
  const response = digestResponse({
    user: "root",
    password,
    realm: REALM,
    method,
    uri: path,
    nonce,
    nc,
    cnonce,
  })
  const Authorization = `Digest username="root", realm="${REALM}", nonce="${nonce}", uri="${path}", qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`
  return fetchWeb(farm, address, path, {
    method,
    headers: { Authorization },
    ...(post === undefined ? {} : { body: post }),
  })
}
const unchanged = async (farm: Farm, address: string) => {
  const conf = JSON.parse((await web(farm, address, "/cgi-bin/get_miner_conf.cgi")).body)
  return JSON.stringify({
    "bitmain-fan-ctrl": conf["bitmain-fan-ctrl"],
    "bitmain-fan-pwm": conf["bitmain-fan-pwm"],
    "miner-mode": Number(conf["bitmain-work-mode"]),
    "bitmain-work-mode": Number(conf["bitmain-work-mode"]),
    "freq-level": conf["bitmain-freq-level"],
    pools: conf.pools,
  })
}

describe("reading over sockets", () => {
  it("closes a reply with NUL, and remembers the summary it served", async () => {
    const farm = await start()
    const reply = await rpc(farm, one, '{"command":"summary"}\n')
    expect(reply.endsWith("}\0")).toBe(true)
    const { Accepted, Elapsed } = JSON.parse(reply.slice(0, -1)).SUMMARY[0]
    expect(farm.miner(one).summaries).toMatchObject([{ seq: 1, accepted: Accepted, elapsed: Elapsed }])
    expect(farm.miner(one).readsByCommand).toEqual({ summary: 1 })
    expect(await rpc(farm, one, "version")).toMatch(/^STATUS=S,.*\|VERSION,BMMiner=1\.0\.0,.*\|\0$/)
  })

  it("gives two farms of one seed the same answers", async () => {
    const [first, second] = [await start(), await start()]
    for (const farm of [first, second]) await farm.advance(3_600_000)
    for (const { address } of spec.miners)
      for (const command of ["summary", "stats", "pools"])
        expect(await rpc(first, address, `{"command":"${command}"}`)).toBe(
          await rpc(second, address, `{"command":"${command}"}`),
        )
    const other = await start({}, { ...spec, seed: 8 })
    expect((await summary(other, one)).Accepted).not.toBe((await summary(first, one)).Accepted)
  })

  it("refuses the fifth connection to the web, and wrong passwords", async () => {
    const farm = await start()
    expect((await web(farm, one, "/cgi-bin/get_system_info.cgi")).status).toBe(200)
    expect((await web(farm, one, "/cgi-bin/get_system_info.cgi", undefined, "guess")).status).toBe(401)
    expect((await web(farm, one, "/cgi-bin/nonsense.cgi")).status).toBe(404)
    const { host, webPort } = farm.target(one)
    const sockets = await Promise.all(
      [1, 2, 3, 4].map(
        () =>
          new Promise<ReturnType<typeof connect>>((resolve) => {
            const socket = connect(webPort!, host, () => resolve(socket))
          }),
      ),
    )
    await expect(fetchWeb(farm, one, "/")).rejects.toThrow()
    for (const socket of sockets) socket.destroy()
  })
})

describe("acts", () => {
  it("a hard reboot is answered, refuses connections until the boot is over, and starts anew", async () => {
    const farm = await start()
    expect((await summary(farm, one)).Elapsed).toBeGreaterThan(3_600)
    expect((await web(farm, one, "/cgi-bin/reboot.cgi")).status).toBe(200)
    await farm.settled()
    expect(farm.acts(one).map((act) => act.kind)).toEqual(["reboot-hard"])
    await farm.advance(19_000)
    await expect(summary(farm, one)).rejects.toMatchObject({ code: "ECONNREFUSED" })
    await expect(fetchWeb(farm, one, "/")).rejects.toThrow()
    await farm.advance(2_000)
    expect(await summary(farm, one)).toMatchObject({ Elapsed: 1, Accepted: 0, "GHS 5s": 0 })
    await farm.advance(30_000)
    const warming = await summary(farm, one)
    expect(warming["GHS 5s"]).toBeGreaterThan(1_000)
    expect(warming["GHS 5s"]).toBeLessThan(80_000)
    await farm.advance(120_000)
    expect((await summary(farm, one))["GHS 5s"]).toBeGreaterThan(95_000)
  })

  it("a machine that drops the connection on reboot reboots all the same", async () => {
    const farm = await start()
    await expect(web(farm, "127.77.0.2", "/cgi-bin/reboot.cgi")).rejects.toThrow()
    await farm.settled()
    expect(farm.miner("127.77.0.2").state()).toBe("booting")
    expect(farm.acts("127.77.0.2")).toHaveLength(1)
  })

  it.each([
    one,
    "127.77.0.2",
  ])("posting the same configuration to %s restarts the mining", async (address) => {
    const farm = await start()
    const reply = await web(farm, address, "/cgi-bin/set_miner_conf.cgi", await unchanged(farm, address))
    expect(JSON.parse(reply.body)).toEqual({ stats: "success", code: "M000", msg: "OK!" })
    await farm.settled()
    expect(farm.acts(address).map((act) => act.kind)).toEqual(["reboot-soft"])
    await expect(summary(farm, address)).rejects.toMatchObject({ code: "ECONNREFUSED" })
    await farm.advance(5_000)
    expect(await summary(farm, address)).toBeUndefined()
    expect(JSON.parse((await web(farm, address, "/cgi-bin/stats.cgi")).body).STATS).toEqual([])
    await farm.advance(4_000)
    expect((await summary(farm, address)).Elapsed).toBeLessThan(5)
  })

  it("refuses a part of the configuration where the image wants all, and odd values everywhere", async () => {
    const farm = await start()
    const post = async (address: string, body: object) =>
      JSON.parse((await web(farm, address, "/cgi-bin/set_miner_conf.cgi", JSON.stringify(body))).body).code
    expect(await post("127.77.0.2", { "miner-mode": 1 })).toBe("M001")
    expect(await post(one, { "miner-mode": "1" })).toBe("M001")
    expect(await post(one, { pools: [{ url: "", user: "", pass: "" }] })).toBe("M001")
    expect(farm.acts().map((act) => act.kind)).toEqual(["refused", "refused", "refused"])
    expect(await post(one, { "miner-mode": 1 })).toBe("M000")
    await farm.advance(9_000)
    expect(farm.miner(one).state()).toBe("sleeping")
    expect(farm.acts(one).at(-1)).toMatchObject({ kind: "conf", detail: { changed: ["mode"] } })
  })

  it("blinks on text booleans only", async () => {
    const farm = await start()
    const blink = async (body: object) =>
      JSON.parse((await web(farm, one, "/cgi-bin/blink.cgi", JSON.stringify(body))).body).code
    expect(await blink({ blink: true })).toBe("B002")
    expect(await blink({ blink: "true" })).toBe("B000")
    expect((await web(farm, one, "/cgi-bin/get_blink_status.cgi")).body).toBe('{"blink":true}')
    expect(await blink({ blink: "false" })).toBe("B100")
    expect(farm.acts(one).map((act) => act.detail)).toEqual([{ on: true }, { on: false }])
  })

  it("takes the older form on an S9", async () => {
    const farm = await start()
    const post = (body: string) => web(farm, "127.77.0.4", "/cgi-bin/set_miner_conf.cgi", body)
    expect((await post('{"miner-mode":0}')).body).toContain("M001")
    expect(
      (await post("_ant_pool1url=stratum%2Btcp%3A%2F%2Fp.example%3A1&_ant_pool1user=u&_ant_pool1pw=x")).body,
    ).toBe("ok")
    expect(farm.miner("127.77.0.4").settings.pools).toEqual([
      { url: "stratum+tcp://p.example:1", user: "u", pass: "x" },
    ])
  })

  it("restarts over 4028 only where that is granted", async () => {
    const farm = await start()
    expect(await rpc(farm, one, '{"command":"restart"}')).toContain('"Code":45')
    expect(farm.miner(one).state()).toBe("mining")
    expect(await rpc(farm, "127.77.0.3", '{"command":"restart"}')).toContain("RESTART")
    await farm.settled()
    expect(farm.miner("127.77.0.3").state()).toBe("reloading")
    await expect(rpc(farm, "127.77.0.3", "version")).rejects.toMatchObject({ code: "ECONNREFUSED" })
  })

  it("journals an act before it takes effect, and goes on counting after a restart of the process", async () => {
    const folder = mkdtempSync(join(tmpdir(), "simulator-"))
    folders.push(folder)
    const journal = join(folder, "acts.jsonl")
    const lines = () =>
      readFileSync(journal, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    const first = await start({ journal, journalReads: true })
    await web(first, one, "/cgi-bin/reboot.cgi")
    expect(lines()).toMatchObject([{ seq: 1, address: one, kind: "reboot-hard" }])
    const second = await start({ journal, journalReads: true })
    const read = await summary(second, one)
    await web(second, one, "/cgi-bin/reboot.cgi")
    expect(lines().slice(1)).toMatchObject([
      { kind: "read", seq: 1, address: one, accepted: read.Accepted, elapsed: read.Elapsed },
      { seq: 2, kind: "reboot-hard" },
    ])
  })
})

describe("faults of the transport", () => {
  const version = '{"command":"version"}'
  it("offline refuses, clear brings it back", async () => {
    const farm = await start()
    farm.fault(one, "offline")
    await farm.settled()
    await expect(rpc(farm, one, version)).rejects.toMatchObject({ code: "ECONNREFUSED" })
    farm.fault(one, "clear")
    await farm.settled()
    expect(await rpc(farm, one, version)).toContain("Antminer S19j Pro")
  })

  it("truncated, garbage, nul-missing and reset spoil the reply as they say", async () => {
    const farm = await start()
    const whole = await rpc(farm, one, version)
    const under = async (kind: "truncated" | "garbage" | "nul-missing" | "reset", ask = version) => {
      farm.fault(one, "clear")
      farm.fault(one, kind)
      return rpc(farm, one, ask)
    }
    const cut = await under("truncated")
    expect(whole.startsWith(cut) && cut.length < whole.length).toBe(true)
    expect(await under("garbage")).not.toContain("{")
    expect(`${await under("nul-missing")}\0`).toBe(whole)
    await expect(under("reset")).rejects.toMatchObject({ code: "ECONNRESET" })
    await under("truncated", '{"command":"summary"}')
    expect(farm.miner(one).summaries).toBeNull()
  })

  it("split and slow deliver in parts, silent never", async () => {
    const farm = await start()
    const whole = await rpc(farm, one, version)
    for (const kind of ["split", "slow"] as const) {
      farm.fault(one, "clear")
      farm.fault(one, kind)
      const { host, rpcPort } = farm.target(one)
      const parts: string[] = []
      await new Promise<void>((resolve) => {
        const socket = connect(rpcPort, host, () => socket.write(version))
        const push = setInterval(() => void farm.advance(300), 5)
        socket.on("data", (chunk) => parts.push(chunk.toString()))
        socket.on("end", () => {
          clearInterval(push)
          resolve()
        })
      })
      expect(parts.join("")).toBe(whole)
      expect(parts.length).toBeGreaterThan(1)
    }
    farm.fault(one, "clear")
    farm.fault(one, "silent")
    const hung = rpc(farm, one, version)
    await farm.advance(60_000)
    farm.fault(one, "offline")
    await farm.settled()
    expect(await hung.catch(() => "")).toBe("")
  })
})

describe("farms", () => {
  it("the demo has 60 machines on 2 sites, and the special ones are what their names say", async () => {
    expect([demoAddresses.a.length, demoAddresses.b.length]).toEqual([40, 20])
    expect([demoAddresses.a[0], demoAddresses.a[39], demoAddresses.b[0], demoAddresses.b[19]]).toEqual([
      "127.1.0.1",
      "127.1.0.40",
      "127.2.0.1",
      "127.2.0.20",
    ])
    expect(new Set(demoMiners.map((miner) => miner.worker)).size).toBe(60)
    const farm = await start({}, demoSpec())
    expect(farm.miner(demoSpecials.healthy).profile.family).toBe("antminer")
    expect(farm.miner(demoSpecials.healthy).state()).toBe("mining")
    expect(farm.miner(demoSpecials.asleep).state()).toBe("sleeping")
    expect(farm.miner(demoSpecials.deadBoard).deadBoard()).not.toBeNull()
    expect(farm.miner(demoSpecials.hot).faults).toEqual(["hot"])
    await expect(rpc(farm, demoSpecials.offline, "version")).rejects.toMatchObject({ code: "ECONNREFUSED" })
  })

  it("reads presets and refuses nonsense", () => {
    const flat = readFarmSpec("flat:501@127.9.0.0:mix")
    expect([flat.miners[0]!.address, flat.miners[500]!.address]).toEqual(["127.9.0.1", "127.9.2.1"])
    expect(new Set(flat.miners.map((miner) => miner.profile)).size).toBeGreaterThan(4)
    expect(() => readFarmSpec("flat:x")).toThrow("flat:N")
    expect(() => readFarmSpec("flat:1:toasters")).toThrow("toasters")
  })

  it("the control port lists, breaks and mends miners", async () => {
    const farm = await start()
    const control = await startControl(farm, 0)
    const call = async (path: string, body?: object) => {
      const init = body
        ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }
        : {}
      const response = await fetch(`http://127.0.0.1:${control.port}${path}`, init)
      return [response.status, await response.json()]
    }
    expect(await call(`/miners/${one}/fault`, { kind: "hot" })).toMatchObject([200, { faults: ["hot"] }])
    expect(await call(`/miners/${one}/fault`, { kind: "on-fire" })).toMatchObject([400, {}])
    expect(await call("/miners/127.0.0.9/fault", { kind: "hot" })).toMatchObject([404, {}])
    expect(await call(`/miners/${one}/settings`, { privileged: true })).toMatchObject([
      200,
      { privileged: true },
    ])
    expect(await call("/acts")).toMatchObject([200, [{ seq: 1, kind: "fault", address: one }]])
    expect((await call("/miners"))[1]).toHaveLength(4)
    expect(await call(`/miners/${one}`)).toMatchObject([
      200,
      { reads: 0, summaries: [], reads_by_command: {} },
    ])
    await control.close()
  })
})
