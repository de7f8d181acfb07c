import { connect } from "node:net"
import { describe, expect, it } from "vitest"
import { startControl } from "./control.ts"
import { demoAddresses, demoMiners, demoSpecials } from "./demo-farm.ts"
import { demoSpec, readFarmSpec } from "./farm-spec.ts"
import { fetchWeb, one, rpc, spec, start, summary, web } from "./farm-under-test.ts"

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
    // The clock is pushed while the answer is on its way, so it may say another second.
    const timeless = (text: string) => text.replace(/"When":\d+/, "")
    const whole = timeless(await rpc(farm, one, version))
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
      expect(timeless(parts.join(""))).toBe(whole)
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
