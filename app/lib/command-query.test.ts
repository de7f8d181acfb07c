import { describe, expect, it } from "vitest"
import { commandQueryOf } from "./command-query.ts"

const now = new Date("2026-11-20T12:00:00Z")
const oslo = { id: 1, slug: "fjord", timezone: "Europe/Oslo" }
const texas = { id: 2, slug: "ridge", timezone: "America/Chicago" }
const read = (query: string, sites = [oslo, texas]) => commandQueryOf(new URLSearchParams(query), sites, now)

describe("the address of the history", () => {
  it("D10 D12 narrows by site, machine, type, status, source, person and words", () => {
    expect(
      read("site=ridge&miner=7&type=REBOOT&status=halted&source=api&by=3&q=%20rack%204%20&page=2"),
    ).toMatchObject({
      page: 2,
      filter: {
        siteId: 2,
        minerId: 7,
        type: "REBOOT",
        status: "halted",
        source: "api",
        requestedBy: 3,
        q: "rack 4",
      },
    })
  })

  it("D10 leaves out what is none of these", () => {
    const { filter, page, lastDay } = read(
      "site=nowhere&miner=-1&type=rm&status=x&source=y&by=0&q=%20&from=yesterday&page=0&last=week",
    )
    expect(Object.values(filter).filter((value) => value !== undefined)).toEqual([])
    expect([page, lastDay]).toEqual([1, false])
  })

  it("D10 reads times in the site's zone, else in UTC, a single site's own", () => {
    expect(read("site=fjord&from=2026-11-20T10:00").filter.from).toEqual(new Date("2026-11-20T09:00:00Z"))
    expect(read("to=2026-11-20T10:00").filter.to).toEqual(new Date("2026-11-20T10:00:00Z"))
    expect(read("from=2026-11-20T04:00", [texas])).toMatchObject({
      zone: "America/Chicago",
      filter: { from: new Date("2026-11-20T10:00:00Z") },
    })
  })

  it("D11 the last day begins 24 hours ago, to the second, whatever else is typed", () => {
    expect(read("last=day&from=2026-01-01T00:00&to=2026-02-01T00:00")).toMatchObject({
      lastDay: true,
      filter: { from: new Date("2026-11-19T12:00:00Z"), to: undefined },
    })
  })
})
