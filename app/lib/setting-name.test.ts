import { describe, expect, it } from "vitest"
import { settingName, settingValue } from "./setting-name.ts"
import { translator } from "./strings/translate.ts"

describe("names of a machine's settings", () => {
  const t = translator("en")
  it.each([
    ["pools.0.url", "Pool 1, address"],
    ["pools.2.user", "Pool 3, worker"],
    ["frequency_mhz", "Frequency"],
    ["fan.mode", "Fans"],
    ["fan.speed_pct", "Fan speed"],
    ["network.ip_address", "Address"],
    ["network.dns.1", "Name server 2"],
    ["raw.get_miner_conf.bitmain-freq", null],
  ])("%s", (path, name) => {
    expect(settingName(t, path)).toBe(name)
  })

  it.each([
    ["frequency_mhz", "675", "675 MHz"],
    ["fan.speed_pct", "80", "80 %"],
    ["fan.mode", "immersion", "Off, immersion"],
    ["power_mode", "eco", "Eco"],
    ["network.dhcp", "true", "yes"],
    ["pools.0.url", "stratum+tcp://a:1", "stratum+tcp://a:1"],
  ])("%s %s", (path, value, words) => {
    expect(settingValue(t, path, value)).toBe(words)
  })
})
