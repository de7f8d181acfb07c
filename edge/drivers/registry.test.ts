import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { detectFamily } from "./detect.ts"
import { driverFor, FAMILIES, identifyMiner, readMiner } from "./registry.ts"
import { familyByWeb } from "./signatures.ts"
import {
  closedPort,
  contextFor,
  errorReply,
  type FakeRpc,
  fakeRpc,
  fakeWeb,
  section,
} from "./test/fake-miner.ts"
import { antminerRpc, antminerWeb, genericRpc, whatsminerRpc } from "./test/machines.ts"
import { closeHttpSockets } from "./transport/http-client.ts"
import { forgetRefusedLogins } from "./transport/refused-logins.ts"

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  closeHttpSockets()
  forgetRefusedLogins()
  await Promise.all(open.splice(0).map((fake) => fake.close()))
})

async function at(
  answers: FakeRpc["answers"] | null,
  page: { status: number; headers?: Record<string, string>; body?: string } | null = null,
) {
  const rpc = answers === null ? null : await fakeRpc(answers)
  if (rpc) open.push(rpc)
  const rpcPort = rpc?.port ?? (await closedPort())
  if (page === null) return contextFor(rpcPort, await closedPort())
  const server = createServer(
    (_request, response) => void response.writeHead(page.status, page.headers).end(page.body ?? ""),
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) })
  return contextFor(rpcPort, (server.address() as AddressInfo).port)
}

const version = (row: object) => ({ version: section("VERSION", [row], 22) })

describe("identifyMiner", () => {
  it.each<[string, FakeRpc["answers"], string]>([
    ["stock Antminer", antminerRpc(), "antminer-stock"],
    ["WhatsMiner by devdetails", whatsminerRpc(), "whatsminer-v2"],
    ["plain cgminer", genericRpc(), "generic-cgminer"],
    ["LuxOS that calls itself Antminer", version({ LUXminer: "2025.4", Type: "Antminer S19" }), "luxos"],
    ["VNish", version({ Type: "Antminer S21 (Vnish 1.2.7)" }), "vnish"],
    ["Braiins", version({ BOSer: "boser-buildroot", Type: "Antminer" }), "braiins"],
    ["Hiveon", version({ BMMiner: "x", Miner: "hiveon", Type: "Antminer T9" }), "hiveon"],
    ["Avalon", version({ CGMiner: "4", PROD: "AvalonMiner 15-194" }), "avalon"],
  ])("knows %s", async (_name, answers, family) => {
    const identity = await identifyMiner(await at(answers))
    expect(identity).toMatchObject({ ok: true, value: { family } })
  })

  it.each<[string, Parameters<typeof at>[1], string]>([
    ["Bitaxe", { status: 200, body: "<title>AxeOS</title>" }, "axeos"],
    ["NerdQAxe before AxeOS", { status: 200, body: "NerdQAxe AxeOS" }, "nerdqaxe"],
    [
      "WhatsMiner by its redirect",
      { status: 307, headers: { Location: "https://1.2.3.4/" } },
      "whatsminer-v2",
    ],
    ["FutureBit", { status: 308, headers: { Location: "/overview" } }, "futurebit"],
    [
      "Elphapex",
      { status: 401, headers: { "WWW-Authenticate": 'Digest realm="Daoge", nonce="1"' } },
      "elphapex",
    ],
  ])("knows %s on the web", async (_name, page, family) => {
    const found = await detectFamily(await at(null, page))
    expect(found).toMatchObject({ ok: true, value: { family } })
  })

  it("gives firmware that calls itself Antminer to the driver of its own", async () => {
    const answers = { ...genericRpc(), ...version({ LUXminer: "2025.4", Type: "Antminer S19" }) }
    const context = await at(answers)
    const identity = await identifyMiner(context)
    if (!identity.ok) throw new Error(identity.fault.message)
    expect(identity.value).toMatchObject({
      family: "luxos",
      make: "Antminer",
      model: "S19",
      firmware: "LuxOS",
      firmwareVersion: "2025.4",
    })
    expect(driverFor("luxos")!.capabilities(identity.value).can("REBOOT.soft")).toMatchObject({ ok: true })
    expect(await readMiner(context, identity.value)).toMatchObject({
      ok: true,
      value: { make: "Antminer", firmware: "LuxOS", hashrate_5s_ghs: 14000 },
    })
  })

  it("finds an Antminer whose command port is shut", async () => {
    const web = await fakeWeb({ "/": { body: {} }, ...antminerWeb() })
    open.push(web)
    const context = contextFor(await closedPort(), web.port)
    expect(await identifyMiner(context)).toMatchObject({
      ok: true,
      value: { family: "antminer-stock", serial: "SYNTH0001" },
    })
  })

  it("looks for an API behind a command port that speaks HTTP", async () => {
    const api = createServer((request, response) =>
      request.url === "/capabilities"
        ? response.end('{"Model":"BlockMiner 520i"}')
        : response.writeHead(404).end(),
    )
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve))
    open.push({ close: () => new Promise((resolve) => api.close(() => resolve())) })
    const context = contextFor((api.address() as AddressInfo).port, await closedPort())
    expect(await detectFamily(context)).toMatchObject({ ok: true, value: { family: "epic" } })
  })

  it("tells what failed when nothing is there, and when it is no miner", async () => {
    expect(await identifyMiner(await at(null))).toMatchObject({ ok: false, fault: { kind: "refused" } })
    expect(await identifyMiner(await at({ version: errorReply(14, "what?") }))).toMatchObject({
      ok: false,
      fault: { kind: "unsupported" },
    })
    expect(await identifyMiner(await at({ version: "\u0001garbage\u0002" }))).toMatchObject({
      ok: false,
      fault: { kind: "garbled" },
    })
  })

  it("obeys a given family and refuses an unknown one", async () => {
    expect(await identifyMiner(await at(antminerRpc()), { family: "generic-cgminer" })).toMatchObject({
      ok: true,
      value: { family: "generic-cgminer" },
    })
    expect(await identifyMiner(await at(antminerRpc()), { family: "toString" })).toMatchObject({
      ok: false,
      fault: { kind: "unsupported" },
    })
  })
})

it("has a driver for every family it names", () => {
  for (const family of FAMILIES) expect(driverFor(family)).not.toBeNull()
  expect(driverFor("nobody")).toBeNull()
})

it("does not take a router for a miner", () => {
  expect(familyByWeb({ status: 200, location: "", realm: "", body: "<title>Router</title>" })).toBeNull()
  expect(familyByWeb({ status: 401, location: "", realm: "NETGEAR", body: "" })).toBeNull()
})
