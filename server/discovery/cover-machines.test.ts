import { describe, expect, it } from "vitest"
import { parseIpv4 } from "#server/contract/address-ranges.ts"
import { covers, singleAddress, targetsFor } from "./cover-machines.ts"
import { nextRun } from "./next-run.ts"

const at = (address: string, rpcPort = 4028, webPort = 80) => ({
  addressNumber: parseIpv4(address) ?? 0,
  rpcPort,
  webPort,
})
const values = (machines: ReturnType<typeof at>[], blocked: string[] = [], most = 1_000) =>
  targetsFor(machines, new Set(blocked.map((address) => parseIpv4(address) ?? 0)), most).map(
    (one) => one.value,
  )

describe("targets of machines", () => {
  it("are few: neighbours of the same ports share one", () => {
    expect(values([at("10.0.0.9"), at("10.0.0.7"), at("10.0.0.8"), at("10.0.0.11")])).toEqual([
      "10.0.0.7-10.0.0.9",
      "10.0.0.11",
    ])
    expect(values([at("10.0.0.7", 4029), at("10.0.0.8"), at("10.0.0.9", 4029, 8888)])).toEqual([
      "10.0.0.7:4029",
      "10.0.0.8",
      "10.0.0.9:4029",
    ])
  })
  it("take in what lies between when there would be too many, but never what was ignored", () => {
    const scattered = Array.from({ length: 100 }, (_, n) => at(`10.0.0.${n * 2 + 1}`))
    expect(values(scattered, [], 10)).toEqual(["10.0.0.1-10.0.0.199"])
    expect(values(scattered, ["10.0.0.100"], 10)).toEqual(["10.0.0.1-10.0.0.99", "10.0.0.101-10.0.0.199"])
    expect(values(scattered, [], 100)).toHaveLength(100)
  })
  it("cover by address and port, and by an unusual web port where there is one", () => {
    const range = { value: "10.0.0.0/24", webPort: null }
    expect(covers(range, at("10.0.0.9"))).toBe(true)
    expect(covers(range, at("10.0.0.9", 4028, 8080))).toBe(true)
    expect(covers(range, at("10.0.0.9", 4029))).toBe(false)
    expect(covers(range, at("10.0.1.9"))).toBe(false)
    expect(covers(range, at("10.0.0.9", 4028, 4067))).toBe(false)
    expect(covers({ value: "10.0.0.9", webPort: 4067 }, at("10.0.0.9", 4028, 4067))).toBe(true)
    expect(covers({ value: "10.0.0.0/24:4029", webPort: null }, at("10.0.0.9", 4029))).toBe(true)
    // The collector leaves these two out.
    expect(covers(range, at("10.0.0.0"))).toBe(false)
    expect(covers(range, at("10.0.0.255"))).toBe(false)
  })
  it("name one address or several", () => {
    expect(singleAddress("10.0.0.9:4029")).toEqual({ address: parseIpv4("10.0.0.9"), port: 4029 })
    expect(singleAddress("10.0.0.0/24")).toBeNull()
  })
})

describe("the next run", () => {
  const daily = (dailyAt: string, zone: string, after: string) =>
    nextRun({ everyHours: null, dailyAt }, zone, new Date(after)).toISOString()
  it.each([
    ["06:30", "UTC", "2026-05-04T06:29:59Z", "2026-05-04T06:30:00.000Z"],
    ["06:30", "UTC", "2026-05-04T06:30:00Z", "2026-05-05T06:30:00.000Z"],
    ["06:30", "Europe/Oslo", "2026-05-04T03:00:00Z", "2026-05-04T04:30:00.000Z"],
    ["00:15", "Pacific/Auckland", "2026-05-04T11:00:00Z", "2026-05-04T12:15:00.000Z"],
    ["23:45", "America/Los_Angeles", "2026-05-05T03:00:00Z", "2026-05-05T06:45:00.000Z"],
    // The clocks of Oslo skip 02:30 on 29 March, and have it twice on 25 October.
    ["02:30", "Europe/Oslo", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00.000Z"],
    ["02:30", "Europe/Oslo", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00.000Z"],
    ["02:30", "Europe/Oslo", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00.000Z"],
  ])("daily at %s in %s after %s is %s", (time, zone, after, expected) =>
    expect(daily(time, zone, after)).toBe(expected))
  it("comes after its hours", () =>
    expect(
      nextRun({ everyHours: 6, dailyAt: null }, "UTC", new Date("2026-05-04T06:00:00Z")).toISOString(),
    ).toBe("2026-05-04T12:00:00.000Z"))
})
