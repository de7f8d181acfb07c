import { describe, expect, it } from "vitest"
import { startControl } from "./control.ts"
import type { Farm } from "./farm.ts"
import { one, rpc, start, summary, unchanged, web } from "./farm-under-test.ts"
import type { FaultKind } from "./faults.ts"

const EBIT = "127.77.0.3"
const sleep = JSON.stringify({ "miner-mode": 1 })
const post = (farm: Farm, body = sleep) => web(farm, one, "/cgi-bin/set_miner_conf.cgi", body)
const kinds = (farm: Farm, address = one) =>
  farm
    .acts(address)
    .map(({ kind }) => kind)
    .filter((kind) => kind !== "fault")

describe("faults of acts", () => {
  it.each<[FaultKind, boolean, string]>([
    ["act-drop-before", false, "ignored"],
    ["act-drop-after", true, "conf"],
  ])("%s: applied %s, and the connection is cut", async (kind, applied, logged) => {
    const farm = await start()
    farm.fault(one, kind)
    await expect(post(farm)).rejects.toThrow()
    expect(farm.miner(one).sleeping).toBe(applied)
    expect(kinds(farm)).toEqual([logged])
    expect((await web(farm, one, "/cgi-bin/get_miner_conf.cgi")).status).toBe(200)
  })

  it.each<[FaultKind, boolean, string]>([
    ["act-silent", false, "ignored"],
    ["act-lost", true, "conf"],
  ])("%s: applied %s, and never answered", async (kind, applied, logged) => {
    const farm = await start()
    farm.fault(one, kind)
    let answered = false
    const asked = post(farm)
      .then(() => {
        answered = true
      })
      .catch(() => undefined)
    await expect.poll(() => kinds(farm)).toEqual([logged])
    await farm.advance(60_000)
    expect(farm.miner(one).sleeping).toBe(applied)
    expect(answered).toBe(false)
    farm.fault(one, "offline")
    await asked
  })

  it("act-refuse says no in the page's own words", async () => {
    const farm = await start()
    farm.fault(one, "act-refuse")
    expect(JSON.parse((await post(farm)).body)).toMatchObject({ stats: "error", code: "M001" })
    expect(JSON.parse((await web(farm, one, "/cgi-bin/blink.cgi", '{"blink":"true"}')).body).code).toBe(
      "B002",
    )
    expect((await web(farm, one, "/cgi-bin/reboot.cgi")).status).toBe(500)
    expect(kinds(farm)).toEqual(["refused", "refused", "refused"])
    expect(farm.miner(one).state()).toBe("mining")
    farm.fault(EBIT, "act-refuse")
    expect(await rpc(farm, EBIT, '{"command":"restart"}')).toContain('"Code":45')
  })

  it("act-slow answers late, act-hold when told, and reads are well meanwhile", async () => {
    const farm = await start()
    farm.fault(one, "act-slow")
    const slow = post(farm)
    await expect.poll(() => kinds(farm)).toEqual(["conf"])
    expect(farm.miner(one).sleeping).toBe(false)
    await farm.advance(3_000)
    expect((await slow).body).toContain("M000")
    farm.fault(one, "clear")
    farm.fault(EBIT, "act-hold")
    const held = rpc(farm, EBIT, '{"command":"restart"}')
    await expect.poll(() => farm.miner(EBIT).held).toBe(1)
    expect((await summary(farm, EBIT)).Elapsed).toBeGreaterThan(100)
    expect(farm.release(EBIT)).toBe(1)
    expect(await held).toContain("RESTART")
    await farm.settled()
    expect(farm.miner(EBIT).state()).toBe("reloading")
  })

  it("what was held happens even when its caller has gone", async () => {
    const farm = await start()
    farm.fault(one, "act-hold")
    const body = await unchanged(farm, one)
    const gone = new AbortController()
    const asked = web(farm, one, "/cgi-bin/set_miner_conf.cgi", body, "root", gone.signal)
    const ended = expect(asked).rejects.toThrow()
    await expect.poll(() => farm.miner(one).held).toBe(1)
    gone.abort()
    await ended
    expect(farm.release(one)).toBe(1)
    await expect.poll(() => farm.miner(one).state()).toBe("reloading")
    expect(kinds(farm)).toEqual(["reboot-soft"])
  })

  it("is for so many acts as it says", async () => {
    const farm = await start()
    farm.fault(one, "act-refuse", 2)
    expect((await post(farm)).body).toContain("M001")
    expect((await post(farm)).body).toContain("M001")
    expect((await post(farm)).body).toContain("M000")
    expect(farm.miner(one).faults).not.toContain("act-refuse")
  })

  it("goes over the control port, with its release", async () => {
    const farm = await start()
    const control = await startControl(farm, 0)
    const call = async (path: string, body: object) => {
      const response = await fetch(`http://127.0.0.1:${control.port}/miners/${one}/${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      })
      return [response.status, await response.json()]
    }
    expect(await call("fault", { kind: "act-hold", times: 1 })).toMatchObject([200, { faults: ["act-hold"] }])
    expect(await call("fault", { kind: "hot", times: 1 })).toMatchObject([400, {}])
    const held = post(farm)
    await expect.poll(() => farm.miner(one).held).toBe(1)
    expect(await call("release", {})).toEqual([200, { released: 1 }])
    expect((await held).body).toContain("M000")
    expect(await call("settings", { act_delay_ms: 5 })).toMatchObject([200, { held: 0 }])
    expect(farm.miner(one).actDelayMs).toBe(5)
    await control.close()
  })
})

describe("machines that do not come back", () => {
  it("no-hash: well until it restarts, then up without a hash until it is cleared", async () => {
    const farm = await start()
    farm.fault(one, "no-hash")
    expect((await summary(farm, one))["GHS 5s"]).toBeGreaterThan(80_000)
    await web(farm, one, "/cgi-bin/set_miner_conf.cgi", await unchanged(farm, one))
    await farm.settled()
    await farm.advance(600_000)
    expect(await summary(farm, one)).toMatchObject({ "GHS 5s": 0, Accepted: 0 })
    expect((await summary(farm, one)).Elapsed).toBeGreaterThan(500)
    expect(farm.miner(one).state()).toBe("not-hashing")
    farm.fault(one, "clear")
    await farm.advance(60_000)
    expect((await summary(farm, one))["GHS 5s"]).toBeGreaterThan(80_000)
  })

  it("dead-after-reboot: stays away until it is cleared", async () => {
    const farm = await start()
    farm.fault(one, "dead-after-reboot")
    await web(farm, one, "/cgi-bin/reboot.cgi")
    await farm.settled()
    await farm.advance(24 * 3_600_000)
    await expect(summary(farm, one)).rejects.toMatchObject({ code: "ECONNREFUSED" })
    farm.fault(one, "clear")
    await farm.advance(30_000)
    expect((await summary(farm, one)).Elapsed).toBeLessThan(30)
  })
})
