import { describe, expect, it } from "vitest"
import {
  boolean,
  count,
  ghsFactor,
  mac,
  number,
  powerW,
  rpm,
  sensorTemps,
  siNumber,
  tempC,
  text,
} from "./coerce.ts"

describe("values as miners write them", () => {
  it.each([
    ["173870.94", 173870.94],
    ["18,500.5", 18500.5],
    [" 42 ", 42],
    ["3250 W", 3250],
    ["58.94W", 58.94],
    ["4052.00 RPM", 4052],
    ["72%", 72],
    ["18.5TH/s", 18.5],
    ["7e", 7],
    ["7 watts or so", null],
    ["-5", -5],
    ["1e3", 1000],
    [0, 0],
    ["", null],
    ["N/A", null],
    ["-", null],
    ["nan", null],
    ["Socket connect failed: Connection refused", null],
    ["12:30", null],
    ["1,23", null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [null, null],
    [{}, null],
  ])("number(%j) is %s", (given, wanted) => {
    expect(number(given)).toBe(wanted)
  })

  it("rounds counters and drops impossible ones", () => {
    expect(count("156.0000")).toBe(156)
    expect(count(-1)).toBeNull()
    expect(count(1e17)).toBeNull()
  })

  it("knows the sentinels", () => {
    expect([0, -273, -40, 200, "n/a", 61.5].map(tempC)).toEqual([null, null, null, null, null, 61.5])
    expect([-1, 0, "3250 W"].map(powerW)).toEqual([null, null, 3250])
    expect([0, 999_999, "4052.4"].map(rpm)).toEqual([0, null, 4052])
  })

  it("splits sensor lists, negative values and all", () => {
    expect(sensorTemps("78-50-69-70")).toEqual([78, 50, 69, 70])
    expect(sensorTemps("78--5-69")).toEqual([78, -5, 69])
    expect(sensorTemps("0-0-0-0")).toEqual([null, null, null, null])
    expect(sensorTemps([55.5, 0])).toEqual([55.5, null])
    expect(sensorTemps("")).toEqual([])
    expect(sensorTemps("7--")).toEqual([])
  })

  it("reads SI suffixes, booleans, texts, units", () => {
    expect(["524K", "1.2M", "483k", "5", "x"].map(siNumber)).toEqual([524_000, 1_200_000, 483_000, 5, null])
    expect(["Y", "false", 1, "off", "auto", 2].map(boolean)).toEqual([true, false, true, false, null, null])
    expect(text("'20210322.22.REL'", 64)).toBe("20210322.22.REL")
    expect(text("a\nb\0", 64)).toBe("a b")
    expect(text("abcdef", 3)).toBe("abc")
    expect(["nan", "Unknown", "undefined", "----------", ""].map((each) => text(each, 64))).toEqual(
      Array(5).fill(null),
    )
    expect(["nano.farm.example", "unit 4", " x "].map((each) => text(each, 64))).toEqual([
      "nano.farm.example",
      "unit 4",
      "x",
    ])
    expect(["GH", "MH/s", "KH/s", undefined].map(ghsFactor)).toEqual([1, 1e-3, 1e-6, 1])
  })

  it.each([
    ["aabbccddeeff", "AA:BB:CC:DD:EE:FF"],
    ["aa-bb-cc-dd-ee-ff", "AA:BB:CC:DD:EE:FF"],
    ["AA:BB:CC:DD:EE:FF", "AA:BB:CC:DD:EE:FF"],
    ["AA:BB:CC:DD:EE:F", null],
    ["02:3M:00:00:00:01", null],
    ["00:00:00:00:00:00", null],
    ["ff:ff:ff:ff:ff:ff", null],
    [12, null],
  ])("mac(%j) is %s", (given, wanted) => {
    expect(mac(given)).toBe(wanted)
  })
})
