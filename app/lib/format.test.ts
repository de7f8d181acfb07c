import { describe, expect, it } from "vitest"
import {
  formatDuration,
  formatExact,
  formatHashrate,
  formatPower,
  formatShare,
  formatTemp,
} from "./format.ts"

describe("numbers on pages", () => {
  it("choose a unit and a rounding a person can read", () => {
    expect(formatHashrate(95_312.4)).toBe("95.3 TH/s")
    expect(formatHashrate(12_412_000)).toBe("12.41 PH/s")
    expect(formatHashrate(9.5)).toBe("9.5 GH/s")
    expect(formatHashrate(0.3726)).toBe("372.6 MH/s")
    expect(formatHashrate(0.3726, "TH/s")).toBe("372.6 MH/s")
    expect(formatHashrate(0.000_012)).toBe("12.0 kH/s")
    expect(formatHashrate(1_204_000, "TH/s")).toBe("1,204 TH/s")
    expect(formatPower(3_240)).toBe("3,240 W")
    expect(formatPower(182_400)).toBe("182.4 kW")
    expect(formatTemp(71.25)).toBe("71 °C")
    expect(formatShare(0.9712)).toBe("97.1 %")
  })
  it("tell unknown from zero", () => {
    expect(formatHashrate(null)).toBe("–")
    expect(formatHashrate(0)).toBe("0 TH/s")
    expect(formatPower(undefined)).toBe("–")
    expect(formatPower(0)).toBe("0 W")
  })
  it("say times in the zone of the site", () => {
    const at = new Date("2026-03-31T12:05:09Z")
    expect(formatExact(at, "Europe/Oslo")).toBe("2026-03-31 14:05:09 Europe/Oslo")
    expect(formatExact(at, "America/Chicago", false)).toBe("2026-03-31 07:05 America/Chicago")
  })
  it("say how long in two parts at most", () => {
    expect(formatDuration(41_200)).toBe("41 s")
    expect(formatDuration(3 * 3_600_000 + 240_000)).toBe("3 h 4 min")
    expect(formatDuration(52 * 3_600_000)).toBe("2 d 4 h")
  })
})
