import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { identifyMiner } from "../registry.ts"
import { closedPort } from "../test/fake-miner.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { gpuDrivers, modelOf } from "./driver.ts"
import { mapRig } from "./map.ts"
import { bzminer } from "./programs/bzminer.ts"
import { lolminer } from "./programs/lolminer.ts"
import { nbminer } from "./programs/nbminer.ts"
import { srbminer } from "./programs/srbminer.ts"
import { trex } from "./programs/t-rex.ts"
import { xmrig } from "./programs/xmrig.ts"
import { GPU_API_PORTS, GPU_PROGRAMS } from "./programs.ts"

const map = (program: typeof trex, body: object) =>
  mapRig(program, program.rowsOf(body as Record<string, unknown>))

const TREX = {
  name: "t-rex",
  hashrate: 60_000_000,
  active_pool: { url: "stratum+tcp://p.example:1", user: "acct.rig" },
  gpus: [
    { device_id: 1, name: "RTX 3080", hashrate: 60_000_000, temperature: 61, fan_speed: 72, power: 220 },
    { device_id: 0, name: "RTX 3070", hashrate: 0, temperature: 40, fan_speed: 0, power: 30, paused: true },
    { device_id: 2, name: "RTX 3080", hashrate: 0, temperature: 0, fan_speed: 0, power: 25 },
  ],
}

describe("E22 what programs tell", () => {
  it("each GPU is a board in slot order: one without a rate is dead unless it was paused", () => {
    const mapped = map(trex, TREX)
    expect(mapped.boards!.map(({ id, chips_ok, hashrate }) => [id, chips_ok, hashrate])).toEqual([
      [0, null, 0],
      [1, 1, expect.closeTo(0.06)],
      [2, 0, 0],
    ])
    expect(mapped).toMatchObject({
      hashrate_5s_ghs: expect.closeTo(0.06),
      power_consumption: 275,
      mining: true,
    })
    expect(mapped.boards!.map(({ temp_chip_max }) => temp_chip_max)).toEqual([40, 61, null])
  })

  it("a fan in per cent has no revolutions", () => {
    expect(map(trex, TREX).fan_speeds).toBeNull()
    const srb = {
      algorithm: "x",
      shares: { accepted: 3 },
      devices: [{ id: 0, hashrate: 5, fan_speed_rpm: 1800 }],
    }
    expect(map(srbminer, srb)).toMatchObject({ fan_speeds: [1800], accepted_shares: 3 })
  })

  it("a sum is unknown when a part of it is", () => {
    const gpus = [{ power: 100, hashrate: 1 }, { hashrate: 1 }]
    expect(map(trex, { ...TREX, gpus }).power_consumption).toBeNull()
    expect(map(bzminer, { devices: [{ hashrate: [1e6] }, {}] }).hashrate_ghs).toBeNull()
  })

  it("reads both shapes of lolMiner alike", () => {
    const older = map(lolminer, {
      Session: { Uptime: 5, Accepted: 8, Submitted: 10, Performance_Summary: 61.5 },
      GPUs: [{ Index: 0, Performance: 61.5, "Temp (deg C)": 55, "Fan Speed (%)": 70, "Power (W)": 118.2 }],
    })
    const newer = map(lolminer, {
      Session: { Uptime: 5 },
      Workers: [{ Index: 0, Power: 118.2, Core_Temp: 55, Fan_Speed: 70 }],
      Algorithms: [
        {
          Performance_Factor: 1e6,
          Total_Performance: 61.5,
          Worker_Performance: [61.5],
          Total_Accepted: 8,
          Total_Rejected: 2,
        },
      ],
    })
    for (const mapped of [older, newer])
      expect(mapped).toMatchObject({
        hashrate_ghs: expect.closeTo(0.0615),
        accepted_shares: 8,
        rejected_shares: 2,
        power_consumption: 118.2,
        uptime_seconds: 5,
      })
  })

  it("reads texts, windows that are not full, and answers that lack everything", () => {
    const nb = {
      miner: { total_hashrate_raw: "61000000", devices: [{ id: 0, hashrate_raw: "61000000" }] },
      stratum: {},
    }
    expect(map(nbminer, nb)).toMatchObject({ hashrate_ghs: expect.closeTo(0.061) })
    const xm = { hashrate: { total: [12_000, null, null] }, results: { shares_good: 5, shares_total: 6 } }
    const mapped = map(xmrig, xm)
    expect(mapped.hashrate_ghs).toBeCloseTo(1.2e-5)
    expect(mapped).toMatchObject({ accepted_shares: 5, rejected_shares: 1, boards: null })
    for (const program of GPU_PROGRAMS) expect(map(program, {}).mining).toBeNull()
  })

  it("names the cards of a rig", () => {
    expect(modelOf(trex, trex.rowsOf(TREX))).toBe("2 × RTX 3080, 1 × RTX 3070")
    expect(modelOf(xmrig, xmrig.rowsOf({}))).toBeNull()
  })
})

describe("E22 how programs are found", () => {
  const profiles = ["gpu-trex", "gpu-lolminer", "gpu-xmrig", "gpu-nbminer", "gpu-bzminer"] as const
  const addresses = profiles.map((profile, at) => ({ address: `127.79.7.${at + 1}`, profile }))
  let floor: Floor
  beforeAll(async () => {
    floor = await simulatedFloor(addresses)
  })
  afterAll(() => floor.close())

  it("at whatever port the target names, by what they tell", async () => {
    const nowhere = await closedPort()
    for (const { address, profile } of addresses) {
      const context = floor.at(address)
      const own = Object.values(context.address.ports!)[0]!
      const target = { host: context.address.host, rpcPort: own, webPort: nowhere }
      expect(await identifyMiner({ ...context, address: target })).toMatchObject({
        ok: true,
        value: { family: profile, make: "GPU rig" },
      })
    }
  })

  it("each has its own port, and no two readers serve one family", () => {
    expect(new Set(GPU_API_PORTS).size).toBe(GPU_API_PORTS.length)
    expect(Object.keys(gpuDrivers)).toHaveLength(8)
  })

  it("A30 a restricted XMRig is read and not paused", async () => {
    const at = addresses.find(({ profile }) => profile === "gpu-xmrig")!.address
    const identity = await floor.known(at)
    const driver = gpuDrivers["gpu-xmrig"]!
    expect(await driver.act(floor.at(at), identity, { type: "DISABLE", parameters: {} })).toMatchObject({
      ok: true,
      value: { verified: true },
    })
    await floor.settle()
    expect(await driver.read(floor.at(at), identity)).toMatchObject({
      ok: true,
      value: { mining: false, power_mode: "sleep" },
    })
    floor.farm.miner(at).memory.set("restricted", true)
    expect(await driver.act(floor.at(at), identity, { type: "ENABLE", parameters: {} })).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported" },
    })
  })
})
