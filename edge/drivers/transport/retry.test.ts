import { expect, it } from "vitest"
import { NO_RETRY, POLL_RETRY, PROBE_RETRY, retryAllowance } from "./retry.ts"

it("has the pauses of the contract", () => {
  expect(PROBE_RETRY).toEqual([500, 1000, 2000])
  expect(POLL_RETRY).toHaveLength(1)
  expect(NO_RETRY).toEqual([])
})

it("allows as many repetitions as pauses, and none for what knocking does not open", async () => {
  const { signal } = new AbortController()
  const allowance = retryAllowance([1, 1], signal)
  expect(await allowance.again("refused")).toBe(false)
  expect(await allowance.again("auth")).toBe(false)
  expect(await allowance.again("unsupported")).toBe(false)
  expect(await allowance.again("timeout")).toBe(true)
  expect(await allowance.again("garbled")).toBe(true)
  expect(await allowance.again("busy")).toBe(false)
})

it("stops waiting when the time is over", async () => {
  const controller = new AbortController()
  const waiting = retryAllowance([3_600_000], controller.signal).again("timeout")
  controller.abort()
  expect(await waiting).toBe(false)
})
