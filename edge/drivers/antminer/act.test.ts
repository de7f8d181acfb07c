import { afterEach, describe, expect, it } from "vitest"
import type { DriverAction } from "../driver.ts"
import { IDENTITY, machine, stopMachines } from "../test/antminer-machine.ts"
import type { FakeWeb } from "../test/fake-miner.ts"
import { antminerRpc, antminerWeb, CONF, DENIED, GRANTED } from "../test/machines.ts"
import { postBody } from "./conf.ts"
import { webDialect } from "./dialect.ts"
import { antminerDriver } from "./driver.ts"

afterEach(stopMachines)

describe("acts", () => {
  const hard: DriverAction = { type: "REBOOT", parameters: { mode: "hard" } }
  const soft: DriverAction = { type: "REBOOT", parameters: { mode: "soft" } }
  const led = (state: "on" | "off"): DriverAction => ({ type: "LED", parameters: { state } })

  it("reboots the control board with one GET, a dropped connection being its yes", async () => {
    const { context, web } = await machine(antminerRpc())
    const done = await antminerDriver.act(context, IDENTITY, hard)
    expect(done).toMatchObject({
      ok: true,
      value: { ran: "reboot.cgi", before: { uptime_seconds: 7200 }, verified: false },
    })
    expect(web!.asked.filter((each) => each.includes("reboot"))).toHaveLength(1)
  })

  it("does not know what became of a reboot that is never answered", async () => {
    const { context } = await machine(
      antminerRpc(),
      antminerWeb({ "/cgi-bin/reboot.cgi": () => ({ body: {}, act: () => controller.abort() }) }),
    )
    const controller = new AbortController()
    expect(await antminerDriver.act({ ...context, signal: controller.signal }, IDENTITY, hard)).toMatchObject(
      { ok: false, sent: true, fault: { kind: "timeout" } },
    )
  })

  it("sends nothing when the login is refused or the port is shut", async () => {
    const { context, web } = await machine(antminerRpc())
    web!.password = "changed"
    expect(await antminerDriver.act(context, IDENTITY, hard)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "auth" },
    })
    expect(web!.asked).toEqual([])
    const shut = await machine(antminerRpc(), null)
    expect(await antminerDriver.act(shut.context, IDENTITY, hard)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
  })

  it("restarts by RPC only where privileged", async () => {
    const { context, rpc, web } = await machine({ ...antminerRpc(), privileged: GRANTED, restart: "RESTART" })
    expect(await antminerDriver.act(context, IDENTITY, soft)).toMatchObject({
      ok: true,
      value: { ran: "restart" },
    })
    expect(rpc.asked.at(-1)).toBe("restart")
    expect(web!.asked).toEqual([])
  })

  it("else posts the unchanged configuration, every key of it, and reads it back", async () => {
    const { context, rpc, web } = await machine({ ...antminerRpc(), privileged: DENIED })
    const done = await antminerDriver.act(context, IDENTITY, soft)
    expect(done).toMatchObject({
      ok: true,
      value: { verified: true, before: { uptime_seconds: 7200 }, after: { changed_settings: [] } },
    })
    expect(rpc.asked).not.toContain("restart")
    expect(web!.bodies).toHaveLength(1)
    const sent = JSON.parse(web!.bodies[0]!)
    expect(sent).toMatchObject({
      ...CONF,
      pools: expect.anything(),
      "bitmain-work-mode": 0,
      "miner-mode": 0,
      "freq-level": "100",
    })
    expect(sent.pools).toEqual([
      CONF.pools[0],
      { url: "", user: "", pass: "" },
      { url: "", user: "", pass: "" },
    ])
    expect(JSON.stringify(done)).not.toContain("pool-secret")
  })

  it("reports a miner that refuses its configuration as not run", async () => {
    const refusal = {
      "/cgi-bin/set_miner_conf.cgi": { body: { stats: "error", code: "M001", msg: "bad pool" } },
    }
    const { context } = await machine({ ...antminerRpc(), privileged: DENIED }, antminerWeb(refusal))
    expect(await antminerDriver.act(context, IDENTITY, soft)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
  })

  it("does not post a configuration without a work mode", () => {
    expect(postBody({ pools: [], "bitmain-freq": "675" })).toBeNull()
    expect(postBody({ "bitmain-work-mode": "0" })).toBeNull()
  })

  it("switches the light and reads it back", async () => {
    const { context, web } = await machine(antminerRpc())
    expect(await antminerDriver.act(context, IDENTITY, led("on"))).toMatchObject({
      ok: true,
      value: { ran: "blink.cgi on", verified: true, before: { blink: false }, after: { blink: true } },
    })
    expect(web!.bodies).toEqual(['{"blink":"true"}'])
    expect(await antminerDriver.act(context, IDENTITY, led("off"))).toMatchObject({
      ok: true,
      value: { after: { blink: false } },
    })
  })

  it("believes the light, not the answer", async () => {
    const stuck = { "/cgi-bin/get_blink_status.cgi": { body: { blink: false } } }
    const { context } = await machine(antminerRpc(), antminerWeb(stuck))
    expect(await antminerDriver.act(context, IDENTITY, led("on"))).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused" },
    })
  })

  it("speaks forms to older web interfaces, whose light never answers, and spares their settings", async () => {
    let lit = false
    const form: FakeWeb["routes"][string] = () => {
      const body = web!.bodies.at(-1)
      if (body === "action=startBlink") lit = true
      if (body === "action=stopBlink") lit = false
      return { drop: body === "action=startBlink", body: { isBlinking: lit } }
    }
    const { context, web } = await machine(
      { ...antminerRpc(), privileged: DENIED },
      antminerWeb({ "/cgi-bin/blink.cgi": form }),
    )
    const s9 = { ...IDENTITY, model: "S9" }
    expect(await antminerDriver.act(context, s9, led("on"))).toMatchObject({
      ok: true,
      value: { verified: true, before: { blink: false }, after: { blink: true } },
    })
    expect(web!.bodies).toEqual(["action=onPageLoaded", "action=startBlink", "action=onPageLoaded"])
    expect(await antminerDriver.act(context, s9, soft)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported" },
    })
    expect(web!.bodies).toHaveLength(3)
  })

  it.each([
    ["S9", "legacy"],
    ["T9+", "legacy"],
    ["S17 Pro", "legacy"],
    ["L3+", "legacy"],
    ["S19", "modern"],
    ["S21 XP", "modern"],
    ["T21", "modern"],
    ["L7", "modern"],
    [null, "modern"],
  ])("takes the web interface of %s for %s", (model, dialect) => {
    expect(webDialect(model)).toBe(dialect)
  })
})
