import { describe, expect, it } from "vitest"
import { parseTargetValue } from "./target-value.ts"

describe("a target", () => {
  it.each([
    ["10.0.3.7", "10.0.3.7", 1],
    [" 10.0.3.7:4028 ", "10.0.3.7", 1],
    ["10.0.3.7:4029", "10.0.3.7:4029", 1],
    ["127.1.0.1 - 127.1.0.30", "127.1.0.1-127.1.0.30", 30],
    ["10.0.3.10-90", "10.0.3.10-10.0.3.90", 81],
    ["10.0.3.99/24", "10.0.3.0/24", 256],
    ["10.0.0.0/16:4028", "10.0.0.0/16", 65_536],
  ])("%s means %s", (text, value, addresses) => {
    expect(parseTargetValue(text)).toEqual({ value, addresses })
  })

  it.each([
    "miner-7.site.lan",
    "localhost",
    "10.0.0.0/15",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/24/2",
    "10.0.3.90-10.0.3.10",
    "10.0.0.0-10.1.0.0",
    "10.0.0.1-10.0.0.2-10.0.0.3",
    "10.0.3",
    "010.0.3.7",
    "10.0.3.256",
    "10.0.3.7:0",
    "10.0.3.7:65536",
    "169.254.169.254",
    "169.253.255.0-169.254.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "http://10.0.3.7",
    "10.0.3.7 10.0.3.8",
    "",
  ])("is not %j", (text) => {
    expect(() => parseTargetValue(text)).toThrow(
      expect.objectContaining({ code: "INVALID", details: [expect.objectContaining({ path: "value" })] }),
    )
  })
})
