import { describe, expect, it } from "vitest"
import { columnsOf, knownSpan, timesOf } from "./chart-data.ts"

const HOUR = 3_600_000
const from = new Date("2026-01-01T00:00:00Z")
const to = new Date(from.getTime() + 24 * HOUR)
const at = (hours: number) => new Date(from.getTime() + hours * HOUR)

describe("a course by columns", () => {
  it("keeps times and five digits, and unknown as unknown", () => {
    const points = [
      { at: at(0), ghs: 123_456.789, online: true },
      { at: at(1), ghs: null, online: null },
    ]
    const columns = columnsOf({ points, from, to }, ["ghs", "online"])
    expect(columns.values).toEqual({ ghs: [123_460, null], online: [1, null] })
    expect(timesOf(columns)).toEqual([at(0).getTime(), at(1).getTime()])
  })
  it("begins where something is known, an hour before the end at the latest", () => {
    const points = [0, 8, 23.9].map((hour) => ({ at: at(hour), ghs: hour > 20 ? 1 : null }))
    expect(knownSpan(columnsOf<"ghs">({ points, from, to }, ["ghs"])).from).toBe(at(23).getTime())
    const longer = points.map((point) => ({ ...point, ghs: point.at >= at(8) ? 1 : null }))
    expect(
      knownSpan(columnsOf<"ghs">({ points: [{ at: at(0), ghs: null }, ...longer], from, to }, ["ghs"])).from,
    ).toBe(at(8).getTime())
  })
})
