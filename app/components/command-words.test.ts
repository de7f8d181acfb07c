import { describe, expect, it } from "vitest"
import { translator } from "#app/lib/strings/translate.ts"
import { COMMAND_TYPES } from "#server/contract/commands.ts"
import { commandName, settingsOf } from "./command-words.tsx"

const t = translator("en")
const ID = "0197b5f1-5f0a-7a63-8a10-0d9f2f6f3d11"
const ACTIONS: [type: (typeof COMMAND_TYPES)[number], parameters: Record<string, unknown>, name: RegExp][] = [
  ["REBOOT", { mode: "hard" }, /hard/],
  ["ENABLE", {}, /Resume/],
  ["DISABLE", {}, /Pause/],
  ["POWER_MODE", { mode: "sleep" }, /Sleep/],
  ["POWER_MODE", { power_limit_w: 3200 }, /3,200 W/],
  [
    "CHANGE_POOL",
    { pools: [{ url: "stratum+tcp://pool.example.com:3333", worker_name: "a.{worker}" }] },
    /pool\.example\.com:3333$/,
  ],
  [
    "CHANGE_POOL",
    { pools: [{ url: "stratum+ssl://b.example:1", worker_name: "a" }], pool_number: 2 },
    /pool 3 to b\.example:1/,
  ],
  ["SET_FREQ", { frequency_mhz: 512.5, profile: "stock" }, /512\.5 MHz/],
  [
    "THERMAL_POLICY",
    { fan_mode: "manual", fan_speed_pct: 80, temp_warning_c: 75, temp_critical_c: 85 },
    /Fixed speed/,
  ],
  ["LED", { state: "on" }, /on/],
  ["BACKUP_CONFIG", { name: "before spring" }, /before spring/],
  ["RESTORE_CONFIG", { backup_id: ID }, /Restore/],
  ["UPDATE_FIRMWARE", { artifact_id: ID }, /Update/],
  ["SET_LOGIN", { username: "root" }, /password/],
]

describe("a command in words", () => {
  it("A21-A26 is told for every type, with all of its settings by name", () => {
    expect(new Set(ACTIONS.map(([type]) => type))).toEqual(new Set(COMMAND_TYPES))
    for (const [type, parameters, name] of ACTIONS) {
      expect(commandName(t, type, parameters)).toMatch(name)
      const settings = settingsOf(t, type, parameters)
      expect(settings.length).toBeGreaterThanOrEqual(Object.keys(parameters).length)
      for (const { term, value } of settings) expect(`${term}${value}`).not.toMatch(/undefined|_/)
    }
  })
  it("names what an id stands for", () => {
    expect(settingsOf(t, "UPDATE_FIRMWARE", { artifact_id: ID }, { [ID]: "2024.11 (a.bin)" })).toEqual([
      { term: "Firmware", value: "2024.11 (a.bin)" },
    ])
  })
  it("A23 says whether the other pools go or stay", () => {
    const pools = [{ url: "stratum+tcp://a:1", worker_name: "w" }]
    expect(settingsOf(t, "CHANGE_POOL", { pools }).at(-1)?.value).toMatch(/removed/)
    expect(settingsOf(t, "CHANGE_POOL", { pools, pool_number: 0 }).at(-1)?.value).toMatch(/Pool 1 only/)
  })
})
