import { describe, expect, it } from "vitest"
import type { Identity } from "../driver.ts"
import { capabilities } from "./capabilities.ts"
import { isV1, isV3Firmware, knowsPowerLimit } from "./dialect.ts"
import { frequencyStep } from "./frequency.ts"
import { nominalMhz } from "./settings.ts"

const identity = (more: Partial<Identity>): Identity => ({
  family: "whatsminer-v2",
  make: "WhatsMiner",
  model: "M50S VH50",
  firmware: "stock",
  firmwareVersion: "20230803.11.REL",
  api: "2.0.5",
  mac: null,
  serial: null,
  confidence: 1,
  evidence: [],
  ...more,
})

describe("the frequency that offsets count from (A24)", () => {
  it.each([
    ["no offset", 600, 610, 0, 600],
    ["a target that holds the offset", 480, 470, -20, 600],
    ["a target that does not", 600, 478, -20, 600],
    ["no target", null, 480, -20, 600],
    ["no average, as when paused", 480, null, -20, 600],
    ["nothing", null, null, 0, null],
  ])("%s", (_name, targetMhz, averageMhz, offsetPct, wanted) => {
    expect(nominalMhz({ targetMhz, averageMhz, offsetPct })).toBe(wanted)
  })

  it("half a per cent beside what is set stays as it is", () => {
    const step = (frequency_mhz: number, offsetPct: number, highest = 100) =>
      frequencyStep({ nominalMhz: 600, offsetPct }, { frequency_mhz }, highest)
    expect(step(452, -25)).toMatchObject({ ok: true, value: { offsetPct: -25 } })
    expect(step(456, -25)).toMatchObject({ ok: true, value: { offsetPct: -24 } })
    expect(step(660, 0)).toMatchObject({ ok: true, value: { offsetPct: 10 } })
    expect(step(660, 0, 0)).toMatchObject({ ok: false, fault: { kind: "unsupported" } })
    expect(frequencyStep({ nominalMhz: 600, offsetPct: null }, { frequency_mhz: 500 }, 0).ok).toBe(false)
  })
})

describe("dialects (A30)", () => {
  it("by what the API says, else by the firmware's date", () => {
    expect(isV1(identity({ api: "1.4.0" }))).toBe(true)
    expect(isV1(identity({ api: "2.0.3" }))).toBe(false)
    expect(isV1(identity({ api: null, firmwareVersion: "20210322.22.REL" }))).toBe(true)
    expect(isV1(identity({ api: null, firmwareVersion: null }))).toBe(false)
    expect(["20241031.1.REL", "20241101.1.REL", null].map(isV3Firmware)).toEqual([false, true, false])
    expect(["2.0.4", "2.0.5", "2.1", "1.9.9", null].map((api) => knowsPowerLimit(identity({ api })))).toEqual(
      [false, true, true, false, null],
    )
  })

  it("models without fans take nothing about fans, and say why", () => {
    const { can } = capabilities(identity({ model: "M63S VK10" }))
    for (const mode of ["auto", "manual", "immersion"] as const)
      expect(can(`THERMAL_POLICY.${mode}`)).toMatchObject({
        ok: false,
        fault: { message: expect.stringContaining("without fans") },
      })
    expect(can("POWER_MODE.limit").ok).toBe(true)
  })
})
