import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Identity } from "#edge/drivers/driver.ts"
import { type IdentityMap, openIdentityMap } from "./identity-map.ts"
import { compareIds, hardwareIds, normalMac } from "./known-ids.ts"

let dir = ""
let map: IdentityMap
const at = (host: string, rpcPort = 4028) => ({ host, rpcPort, webPort: 80 })
const says = (serial: string | null, mac: string | null = null): Identity => ({
  family: "generic",
  make: "Generic",
  model: null,
  firmware: null,
  firmwareVersion: null,
  serial,
  mac,
  confidence: 1,
  evidence: [],
})
const reopen = () => {
  map.close()
  map = openIdentityMap(join(dir, "miners.db")).identities
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lamproom-identities-"))
  map = openIdentityMap(join(dir, "miners.db")).identities
})
afterEach(() => {
  map.close()
  rmSync(dir, { recursive: true, force: true })
})

describe("identity map", () => {
  it("takes serial, else MAC, else an id of its own, and keeps it over a restart", () => {
    expect(map.file(at("10.0.0.1"), says("SN-0001", "aa:bb:cc:00:00:01")).minerId).toBe("SN-0001")
    expect(map.file(at("10.0.0.2"), says(null, "AA-BB-CC-00-00-02")).minerId).toBe("aa:bb:cc:00:00:02")
    const assigned = map.file(at("10.0.0.3"), says(null)).minerId
    expect(assigned).toMatch(/^[0-9a-f-]{36}$/)
    reopen()
    expect(map.size()).toBe(3)
    expect(map.file(at("10.0.0.3"), says(null)).minerId).toBe(assigned)
    expect(map.at({ host: "10.0.0.2", rpcPort: 4028 })?.minerId).toBe("aa:bb:cc:00:00:02")
  })
  it("never renames a machine when a serial or MAC is learnt later", () => {
    const first = map.file(at("10.0.0.1"), says(null)).minerId
    expect(map.file(at("10.0.0.1"), says("SN-0001", "aa:bb:cc:00:00:01")).minerId).toBe(first)
    reopen()
    expect(map.file(at("10.0.0.9"), says("sn-0001")).minerId).toBe(first)
  })
  it("moves a machine by serial or MAC and frees its old address", () => {
    map.file(at("10.0.0.1"), says("SN-0001"))
    map.file(at("10.0.0.2"), says(null, "aa:bb:cc:00:00:02"))
    expect(map.elsewhere(at("10.0.0.7"), says("SN-0001"))?.minerId).toBe("SN-0001")
    map.file(at("10.0.0.7"), says("SN-0001"))
    map.file(at("10.0.0.1"), says(null, "aa:bb:cc:00:00:02"))
    expect(map.at({ host: "10.0.0.7", rpcPort: 4028 })?.minerId).toBe("SN-0001")
    expect(map.at({ host: "10.0.0.1", rpcPort: 4028 })?.minerId).toBe("aa:bb:cc:00:00:02")
    expect(map.at({ host: "10.0.0.2", rpcPort: 4028 })).toBeNull()
  })
  it("swaps two machines without mixing them up", () => {
    map.file(at("10.0.0.1"), says("SN-000A"))
    map.file(at("10.0.0.2"), says("SN-000B"))
    map.file(at("10.0.0.1"), says("SN-000B"))
    map.file(at("10.0.0.2"), says("SN-000A"))
    reopen()
    expect(map.size()).toBe(2)
    expect(map.at({ host: "10.0.0.1", rpcPort: 4028 })?.minerId).toBe("SN-000B")
    expect(map.at({ host: "10.0.0.2", rpcPort: 4028 })?.minerId).toBe("SN-000A")
  })
  it("files another machine at a known address as another machine", () => {
    map.file(at("10.0.0.1"), says("SN-0001"))
    expect(map.file(at("10.0.0.1"), says("SN-0002")).minerId).toBe("SN-0002")
    expect(map.byId("sn-0001")?.address).toBeNull()
  })
  it("gives a second machine with the same serial an id of its own and keeps the two apart", () => {
    const first = map.file(at("10.0.0.1"), says("SN-0001"))
    const second = map.file(at("10.0.0.2"), says("SN-0001"), first).minerId
    expect(second).not.toBe("SN-0001")
    expect(map.elsewhere(at("10.0.0.2"), says("SN-0001"))).toBeNull()
    expect(map.file(at("10.0.0.2"), says("SN-0001")).minerId).toBe(second)
    expect(map.file(at("10.0.0.1"), says("SN-0001")).minerId).toBe("SN-0001")
  })
  it("gives ids back that the server remembers: by serial, by MAC, by address", () => {
    map.restore([
      { miner_id: "row-1", ip_address: "10.0.0.1", mac: null, serial: "SN-0001" },
      { miner_id: "row-2", ip_address: null, mac: "aa:bb:cc:00:00:02", serial: null },
      { miner_id: "row-3", ip_address: "10.0.0.3", mac: null, serial: null },
    ])
    expect(map.restore([{ miner_id: "ROW-1", ip_address: null, mac: null, serial: null }])).toBe(0)
    reopen()
    expect(map.file(at("10.0.0.8"), says("SN-0001")).minerId).toBe("row-1")
    expect(map.file(at("10.0.0.9"), says(null, "aa:bb:cc:00:00:02")).minerId).toBe("row-2")
    expect(map.file(at("10.0.0.3"), says("SN-0003")).minerId).toBe("row-3")
    expect(map.size()).toBe(3)
  })
  it("tells two ports of one host apart", () => {
    const ids = [4028, 5001, 5002].map((port) => map.file(at("127.0.0.1", port), says(null)).minerId)
    expect(new Set(ids).size).toBe(3)
  })
})

describe("hardware ids", () => {
  it("does not believe placeholders", () => {
    for (const serial of ["", "0", "0000000000", "N/A", "unknown", "1234567890", null])
      expect(hardwareIds(says(serial)).serial).toBeNull()
    for (const mac of ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "aa:bb", null])
      expect(normalMac(mac)).toBeNull()
    expect(normalMac("AABBCC000102")).toBe("aa:bb:cc:00:01:02")
  })
  it("lets any difference outweigh a match", () => {
    const ids = { serial: "SN-1", mac: "aa:bb:cc:00:00:01" }
    expect(compareIds(ids, { serial: "sn-1", mac: null })).toBe("same")
    expect(compareIds(ids, { serial: "sn-1", mac: "aa:bb:cc:00:00:02" })).toBe("other")
    expect(compareIds(ids, { serial: null, mac: null })).toBe("unknown")
  })
})
