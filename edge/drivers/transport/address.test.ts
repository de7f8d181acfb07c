import { expect, it } from "vitest"
import { parseHostPort, showAddress } from "./address.ts"

it.each([
  ["10.1.2.3", { host: "10.1.2.3", port: 4028 }],
  ["10.1.2.3:4029", { host: "10.1.2.3", port: 4029 }],
  ["miner-7.farm.lan:80", { host: "miner-7.farm.lan", port: 80 }],
  ["[fe80::1]:4028", { host: "fe80::1", port: 4028 }],
  ["fe80::1", { host: "fe80::1", port: 4028 }],
])("reads %s", (text, wanted) => {
  expect(parseHostPort(text, 4028)).toEqual({ ok: true, value: wanted })
})

it.each([
  "",
  ":4028",
  "300.1.1.1",
  "1.2.3",
  "10.0.0.1:0",
  "10.0.0.1:70000",
  "10.0.0.1:x",
  "a b",
  "-x",
  "http://10.0.0.1",
  "0.0.0.0",
  "255.255.255.255",
  "224.0.0.1",
  "::",
  "10.0.0.1/24",
])("refuses %j", (text) => {
  expect(parseHostPort(text, 4028).ok).toBe(false)
})

it("writes IPv6 in brackets", () => {
  expect(showAddress("fe80::1", 80)).toBe("[fe80::1]:80")
})
