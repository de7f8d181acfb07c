import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Farm } from "../../farm.ts"
import { one, rpc, start, summary, web } from "../../farm-under-test.ts"

/** What a simulated Antminer can be set to, and how it shows. `one` merges what is posted; `whole` wants all of it. */
const whole = "127.77.0.2"
const s21 = "127.77.0.9"
const conf = { "vendor-key": "a" }
const spec = {
  seed: 7,
  miners: [
    { address: one, profile: "s19j-pro", worker: "acct.one", conf },
    { address: whole, profile: "s19-pro", conf },
    { address: s21, profile: "s21" },
  ],
} satisfies Parameters<typeof start>[1]

const read = async (farm: Farm, address: string) =>
  JSON.parse((await web(farm, address, "/cgi-bin/get_miner_conf.cgi")).body)
const post = async (farm: Farm, address: string, body: object) => {
  const reply = await web(farm, address, "/cgi-bin/set_miner_conf.cgi", JSON.stringify(body))
  await farm.settled()
  return JSON.parse(reply.body)
}
const all = (now: Record<string, unknown>): Record<string, unknown> => ({
  ...now,
  "miner-mode": 0,
  "bitmain-work-mode": 0,
  "freq-level": "100",
})

describe("configuration", () => {
  it("is forgotten where it is left out, on the image that wants all of it", async () => {
    const farm = await start({}, spec)
    const now = await read(farm, whole)
    expect(now["vendor-key"]).toBe("a")
    await post(farm, whole, all(now))
    expect((await read(farm, whole))["vendor-key"]).toBe("a")
    const { "vendor-key": _, ...less } = all(now)
    await post(farm, whole, less)
    expect(await read(farm, whole)).not.toHaveProperty("vendor-key")
    await post(farm, one, { "miner-mode": 0 })
    expect((await read(farm, one))["vendor-key"]).toBe("a")
  })

  it("frequency level and low power show in rates, boards and the acts", async () => {
    const farm = await start({}, spec)
    await post(farm, one, { "freq-level": "80", "miner-mode": 3 })
    await farm.advance(600_000)
    const rate = (await summary(farm, one))["GHS 5s"]!
    expect(rate).toBeGreaterThan(104_000 * 0.8 * 0.78 * 0.93)
    expect(rate).toBeLessThan(104_000 * 0.8 * 0.78 * 1.07)
    const stats = JSON.parse((await web(farm, one, "/cgi-bin/stats.cgi")).body).STATS[0]
    expect(stats).toMatchObject({ "freq-level": 80, "miner-mode": 3 })
    expect(stats.chain[0].freq_avg).toBe(436)
    expect(stats.rate_ideal).toBeCloseTo(104_000 * 0.8 * 0.78, 0)
    expect(farm.acts(one).at(-1)).toMatchObject({ kind: "conf", detail: { mode: 3, level: 80 } })
  })

  it("low power is for the X19 alone", async () => {
    const farm = await start({}, spec)
    expect(await post(farm, s21, { "miner-mode": 3 })).toMatchObject({ code: "M001" })
    expect(await post(farm, s21, { "miner-mode": 2 })).toMatchObject({ code: "M001" })
  })

  it("pools keep their slots, show everywhere, and no password is told of them", async () => {
    const farm = await start({}, spec)
    const pool = (n: number) => ({ url: `stratum+tcp://p${n}.example:1`, user: `u.${n}`, pass: "hush" })
    const empty = { url: "", user: "", pass: "" }
    await post(farm, one, { pools: [pool(0), empty, pool(2)] })
    expect((await read(farm, one)).pools).toEqual([pool(0), empty, pool(2)])
    await farm.advance(60_000)
    const overRpc = JSON.parse((await rpc(farm, one, '{"command":"pools"}')).replaceAll("\0", "")).POOLS
    expect(overRpc.map(({ URL, User }: Record<string, unknown>) => [URL, User])).toEqual([
      [pool(0).url, "u.0"],
      [pool(2).url, "u.2"],
    ])
    const overWeb = JSON.parse((await web(farm, one, "/cgi-bin/pools.cgi")).body).POOLS
    expect(overWeb.map(({ index }: { index: number }) => index)).toEqual([0, 2])
    expect(JSON.stringify(farm.acts())).not.toContain("hush")
  })

  it("network information has what is set beside what is used", async () => {
    const farm = await start({}, spec)
    expect(JSON.parse((await web(farm, one, "/cgi-bin/get_network_info.cgi")).body)).toMatchObject({
      nettype: "DHCP",
      conf_nettype: "DHCP",
      conf_ipaddress: "",
      macaddr: expect.stringMatching(/^02:/),
    })
  })
})

describe("firmware", () => {
  const upload = async (farm: Farm, content: string, { name = "img.tar.gz", part = "firmware" } = {}) => {
    const head = `--b0\r\nContent-Disposition: form-data; name="${part}"; filename="${name}"\r\n\r\n`
    const reply = await web(
      farm,
      one,
      "/cgi-bin/upgrade.cgi",
      Buffer.from(`${head}${content}\r\n--b0--\r\n`),
      "root",
      null,
      "multipart/form-data; boundary=b0",
    )
    await farm.settled()
    return JSON.parse(reply.body).code
  }
  const version = async (farm: Farm) =>
    JSON.parse((await web(farm, one, "/cgi-bin/get_system_info.cgi")).body).system_filesystem_version

  it("is counted, logged and booted into; its version is the file's own word, else its name", async () => {
    const farm = await start({}, spec)
    const content = `version=2030.1\nmodel=Antminer S19j Pro\n${"\u0000\r\n--b\r\n".repeat(20_000)}`
    expect(await upload(farm, content)).toBe("U000")
    expect(farm.miner(one).state()).toBe("booting")
    const sha256 = createHash("sha256").update(content).digest("hex")
    expect(farm.acts(one).at(-1)).toMatchObject({
      kind: "upgrade",
      detail: { file: "img.tar.gz", bytes: content.length, sha256, version: "2030.1" },
    })
    await farm.advance(30_000)
    expect(await version(farm)).toBe("2030.1")
    expect(await upload(farm, "anything", { name: "2030-02-beta.bmu", part: "file" })).toBe("U000")
    await farm.advance(30_000)
    expect(await version(farm)).toBe("2030-02-beta")
  })

  it("is refused for another model, under another name, or when it is empty", async () => {
    const farm = await start({}, spec)
    expect(await upload(farm, "model=Antminer S21\n")).toBe("U001")
    expect(await upload(farm, "x", { part: "picture" })).toBe("U001")
    expect(await upload(farm, "")).toBe("U001")
    expect(farm.acts(one).map(({ kind }) => kind)).toEqual(["refused", "refused", "refused"])
    expect(farm.miner(one).state()).toBe("mining")
  })
})
