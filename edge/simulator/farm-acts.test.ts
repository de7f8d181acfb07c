import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { fetchWeb, folders, one, rpc, start, summary, unchanged, web } from "./farm-under-test.ts"

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
