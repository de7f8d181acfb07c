import { describe, expect, it } from "vitest"
import { createTokenBuckets } from "./token-buckets.ts"

describe("token buckets", () => {
  it("grant the burst, then the rate, each caller his own", () => {
    let nowMs = 0
    const buckets = createTokenBuckets({ perMinute: 60, burst: 3, nowMs: () => nowMs })
    expect([1, 2, 3].map(() => buckets.take("a"))).toEqual([null, null, null])
    expect(buckets.take("a")).toBe(1)
    expect(buckets.take("b")).toBeNull()
    nowMs += 1_000
    expect(buckets.take("a")).toBeNull()
    expect(buckets.take("a")).toBe(1)
    nowMs += 3_600_000
    expect([1, 2, 3, 4].map(() => buckets.take("a"))).toEqual([null, null, null, 1])
  })
  it("forget the caller that was silent longest when there are too many", () => {
    const buckets = createTokenBuckets({ perMinute: 1, burst: 1, maxKeys: 2, nowMs: () => 0 })
    buckets.take("a")
    buckets.take("b")
    expect(buckets.take("a")).toBe(60)
    buckets.take("c")
    expect(buckets.size()).toBe(2)
    expect(buckets.take("a")).toBe(60)
    expect(buckets.take("b")).toBeNull()
  })
})
