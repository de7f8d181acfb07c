import { describe, expect, it } from "vitest"
import { type AddressRange, mergeRanges, parseAddressRange } from "#server/contract/address-ranges.ts"
import { createPermits } from "./permits.ts"
import { walkAddresses } from "./walk.ts"

const ranges = (...texts: string[]) =>
  mergeRanges(texts.map((text) => parseAddressRange(text) as AddressRange))

describe("the walk over addresses", () => {
  it.each([
    ["10.0.0.7"],
    ["10.0.0.0/31"],
    ["10.0.0.0/30", "10.9.0.0/29"],
    ["10.1.0.0/20", "10.3.0.5", "10.2.0.1-10.2.3.9"],
  ])("A21 names every address of %s once, whatever the seed", (...texts) => {
    const wanted = ranges(...texts).flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, at) => from + at),
    )
    for (const seed of [0, 1, 7, 123_456_789, -5]) {
      const walked = [...walkAddresses(ranges(...texts), seed)].map((step) => step.address)
      expect(walked.toSorted((a, b) => a - b)).toEqual(wanted)
    }
  })
  it("spreads over the subnets: no /24 of sixteen has more than a quarter of any hundred addresses in a row", () => {
    const walked = [...walkAddresses(ranges("10.1.0.0/20"), 42)].map((step) => step.address >>> 8)
    for (let at = 0; at + 100 <= walked.length; at += 100) {
      const subnets = new Map<number, number>()
      for (const subnet of walked.slice(at, at + 100)) subnets.set(subnet, (subnets.get(subnet) ?? 0) + 1)
      expect(Math.max(...subnets.values())).toBeLessThanOrEqual(25)
    }
  })
  it("goes on where it stood", () => {
    const all = [...walkAddresses(ranges("10.1.0.0/24"), 3)]
    const rest = [...walkAddresses(ranges("10.1.0.0/24"), 3, all[100]?.position)]
    expect(rest.map((step) => step.address)).toEqual(all.slice(100).map((step) => step.address))
  })
})

describe("permits", () => {
  it("never gives more than there are, in the order of asking", async () => {
    const permits = createPermits(4)
    const order: string[] = []
    let held = 0
    let most = 0
    const work = async (name: string, count: number) => {
      await permits.take(count)
      order.push(name)
      held += count
      most = Math.max(most, held)
      await Promise.resolve()
      held -= count
      permits.give(count)
    }
    await Promise.all([work("a", 3), work("b", 3), work("c", 1), work("d", 9), work("e", 1)])
    expect(order).toEqual(["a", "b", "c", "d", "e"])
    // What is larger than everything runs alone.
    expect(most).toBe(9)
    permits.shrink(0.5, 1)
    expect(permits.limit()).toBe(2)
  })
})
