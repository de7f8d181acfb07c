import { describe, expect, it } from "vitest"
import {
  type AddressRange,
  countAddresses,
  formatIpv4,
  formatRange,
  mergeRanges,
  parseAddressRange,
  parseIpv4,
  textsOfFile,
  textsOfList,
} from "./address-ranges.ts"

const range = (text: string, edges = false) => {
  const parsed = parseAddressRange(text, { edges })
  return typeof parsed === "string" ? parsed : `${formatIpv4(parsed.from)} ${formatIpv4(parsed.to)}`
}

describe("addresses to look at", () => {
  it.each([
    ["10.0.3.7", "10.0.3.7 10.0.3.7"],
    ["10.0.3.10-10.0.4.9", "10.0.3.10 10.0.4.9"],
    [" 10.0.3.10 - 90 ", "10.0.3.10 10.0.3.90"],
    ["10.0.3.77/32", "10.0.3.77 10.0.3.77"],
    ["10.0.3.77/31", "10.0.3.76 10.0.3.77"],
    ["10.0.3.77/30", "10.0.3.77 10.0.3.78"],
    ["10.0.3.77/24", "10.0.3.1 10.0.3.254"],
    ["10.0.3.77/23", "10.0.2.1 10.0.3.254"],
    ["172.16.200.1/20", "172.16.192.1 172.16.207.254"],
    ["10.77.3.4/16", "10.77.0.1 10.77.255.254"],
    ["10.77.3.4/8", "10.0.0.1 10.255.255.254"],
    ["223.255.255.0/24", "223.255.255.1 223.255.255.254"],
  ])("A21 %s is %s", (text, expected) => expect(range(text)).toBe(expected))

  it("A21 every prefix from /8 to /32 has the addresses that its size says", () => {
    for (let prefix = 8; prefix <= 32; prefix += 1) {
      const size = 2 ** (32 - prefix)
      for (const edges of [false, true]) {
        const parsed = parseAddressRange(`10.200.100.50/${prefix}`, { edges }) as AddressRange
        expect(countAddresses([parsed])).toBe(edges || prefix >= 31 ? size : size - 2)
      }
    }
  })
  it("includes network and broadcast address when told", () =>
    expect(range("10.0.3.77/24", true)).toBe("10.0.3.0 10.0.3.255"))
  it.each([
    ["10.0.0.1-10.0.0.0", /ends before/],
    ["10.0.0.0/33", /no network/],
    ["10.0.0/8", /no network/],
    ["10.0.0.256", /no address/],
    ["10.0.0.01", /no address/],
    ["10.0.0.1:4028", /port/],
    ["miner-7", /no address/],
    ["0.0.0.0/0", /begins with 0/],
    ["169.254.169.254", /link-local/],
    ["223.0.0.0-224.0.0.1", /multicast/],
    ["10.0.0.1-10.0.0.2-10.0.0.3", /no address/],
  ])("says what is wrong with %s", (text, why) => expect(range(text)).toMatch(why))

  it("joins what overlaps and touches, so that each address stands once", () => {
    const of = (text: string) => parseAddressRange(text) as AddressRange
    const merged = mergeRanges(
      ["10.0.1.0/24", "10.0.0.9", "10.0.1.200-10.0.2.3", "10.0.0.10", "10.0.1.7"].map(of),
    )
    expect(merged.map(formatRange)).toEqual(["10.0.0.9-10.0.0.10", "10.0.1.1-10.0.2.3"])
    expect(countAddresses(merged)).toBe(2 + 254 + 5)
  })
  it("writes addresses of the upper half", () => {
    expect(formatIpv4(parseIpv4("192.168.255.1") ?? 0)).toBe("192.168.255.1")
    expect(formatIpv4(parseIpv4("223.255.255.254") ?? 0)).toBe("223.255.255.254")
  })
  it("reads lists and files", () => {
    expect(textsOfList("10.0.0.1, 10.0.0.2;10.0.0.3 # three\n\n10.0.1.0/24 10.0.2.1 - 10.0.2.9")).toEqual([
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.3",
      "10.0.1.0/24",
      "10.0.2.1-10.0.2.9",
    ])
    expect(
      textsOfFile(
        '\uFEFFIP Address,Model\n"10.0.0.1",S19\n# spare\n10.0.0.2;x\r\n10.0.0.3\tx\n\n10.0.1.0/24',
      ),
    ).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.1.0/24"])
    expect(textsOfFile("miner-7\n10.0.0.1\nnonsense")).toEqual(["miner-7", "10.0.0.1", "nonsense"])
  })
})
