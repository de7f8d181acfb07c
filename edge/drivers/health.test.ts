import { describe, expect, it } from "vitest"
import type { BoardSample } from "#server/contract/telemetry.ts"
import { chipsPerBoard, efficiencyJth, healthyBoards, overallHealth } from "./health.ts"
import { DEFAULT_TEMP_LIMITS } from "./limits.ts"

const board = (more: Partial<BoardSample> = {}): BoardSample => ({
  id: 0,
  temp: 50,
  temp_chip_max: 70,
  chips_ok: 100,
  chips_total: 100,
  ...more,
})
const good = {
  online: true,
  mining: true,
  power_mode: null,
  boards: [board(), board({ id: 1 })],
  boards_total: 2,
  fan_speeds: [5000, 5000],
  temperature_max: 70,
  hashrate_ghs: 100,
  hashrate_5s_ghs: 100,
  hashrate_expected_ghs: 100,
  uptime_seconds: 10_000,
}
const judge = (more: Partial<Parameters<typeof overallHealth>[0]>) =>
  overallHealth({ ...good, ...more }, DEFAULT_TEMP_LIMITS)

describe("overallHealth", () => {
  it.each<[string, Partial<Parameters<typeof overallHealth>[0]>, string]>([
    ["all well", {}, "healthy"],
    ["not answering", { online: false }, "offline"],
    ["a few chips gone", { boards: [board({ chips_ok: 96 }), board()] }, "warning"],
    ["many chips gone", { boards: [board({ chips_ok: 94 }), board()] }, "critical"],
    ["a dead board", { boards: [board({ chips_ok: 0 }), board()] }, "critical"],
    ["a missing board", { boards: [board()] }, "critical"],
    ["chip at warning", { boards: [board({ temp_chip_max: 85 }), board()] }, "warning"],
    ["chip at critical", { boards: [board({ temp_chip_max: 95 }), board()] }, "critical"],
    ["chip total at critical", { temperature_max: 95 }, "critical"],
    ["board at warning", { boards: [board({ temp: 70 }), board()] }, "warning"],
    ["board at critical", { boards: [board({ temp: 80 }), board()] }, "critical"],
    ["a stopped fan", { fan_speeds: [0, 5000] }, "critical"],
    ["a fan not fitted", { fan_speeds: [null, 5000] }, "healthy"],
    ["low rate", { hashrate_5s_ghs: 79 }, "warning"],
    ["low rate while warming up", { hashrate_5s_ghs: 10, uptime_seconds: 899 }, "healthy"],
    ["low average alone", { hashrate_ghs: 10 }, "healthy"],
    [
      "asleep",
      { mining: false, power_mode: "sleep", hashrate_5s_ghs: 0, fan_speeds: [0, 0], boards: [] },
      "healthy",
    ],
    ["not hashing, not asleep", { mining: false, hashrate_5s_ghs: 0 }, "warning"],
    ["asleep yet hot", { mining: false, power_mode: "sleep", temperature_max: 96 }, "critical"],
    [
      "nothing known",
      {
        boards: null,
        boards_total: null,
        fan_speeds: null,
        temperature_max: null,
        hashrate_5s_ghs: null,
        hashrate_ghs: null,
      },
      "healthy",
    ],
    ["chips not counted", { boards: [board({ chips_ok: null }), board()] }, "healthy"],
  ])("%s: %#", (_name, more, wanted) => {
    expect(judge(more)).toBe(wanted)
  })

  it("judges a family without chip sensors by board limits", () => {
    const cool = board({ temp_chip_max: null, temp: 69 })
    expect(judge({ boards: [cool, cool], temperature_max: 69 })).toBe("healthy")
    const warm = board({ temp_chip_max: null, temp: 71 })
    expect(judge({ boards: [warm, warm], temperature_max: 71 })).toBe("warning")
  })
})

it("counts boards with 95 % of their chips, and says nothing when nothing is known", () => {
  expect(
    healthyBoards([board(), board({ chips_ok: 95 }), board({ chips_ok: 94 }), board({ chips_ok: 0 })]),
  ).toBe(2)
  expect(healthyBoards([board({ chips_ok: null })])).toBeNull()
  expect(healthyBoards([board({ chips_total: null })])).toBeNull()
  expect(healthyBoards(null)).toBeNull()
})

it.each([
  [114, [114, 114, 114], 114],
  [114, [114, 110, 114], 114],
  [114, [114, 0, 114], 114],
  [126, [120, 120, 120], 120],
  [126, [100, 100, 100], 126],
  [76, [88, 88, 88], 88],
  [114, [110], 114],
  [null, [114, 114], null],
  [114, [], 114],
])("a catalogue of %j and boards of %j make %j chips", (catalogue, detected, wanted) => {
  expect(chipsPerBoard(catalogue, detected)).toBe(wanted)
})

it("makes efficiency of a measured power and a real rate only", () => {
  expect(efficiencyJth(3250, 100_000)).toBe(32.5)
  expect([
    efficiencyJth(null, 100_000),
    efficiencyJth(3250, 0),
    efficiencyJth(3250, null),
    efficiencyJth(0, 5),
  ]).toEqual([null, null, null, null])
})
