import { expect, it } from "vitest"
import { identityOf } from "../testing/fakes.ts"
import { checkTarget } from "./check-target.ts"
import { neighbourMac } from "./neighbour-mac.ts"

const MAC = "aa:bb:cc:00:00:01"
const known = (serial: string | null, mac: string | null) => ({
  minerId: "m",
  serial,
  mac,
  address: null,
  identity: null,
})
const check = (
  lease: { serial?: string | null; mac?: string | null },
  found: { serial?: string | null; mac?: string | null },
  more: { arp?: string; known?: ReturnType<typeof known> } = {},
) =>
  checkTarget({
    lease: { miner_id: "m", serial: lease.serial ?? null, mac: lease.mac ?? null },
    known: more.known ?? null,
    found: identityOf(found.serial ?? null, found.mac ?? null),
    arpMac: () => more.arp ?? null,
  }).ok

it("needs something that agrees and nothing that does not", () => {
  expect(check({ serial: "SN-1111" }, { serial: "sn-1111" })).toBe(true)
  expect(check({ mac: MAC.toUpperCase() }, { mac: MAC })).toBe(true)
  expect(check({ serial: "SN-1111", mac: MAC }, { serial: "SN-1111", mac: "aa:bb:cc:00:00:02" })).toBe(false)
  expect(check({ serial: "SN-1111" }, { serial: "SN-2222" })).toBe(false)
  expect(check({ serial: "SN-1111" }, { mac: MAC })).toBe(false)
  expect(check({}, {})).toBe(false)
})
it("uses what the collector itself knows of the machine, and the neighbour table for a MAC not told", () => {
  expect(check({}, { serial: "SN-1111" }, { known: known("SN-1111", null) })).toBe(true)
  expect(check({ mac: MAC }, {}, { arp: MAC })).toBe(true)
  expect(check({ mac: MAC }, {}, { arp: "aa:bb:cc:00:00:09" })).toBe(false)
})
it("reads the neighbour table", () => {
  const table = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.7         0x1         0x2         AA:BB:CC:00:00:01     *        eth0
10.0.0.8         0x1         0x0         00:00:00:00:00:00     *        eth0
`
  expect(neighbourMac("10.0.0.7", table)).toBe(MAC)
  expect(neighbourMac("10.0.0.8", table)).toBeNull()
  expect(neighbourMac("10.0.0.9", table)).toBeNull()
})
