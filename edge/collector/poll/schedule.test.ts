import { describe, expect, it } from "vitest"
import { createSchedule, phaseOf } from "./schedule.ts"

const keys = (count: number) => Array.from({ length: count }, (_, n) => `miner-${n}`)

function run(seconds: number, options: { stepMs?: number; finish?: (key: string) => boolean } = {}) {
  const schedule = createSchedule(60_000)
  const turns = new Map<string, number[]>()
  const perStep: number[] = []
  for (const key of keys(600)) schedule.add(key, 0, 10_000)
  for (let now = 0; now < seconds * 1000; now += options.stepMs ?? 100) {
    const due = schedule.takeDue(now)
    perStep.push(due.length)
    for (const key of due) {
      turns.set(key, [...(turns.get(key) ?? []), now])
      if (options.finish?.(key) ?? true) schedule.done(key)
    }
  }
  return { schedule, turns, perStep }
}

describe("schedule", () => {
  it("asks every miner once an interval, evenly spread", () => {
    const { turns, perStep } = run(600)
    for (const moments of turns.values()) {
      const gaps = moments.slice(2).map((at, i) => at - (moments[i + 1] as number))
      expect(Math.max(...gaps.map((gap) => Math.abs(gap - 60_000)))).toBeLessThanOrEqual(100)
    }
    const settled = perStep.slice(2_000)
    expect(Math.max(...settled)).toBeLessThan(12)
  })
  it("gives every miner its first turn soon, and the second within one and a half intervals", () => {
    const { turns } = run(120)
    expect(turns.size).toBe(600)
    for (const [first, second] of turns.values()) {
      expect(first).toBeLessThanOrEqual(10_100)
      expect((second as number) - (first as number)).toBeLessThanOrEqual(90_100)
      expect((second as number) - (first as number)).toBeGreaterThanOrEqual(30_000)
    }
  })
  it("never takes a miner that still runs, and counts the turns it missed", () => {
    const { schedule, turns } = run(300, { finish: (key) => key !== "miner-3" })
    expect(turns.get("miner-3")).toHaveLength(1)
    expect(schedule.skippedTurns()).toBeGreaterThanOrEqual(3)
    expect(turns.get("miner-4")?.length).toBeGreaterThanOrEqual(5)
  })
  it("does not make up for missed time with a burst", () => {
    const schedule = createSchedule(10_000)
    schedule.add("a", 0, 0)
    expect(schedule.takeDue(0)).toEqual(["a"])
    schedule.done("a")
    expect(schedule.takeDue(500_000)).toEqual(["a"])
    schedule.done("a")
    expect(schedule.takeDue(500_001)).toEqual([])
  })
  it("follows a new interval and forgets a removed miner", () => {
    const schedule = createSchedule(600_000)
    for (const key of keys(50)) schedule.add(key, 0, 0)
    schedule.takeDue(0).forEach(schedule.done)
    schedule.setInterval(10_000, 1_000)
    schedule.remove("miner-1")
    expect(schedule.takeDue(11_000)).toHaveLength(49)
    expect(schedule.size()).toBe(49)
  })
  it("spreads sequential names", () => {
    const buckets = new Array(10).fill(0)
    for (const key of keys(5_000)) buckets[Math.floor(phaseOf(key) * 10)] += 1
    expect(Math.min(...buckets)).toBeGreaterThan(350)
  })
})
