import { describe, expect, it } from "vitest"
import { instantOf } from "./zoned-time.ts"

describe("a time typed in the zone of a site", () => {
  const iso = (local: string, zone: string) => instantOf(local, zone)?.toISOString() ?? null
  it("is that instant, in summer and in winter", () => {
    expect(iso("2026-07-01T14:05", "Europe/Oslo")).toBe("2026-07-01T12:05:00.000Z")
    expect(iso("2026-01-01T14:05", "Europe/Oslo")).toBe("2026-01-01T13:05:00.000Z")
    expect(iso("2026-01-01T14:05", "America/Chicago")).toBe("2026-01-01T20:05:00.000Z")
    expect(iso("2026-01-01T00:30", "Asia/Kolkata")).toBe("2025-12-31T19:00:00.000Z")
    expect(iso("2026-01-01T14:05", "UTC")).toBe("2026-01-01T14:05:00.000Z")
  })
  it("is the first of two, and an hour later when it is skipped", () => {
    expect(iso("2026-10-25T02:30", "Europe/Oslo")).toBe("2026-10-25T00:30:00.000Z")
    expect(iso("2026-03-29T02:30", "Europe/Oslo")).toBe("2026-03-29T01:30:00.000Z")
  })
  it("is nothing when it is no time", () => {
    for (const text of ["", "soon", "2026-13-01T00:00", "2026-02-30T10:00", "2026-01-01"])
      expect(iso(text, "UTC")).toBeNull()
  })
})
