import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { throttled } from "./live.ts"

describe("reading again", () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it("happens at once, then at most once in the time, and never misses the last change", () => {
    let reads = 0
    const refresh = throttled(() => {
      reads += 1
      return true
    }, 2_000)
    refresh.ask()
    expect(reads).toBe(1)
    for (let event = 0; event < 50; event += 1) refresh.ask()
    expect(reads).toBe(1)
    vi.advanceTimersByTime(2_000)
    expect(reads).toBe(2)
    vi.advanceTimersByTime(60_000)
    expect(reads).toBe(2)
  })
  it("is tried again when the page was busy", () => {
    let busy = true
    let reads = 0
    const refresh = throttled(() => {
      if (busy) return false
      reads += 1
      return true
    }, 2_000)
    refresh.ask()
    expect(reads).toBe(0)
    busy = false
    vi.advanceTimersByTime(2_000)
    expect(reads).toBe(1)
  })
  it("stops with the page", () => {
    let reads = 0
    const refresh = throttled(() => {
      reads += 1
      return true
    }, 2_000)
    refresh.ask()
    refresh.ask()
    refresh.stop()
    vi.advanceTimersByTime(10_000)
    expect(reads).toBe(1)
  })
})
