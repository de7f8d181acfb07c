import { afterEach, beforeEach, expect, it, vi } from "vitest"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import { createFollowUps, type FollowUps } from "./follow-ups.ts"

let followUps: FollowUps
let reads: number[]
let answer: (secondsAfter: number) => Partial<TelemetrySample> | null
let intervalS: number
const seconds = () => Math.round(performance.now() / 1000)

beforeEach(() => {
  vi.useFakeTimers()
  reads = []
  intervalS = 600
  answer = () => null
  const began = seconds()
  followUps = createFollowUps({
    read: async () => {
      reads.push(seconds() - began)
      const sample = answer(seconds() - began)
      return sample === null
        ? null
        : { miner_id: "m", online: true, collected_at: "2026-01-01T00:00:00Z", ...sample }
    },
    hashrateBefore: () => 100_000,
    intervalMs: () => intervalS * 1000,
    random: () => 0.5,
  })
})
afterEach(() => {
  followUps.stop()
  vi.useRealTimers()
})
const after = (s: number) => vi.advanceTimersByTimeAsync(s * 1000)

it("E12 reads a machine soon after an act, until it hashes as before", async () => {
  answer = (s) => (s < 20 ? null : { mining: true, hashrate_5s_ghs: s < 100 ? 40_000 : 95_000 })
  followUps.follow("M", "REBOOT.soft")
  await after(2_000)
  expect(reads).toEqual([5, 15, 30, 60, 120])
  expect(followUps.size()).toBe(0)
})
it("does not take a machine for back that has not gone yet", async () => {
  answer = (s) => ({ hashrate_5s_ghs: 100_000, uptime_seconds: s < 100 ? 86_400 : 20 })
  followUps.follow("M", "UPDATE_FIRMWARE")
  followUps.follow("N", "CHANGE_POOL")
  await after(2_000)
  expect(reads).toEqual([5, 5, 15, 30, 60, 120])
})
it("is content with an answer where the gate is", async () => {
  answer = (s) => (s < 10 ? null : { mining: false, hashrate_5s_ghs: 0 })
  followUps.follow("M", "POWER_MODE.sleep")
  await after(2_000)
  expect(reads).toEqual([5, 15])
})
it("does not look for what no gate looks for", async () => {
  followUps.follow("M", "LED")
  followUps.follow("M", "BACKUP_CONFIG")
  await after(2_000)
  expect(reads).toEqual([])
})
it("ends by itself for a machine that stays away, and where the normal rhythm is faster", async () => {
  followUps.follow("M", "REBOOT.hard")
  await after(4_000)
  expect(reads).toEqual([5, 15, 30, 60, 120, 240, 420, 600, 900])
  reads = []
  intervalS = 15
  followUps.follow("M", "REBOOT.hard")
  await after(4_000)
  expect(reads).toHaveLength(2)
  intervalS = 5
  followUps.follow("M", "REBOOT.hard")
  await after(4_000)
  expect(reads).toHaveLength(2)
})
it("follows one act a machine: a newer one begins anew", async () => {
  followUps.follow("M", "REBOOT.soft")
  await after(10)
  followUps.follow("m", "CHANGE_POOL")
  expect(followUps.size()).toBe(1)
  await after(31)
  expect(reads).toEqual([5, 15, 25, 40])
})
