import { describe, expect, it } from "vitest"
import { coolingOf } from "./cooling.ts"
import { dialectOf, releaseOf } from "./dialect.ts"
import { presentErrors } from "./errors.ts"
import { mapGraphql } from "./map-graphql.ts"
import { fansOf, mapRest, type RestPages } from "./map-rest.ts"
import { mapRpc, type RpcRows } from "./map-rpc.ts"
import { powerTargetOf } from "./power-target.ts"
import { slotsOf } from "./slots.ts"
import { ghs, mhz, watts } from "./units.ts"

describe("which interface a release has", () => {
  it.each<[string | null, ReturnType<typeof dialectOf>]>([
    ["2025-08-06-0-3881c51d-25.07-plus", "rest"],
    ["2026-02-01-0-aaaaaaaa-26.01.1-plus", "rest"],
    ["2025-05-13-0-91d6dc3c-25.05-plus", "graphql"],
    ["2024-10-17-0-75912fc7-24.09", "graphql"],
    ["2021-09-27-0-abcdef01-21.09-plus", "graphql"],
    ["2020-10-25-0-08c2a1fb-20.10", "rpc"],
    ["boser-openwrt 0.1.0-11012d53", "rpc"],
    ["REST API 1.7.0", "rest"],
    ["GraphQL", "graphql"],
    [null, "rpc"],
  ])("%s is spoken to by %s", (firmwareVersion, dialect) => {
    expect(dialectOf({ firmwareVersion })).toBe(dialect)
  })

  it("reads the release and not the date", () => {
    expect(releaseOf("2025-08-06-0-3881c51d-25.07-plus")).toBe(2507)
    expect(releaseOf("2025-08-06")).toBeNull()
  })
})

describe("figures in their units", () => {
  it("are read wrapped and bare", () => {
    expect([ghs({ gigahash_per_second: 5 }), ghs({ terahash_per_second: 5 }), ghs(5)]).toEqual([
      5,
      5_000,
      null,
    ])
    expect([watts({ watt: 3_031 }), watts({ value: 3_031 }), watts(3_031), watts(null)]).toEqual([
      3_031,
      3_031,
      3_031,
      null,
    ])
    expect([mhz({ hertz: 486_704_545 }), mhz(650_000_000), mhz(650), mhz({ hertz: 0 })]).toEqual([
      486.704545,
      650,
      650,
      null,
    ])
  })

  it("number boards from 6, from 1 and from 0", () => {
    expect(slotsOf(["6", "7", "8"])).toEqual([0, 1, 2])
    expect(slotsOf(["8", "6"])).toEqual([2, 0])
    expect(slotsOf(["2", "3"])).toEqual([1, 2])
    expect(slotsOf([0, 1, 2])).toEqual([0, 1, 2])
    expect(slotsOf(["x", null])).toEqual([0, 1])
  })

  it("leave out connectors without a fan, and keep a fan that stands still", () => {
    expect(fansOf([4_080, 5_580, 0, 0], 2)).toEqual([4_080, 5_580])
    expect(fansOf([0, 5_580, 0, 0], 2)).toEqual([0, 5_580])
    expect(fansOf([4_080, 0], null)).toEqual([4_080, 0])
    expect(fansOf([4_080], 0)).toBeNull()
  })
})

describe("REST", () => {
  const NONE: RestPages = {
    details: null,
    stats: null,
    hashboards: null,
    cooling: null,
    pools: null,
    errors: null,
  }

  it.each([
    [2, true, null],
    [3, false, "sleep"],
    [4, false, "sleep"],
    [1, false, null],
  ])("A02 status %s is mining %s", (status, mining, power_mode) => {
    const stats = { miner_stats: { real_hashrate: { last_5s: { gigahash_per_second: 1_000 } } } }
    expect(mapRest({ ...NONE, details: { status }, stats }, null, 0)).toMatchObject({ mining, power_mode })
  })

  it("A02 knows nothing of what is not told, and takes nothing for zero", () => {
    expect(mapRest(NONE, "S19 XP", 0)).toMatchObject({
      mining: null,
      hashrate_5s_ghs: null,
      power_consumption: null,
      power_estimated: null,
      fan_speeds: null,
      pools: null,
      boards: [],
      boards_total: 3,
    })
  })

  it("A02 a board that was switched off is not taken for a dead one", () => {
    const hashboards = {
      hashboards: [
        { id: "1", enabled: false, chips_count: 0 },
        { id: "2", chips_count: { value: 110 } },
      ],
    }
    expect(mapRest({ ...NONE, hashboards }, "S19 XP", 0).boards).toMatchObject([
      { id: 0, chips_ok: null },
      { id: 1, chips_ok: 110, chips_total: 110 },
    ])
  })

  it("B14 takes only errors of the present run, with code, place and what to do", () => {
    const now = Date.parse("2026-01-15T12:00:00Z")
    const error = (timestamp: unknown, more: object = {}) => ({
      timestamp,
      message: "Hashboard is lost",
      ...more,
    })
    const found = presentErrors(
      [
        error("2015-01-01T00:00:37Z"),
        error("2026-01-15T10:00:00Z"),
        error("2026-01-15T11:59:00Z", {
          error_codes: [{ code: "V2", reason: "No chips", hint: "Check the cables" }],
          components: [{ name: "HASHBOARD", index: 2 }],
        }),
        error({ seconds: now / 1000 - 10, nanos: 0 }),
        error(null),
      ],
      now,
      3_600,
    )
    expect(found).toEqual([
      { code: "V2", message: "Hashboard is lost (HASHBOARD 2) No chips Check the cables" },
      { code: "message", message: "Hashboard is lost" },
    ])
    expect(presentErrors(undefined, now, null)).toEqual([])
  })

  it("A25 A22 reads cooling and tuner whatever they are wrapped in", () => {
    expect(coolingOf({ auto: {} })).toEqual({ mode: "auto", speedPct: null })
    expect(coolingOf({ mode: { manual: { fan_speed_ratio: 0.85 } } })).toEqual({
      mode: "manual",
      speedPct: 85,
    })
    expect(coolingOf({ auto: null, manual: { fan_speed_ratio: { value: 1 } } })).toEqual({
      mode: "manual",
      speedPct: 100,
    })
    expect(coolingOf(undefined)).toEqual({ mode: null, speedPct: null })
    expect(powerTargetOf({ enabled: true, tuner_mode: 1, power_target: { watt: 3_031 } })).toEqual({
      targetW: 3_031,
      byPower: true,
    })
    expect(powerTargetOf({ enabled: true, tuner_mode: 2, power_target: null })).toEqual({
      targetW: null,
      byPower: false,
    })
  })
})

describe("GraphQL", () => {
  it("A02 takes a miner without info for one that was stopped", () => {
    const data = { bos: { uptime: { durationS: 5 } }, bosminer: { info: null } }
    expect(mapGraphql(data, null)).toMatchObject({ mining: false, power_mode: "sleep", hashrate_5s_ghs: 0 })
  })

  it.each([
    ["Board", "Chip"],
    ["MAX_BOARD", "MAX_CHIP"],
  ])("A02 knows its sensors as %s and %s", (board, chip) => {
    const child = {
      name: "2",
      temperatures: [
        { name: board, degreesC: 60 },
        { name: chip, degreesC: 71.5 },
      ],
    }
    const data = { bosminer: { info: { workSolver: { childSolvers: [child] } } } }
    expect(mapGraphql(data, null).boards).toMatchObject([{ id: 1, temp: 60, temp_chip_max: 71.5 }])
  })
})

describe("port 4028", () => {
  const NONE: RpcRows = {
    summary: [],
    devs: [],
    temps: [],
    fans: [],
    pools: [],
    tunerstatus: [],
    devdetails: [],
  }

  it("A02 joins devices, sensors and details by their numbers", () => {
    const told: RpcRows = {
      ...NONE,
      summary: [{ "MHS 5s": 7_000_000, "MHS av": 6_900_000, Elapsed: 100 }],
      devs: [8, 6, 7].map((ID) => ({ ID, "MHS 5s": ID * 1_000, "Nominal MHS": 1_000_000 })),
      temps: [6, 7, 8].map((ID) => ({ ID, Board: 50 + ID, Chip: 60 + ID })),
      devdetails: [7, 8, 6].map((ID) => ({ ID, Chips: 63, Frequency: 650_000_000, Voltage: 8.9 })),
      fans: [{ RPM: 4_000 }, { RPM: 4_100 }, { RPM: 0 }, { RPM: 0 }],
      tunerstatus: [
        {
          ApproximateMinerPowerConsumption: 900,
          TunerChainStatus: [
            { HashchainIndex: 6, Status: "Stable" },
            { HashchainIndex: 7, Status: "Hashchain is not working" },
          ],
        },
      ],
    }
    const mapped = mapRpc(told, null)
    expect(mapped).toMatchObject({
      hashrate_5s_ghs: 7_000,
      hashrate_expected_ghs: 3_000,
      power_consumption: 900,
      power_estimated: true,
      fan_speeds: [4_000, 4_100],
      errors: [{ code: "tuner", message: "Board 7: Hashchain is not working" }],
    })
    expect(mapped.boards!.map(({ id, temp_chip_max, frequency }) => [id, temp_chip_max, frequency])).toEqual([
      [0, 66, 650],
      [1, 67, 650],
      [2, 68, 650],
    ])
  })
})
