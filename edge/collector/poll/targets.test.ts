import { describe, expect, it } from "vitest"
import { expandTargets, MAX_ADDRESSES } from "./targets.ts"

const target = (value: string, web_port: number | null = null, family: string | null = null) => ({
  id: 1,
  value,
  web_port,
  family,
})
const hosts = (...values: string[]) =>
  expandTargets(values.map((value) => target(value))).addresses.map((a) => `${a.host}:${a.rpcPort}`)

describe("expandTargets", () => {
  it("reads a host with and without port, and takes web port and family from the target", () => {
    expect(hosts("10.0.0.5", "miner-7.farm:4029")).toEqual(["10.0.0.5:4028", "miner-7.farm:4029"])
    expect(expandTargets([target("10.0.0.5", 8080, "antminer")]).addresses).toEqual([
      { host: "10.0.0.5", rpcPort: 4028, webPort: 8080, family: "antminer" },
    ])
  })
  it("expands ranges over octet borders, short ends and ports", () => {
    expect(hosts("10.0.0.254-10.0.1.1:4030")).toEqual([
      "10.0.0.254:4030",
      "10.0.0.255:4030",
      "10.0.1.0:4030",
      "10.0.1.1:4030",
    ])
    expect(hosts("127.1.0.1-3")).toEqual(["127.1.0.1:4028", "127.1.0.2:4028", "127.1.0.3:4028"])
  })
  it.each([
    ["192.168.4.77/30", ["192.168.4.77:4028", "192.168.4.78:4028"]],
    ["10.0.0.0/31", ["10.0.0.0:4028", "10.0.0.1:4028"]],
    ["10.9.9.9/32:4444", ["10.9.9.9:4444"]],
    ["255.255.255.252/30", ["255.255.255.253:4028", "255.255.255.254:4028"]],
  ])("expands %s", (value, expected) => {
    expect(hosts(value)).toEqual(expected)
  })
  it("expands prefixes on both sides of /24", () => {
    expect(hosts("10.1.0.0/22")).toHaveLength(1022)
    expect(hosts("10.1.0.0/26")).toHaveLength(62)
  })
  it("names an address once even when targets overlap", () => {
    expect(hosts("10.0.0.1-10.0.0.2", "10.0.0.2", "10.0.0.2:4029")).toHaveLength(3)
  })
  it("says which targets it cannot use and keeps the others", () => {
    const answer = expandTargets(
      ["10.0.0.300", "10.0.0.9-10.0.0.1", "10.0.0.0/40", "10.0.0.1:0", "a b", "", "::1", "10.0.0.7"].map(
        (v) => target(v),
      ),
    )
    expect(answer.problems).toHaveLength(7)
    expect(answer.addresses.map((a) => a.host)).toEqual(["10.0.0.7"])
  })
  it("stops at the limit instead of filling the memory", () => {
    const answer = expandTargets([target("10.0.0.0/8")])
    expect(answer.addresses).toHaveLength(MAX_ADDRESSES)
    expect(answer.problems).toHaveLength(1)
  })
})
