import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { captureMiner, parseCaptureArguments, playRecording } from "./capture.ts"
import { addressOf, MACHINES } from "./drivers/conformance/machines.ts"
import { type Floor, OLD_SECRET, simulatedFloor } from "./drivers/test/simulated.ts"

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
