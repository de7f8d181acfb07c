import { describe, expect, it } from "vitest"
import { bands, clockTicks, linePath, nearest, scaleOf } from "./scale.ts"

describe("chart geometry", () => {
  it("chooses round ticks around the values", () => {
    expect(scaleOf([95.2, 101.7, null], { fromZero: true }).ticks).toEqual([0, 50, 100, 150])
    expect(scaleOf([61, 74], { fromZero: false }).ticks).toEqual([60, 65, 70, 75])
    expect(scaleOf([], { fromZero: true }).max).toBeGreaterThan(0)
    expect(scaleOf([0, 0], { fromZero: true }).max).toBeGreaterThan(0)
  })
  it("breaks the line where a value is unknown", () => {
    const scale = { min: 0, max: 10, step: 5, ticks: [0, 5, 10] }
    const path = linePath([0, 1, 2, 3, 4], [0, 10, null, 5, null], { from: 0, to: 4 }, scale)
    expect(path).toBe("M0.0 1000.0L250.0 0.0M750.0 500.0h1.5")
  })
  it("marks spans and finds the nearest sample", () => {
    expect(bands([0, 1, 2, 3], [false, true, true, false], { from: 0, to: 4 })).toEqual([
      { x: 0.25, width: 0.5 },
    ])
    expect(nearest([0, 10, 20], 14)).toBe(1)
  })
  it("puts hours where the site's clock has them", () => {
    const from = Date.parse("2026-03-10T00:30:00Z")
    const day = clockTicks(from, from + 24 * 3_600_000, "Asia/Kolkata").map((tick) => tick.label)
    expect(day).toEqual(["08:00", "12:00", "16:00", "20:00", "00:00", "04:00"])
    const hour = clockTicks(from, from + 3_600_000, "UTC").map((tick) => tick.label)
    expect(hour).toEqual(["00:30", "00:40", "00:50", "01:00", "01:10", "01:20", "01:30"])
  })
})
