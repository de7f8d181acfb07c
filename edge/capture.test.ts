import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { captureMiner, parseCaptureArguments, playRecording } from "./capture.ts"
import { addressOf, MACHINES } from "./drivers/conformance/machines.ts"
import type { Identity } from "./drivers/driver.ts"
import { type Floor, OLD_SECRET, simulatedFloor } from "./drivers/test/simulated.ts"
import type { WireExchange } from "./drivers/transport/wire.ts"
import { readRecording, writeRecording } from "./recording/manifest.ts"
import { questionOf, withoutSecrets } from "./recording/recording.ts"

let floor: Floor
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "capture-"))
  floor = await simulatedFloor(
    MACHINES.map((machine) => ({
      ...machine.spec,
      address: addressOf(machine),
      profile: machine.profile,
      worker: "bc1qveryprivatewalletaddress0000000000000.rig-7",
    })),
  )
  for (const machine of MACHINES) await floor.reset(addressOf(machine))
})
afterAll(async () => {
  await floor.close()
  rmSync(folder, { recursive: true })
})

describe.each(MACHINES)("$profile", (machine) => {
  it("B22 is recorded without what belongs to its owner, and plays back as it was", async () => {
    const address = addressOf(machine)
    const { host, rpcPort, webPort, ports } = floor.at(address).address
    const out = join(folder, machine.profile)
    const request = { host, rpcPort, webPort, ports, family: null, timeoutMs: 20_000, json: true, user: null }
    const done = await captureMiner(request, out)
    if (typeof done === "string") throw new Error(done)
    const written = readdirSync(out).map((file) => readFileSync(join(out, file), "utf8"))
    for (const mine of [
      OLD_SECRET,
      "veryprivate",
      "rig-7",
      done.sample.mac,
      done.sample.serial,
      "meridianpool",
    ])
      if (mine) for (const text of written) expect(text).not.toContain(mine)
    for (const board of done.sample.boards ?? [])
      if (board.serial) for (const text of written) expect(text).not.toContain(board.serial)

    const played = await playRecording(out)
    if (!played.ok) throw new Error(played.fault.message)
    const { sample } = played.value
    expect(played.value.identity.family).toBe(machine.family)
    const kept = [
      "hashrate_ghs",
      "temperature_max",
      "fan_speeds",
      "accepted_shares",
      "power_consumption",
      "model",
    ] as const
    for (const field of kept) expect(sample[field]).toEqual(done.sample[field])
    expect(sample.pools?.map((pool) => [pool.status, pool.active])).toEqual(
      done.sample.pools?.map((pool) => [pool.status, pool.active]),
    )
    expect(sample.boards?.map((board) => ({ ...board, serial: null }))).toEqual(
      done.sample.boards?.map((board) => ({ ...board, serial: null })),
    )
  })
})

it("keeps what a machine says on two TCP ports apart", () => {
  const asked = (exchange: WireExchange, text: string) =>
    [questionOf(exchange), { exchange, text, status: 200, headers: {} }] as const
  const frame = { kind: "frame", host: "10.0.0.1", port: 4433, request: { cmd: "summary" } } as const
  const rpc = {
    kind: "rpc",
    host: "10.0.0.1",
    port: 4028,
    request: { command: "summary" },
    asText: false,
  } as const
  const out = join(folder, "two-ports")
  writeRecording(out, new Map([asked(frame, '{"code":0}'), asked(rpc, '{"SUMMARY":[]}')]), {
    identity: { family: "whatsminer-v3" } as Identity,
    expect: {},
  })
  const read = readRecording(out)
  expect(read.get(questionOf(frame))?.text).toBe('{"code":0}')
  expect(read.get(questionOf(rpc))?.text).toBe('{"SUMMARY":[]}')
})

describe("a login in a request", () => {
  const SECRET = 'my "pw}& x\\\n'
  const query = `{ Auth { login(input: { password: ${JSON.stringify(SECRET)} }) { result } } }`
  it.each([
    [JSON.stringify({ pw: SECRET }), '{"pw":"scrubbed"}'],
    [
      JSON.stringify({ username: SECRET, password: SECRET, x: 1 }),
      '{"username":"scrubbed","password":"scrubbed","x":1}',
    ],
    [
      JSON.stringify({ query, variables: null }),
      JSON.stringify({ query: query.replace(JSON.stringify(SECRET), '"scrubbed"'), variables: null }),
    ],
    [`user=root&pass=${encodeURIComponent(SECRET)}&go=1`, "user=scrubbed&pass=scrubbed&go=1"],
  ])("is taken out whole: %s", (body, left) => {
    expect(withoutSecrets(body)).toBe(left)
    expect(withoutSecrets(left)).toBe(left)
    const out = join(folder, `login-${JSON.stringify(left).length}`)
    const request = { method: "POST", path: "/login", body } as const
    const exchange: WireExchange = { kind: "http", host: "10.0.0.1", port: 80, request }
    writeRecording(
      out,
      new Map([[questionOf(exchange), { exchange, text: "{}", status: 200, headers: {} }]]),
      {
        identity: { family: "futurebit" } as Identity,
        expect: {},
      },
    )
    expect(readFileSync(join(out, "manifest.json"), "utf8")).not.toMatch(/my|root/)
    expect([...readRecording(out).keys()]).toEqual([questionOf(exchange)])
  })
})

it("says what is wrong with its command line, and writes over nothing", async () => {
  expect(parseCaptureArguments([])).toMatchObject({ problem: expect.stringContaining("HOST") })
  expect(parseCaptureArguments(["10.0.0.1"])).toMatchObject({ problem: expect.stringContaining("--out") })
  expect(parseCaptureArguments(["10.0.0.1", "--out", tmpdir()])).toMatchObject({
    problem: expect.stringContaining("not empty"),
  })
  expect(parseCaptureArguments(["play", "there"])).toEqual({ play: "there" })
  expect(parseCaptureArguments(["--help"])).toBeNull()
  await expect(playRecording(join(folder, "nothing"))).rejects.toThrow("manifest.json")
})
