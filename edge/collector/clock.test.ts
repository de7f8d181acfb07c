import { expect, it } from "vitest"
import { createEdgeClock } from "./clock.ts"

function machine(wallMs: number) {
  const now = { wall: wallMs, mono: 1_000 }
  return {
    source: { wallMs: () => now.wall, monotonicMs: () => now.mono },
    pass: (ms: number) => {
      now.wall += ms
      now.mono += ms
    },
    set: (ms: number) => {
      now.wall += ms
    },
    mono: () => now.mono,
  }
}
const SERVER = Date.parse("2026-05-01T12:00:00Z")

it("takes the server's time at the middle of the round trip", () => {
  const pc = machine(SERVER - 3_600_000)
  const clock = createEdgeClock(pc.source)
  const sent = pc.mono()
  pc.pass(400)
  clock.measure(sent, pc.mono(), SERVER)
  expect(clock.nowMs()).toBe(SERVER + 200)
  expect(clock.offsetMs()).toBe(3_600_000 + 200 - 400)
})
it("does not follow the system's clock when somebody sets it, and says that it jumped", () => {
  const pc = machine(SERVER)
  const clock = createEdgeClock(pc.source)
  clock.measure(pc.mono(), pc.mono(), SERVER)
  pc.set(-7_200_000)
  pc.pass(1_000)
  expect(clock.nowMs()).toBe(SERVER + 1_000)
  expect(clock.jumpMs()).toBe(-7_200_000)
  expect(clock.jumpMs()).toBe(0)
})
it("starts with the offset of the last run when no server answers", () => {
  expect(createEdgeClock(machine(SERVER - 90_000).source, 90_000).nowMs()).toBe(SERVER)
})
it("does not let a slow round trip replace a fresh measurement", () => {
  const pc = machine(SERVER)
  const clock = createEdgeClock(pc.source)
  clock.measure(pc.mono(), pc.mono(), SERVER)
  const sent = pc.mono()
  pc.pass(10_000)
  clock.measure(sent, pc.mono(), SERVER + 9_500)
  expect(clock.nowMs()).toBe(SERVER + 10_000)
  pc.pass(60_000)
  clock.measure(pc.mono() - 4_000, pc.mono(), SERVER + 100_000)
  expect(clock.nowMs()).toBe(SERVER + 102_000)
})
