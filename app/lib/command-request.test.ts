import { describe, expect, it } from "vitest"
import { COMMAND_TYPES } from "#server/contract/commands.ts"
import { actionOfFields, fieldsOfAction } from "./command-fields.ts"
import { askedOf, checkFields, IDS_MAX, searchOf, withPasswords } from "./command-request.ts"
import { FormFields } from "./form-fields.ts"

const asked = (query: string) => askedOf(new URLSearchParams(query))
const POOL = { url1: "stratum+tcp://pool.example.com:3333", worker1: "acct.{worker}" }

describe("a request in an address", () => {
  it("is complete by the name of a choice alone (A21, A26)", () => {
    const { type, fields } = asked("action=REBOOT:hard&ids=7")
    expect(type).toBe("REBOOT")
    expect(checkFields("REBOOT", fields).action).toEqual({ type: "REBOOT", parameters: { mode: "hard" } })
    expect(asked("action=LED:off&ids=7").fields).toEqual({ state: "off" })
    expect(asked("action=nonsense&ids=7").type).toBeNull()
  })
  it("the form's own type counts before a choice, and its setting too", () => {
    expect(asked("action=REBOOT:hard&type=REBOOT&mode=soft").fields).toEqual({ mode: "soft" })
  })
  it("names machines by ids, by a filter of the list or by the form of the page (D13)", () => {
    expect(asked("ids=3&ids=4,5&ids=x&ids=4").targets).toEqual({ kind: "ids", minerIds: [3, 4, 5] })
    expect(asked("filter=").targets).toEqual({ kind: "filter", filter: "" })
    expect(asked("filter=site%3Dfjord%26place%3DRack%2B2").targets).toEqual({
      kind: "filter",
      filter: "site=fjord&place=Rack+2",
    })
    expect(asked("pick.site=fjord&pick.model=&pick.tag=new&ids=3").targets).toEqual({
      kind: "filter",
      filter: "site=fjord&tag=new",
    })
    expect(asked("").targets).toEqual({ kind: "none" })
  })
  it("does not grow beyond what an address can hold", () => {
    const ids = Array.from({ length: IDS_MAX + 1 }, (_, index) => index + 1).join(",")
    expect(() => asked(`ids=${ids}`)).toThrow(/500/)
  })
  it("comes back the same from its own address, and never with a password", () => {
    const first = asked(
      "filter=site%3Da&type=CHANGE_POOL&url1=stratum%2Btcp%3A%2F%2Fp%3A1&worker1=w&password1=hunter2&waveSize=4&priority=7&backupFirst=on&sent=1",
    )
    const search = searchOf(first)
    expect(search.toString()).not.toContain("hunter2")
    expect(askedOf(search)).toEqual(first)
    expect(askedOf(searchOf(first, { editing: true })).editing).toBe(true)
  })
})

describe("settings of a command (A21-A26)", () => {
  it("come back the same from a stored action of every type", () => {
    const actions = [
      { type: "REBOOT", parameters: { mode: "soft" } },
      { type: "ENABLE", parameters: {} },
      { type: "DISABLE", parameters: {} },
      { type: "POWER_MODE", parameters: { mode: "eco" } },
      { type: "POWER_MODE", parameters: { power_limit_w: 3200 } },
      {
        type: "CHANGE_POOL",
        parameters: {
          pools: [
            { url: "stratum+tcp://a.example:1", worker_name: "a.b" },
            { url: "stratum+ssl://b.example:2", worker_name: "c.{label}" },
          ],
        },
      },
      {
        type: "CHANGE_POOL",
        parameters: { pools: [{ url: "stratum+tcp://a.example:1", worker_name: "a.b" }], pool_number: 2 },
      },
      { type: "SET_FREQ", parameters: { frequency_mhz: 500, profile: "stock" } },
      {
        type: "THERMAL_POLICY",
        parameters: { fan_mode: "manual", fan_speed_pct: 80, temp_warning_c: 75, temp_critical_c: 85 },
      },
      { type: "LED", parameters: { state: "on" } },
      { type: "BACKUP_CONFIG", parameters: { name: "before spring", description: "all of hall 2" } },
      { type: "RESTORE_CONFIG", parameters: { backup_id: "0197b5f1-5f0a-7a63-8a10-0d9f2f6f3d11" } },
      { type: "UPDATE_FIRMWARE", parameters: { artifact_id: "0197b5f1-5f0a-7a63-8a10-0d9f2f6f3d11" } },
      { type: "SET_LOGIN", parameters: {} },
      { type: "SET_LOGIN", parameters: { username: "root" } },
    ] as const
    expect(new Set(actions.map((action) => action.type)).size).toBe(COMMAND_TYPES.length)
    for (const { type, parameters } of actions) {
      const fields = fieldsOfAction(type, parameters)
      expect(actionOfFields(type, fields)).toEqual({ type, parameters })
      expect(checkFields(type, fields).action).toEqual({ type, parameters })
    }
  })
  it("A23 D07 D19 a pool without a port, or a worker with a blank, is told at its own field", () => {
    const { wrong } = checkFields("CHANGE_POOL", {
      ...POOL,
      url3: "stratum+tcp://pool.example.com",
      worker3: "has blank",
    })
    expect(Object.keys(wrong ?? {}).sort()).toEqual(["url3", "worker3"])
    expect(wrong?.url3).toMatch(/port/)
    expect(checkFields("CHANGE_POOL", { ...POOL, worker1: "a.{serial}" }).wrong?.worker1).toMatch(/\{label\}/)
    expect(Object.keys(checkFields("CHANGE_POOL", {}).wrong ?? {}).sort()).toEqual(["url1", "worker1"])
  })
  it("D07 one slot takes the first pool alone", () => {
    const { action } = checkFields("CHANGE_POOL", { ...POOL, slot: "1", url2: "left over" })
    expect(action?.parameters).toEqual({
      pools: [{ url: POOL.url1, worker_name: POOL.worker1 }],
      pool_number: 1,
    })
  })
  it("A22 A24 A25 numbers out of range, and half a thermal policy, are told in the pages' words", () => {
    expect(checkFields("POWER_MODE", { mode: "limit", power_limit_w: "50" }).wrong?.power_limit_w).toMatch(
      /20,000/,
    )
    expect(checkFields("POWER_MODE", {}).wrong?.mode).toBeTruthy()
    expect(checkFields("SET_FREQ", { frequency_mhz: "five" }).wrong?.frequency_mhz).toMatch(/1,500/)
    expect(checkFields("SET_FREQ", { frequency_mhz: "512,5" }).action?.parameters).toEqual({
      frequency_mhz: 512.5,
    })
    expect(checkFields("THERMAL_POLICY", { fan_mode: "manual" }).wrong?.fan_speed_pct).toBeTruthy()
    expect(
      checkFields("THERMAL_POLICY", { fan_mode: "auto", temp_warning_c: "80", temp_critical_c: "70" }).wrong
        ?.temp_critical_c,
    ).toBeTruthy()
  })
  it("a fan speed that no longer counts does not stand in the way", () => {
    expect(
      checkFields("THERMAL_POLICY", { fan_mode: "auto", fan_speed_pct: "80" }).action?.parameters,
    ).toEqual({
      fan_mode: "auto",
    })
  })
})

describe("passwords", () => {
  const fields = { ...POOL, url3: "stratum+tcp://c.example:3", worker3: "c" }
  const { action } = checkFields("CHANGE_POOL", fields)
  const form = (values: Record<string, string>) => {
    const data = new FormData()
    for (const [name, value] of Object.entries(values)) data.set(name, value)
    return new FormFields(data)
  }
  it("go to the pool of their row; those left empty are the usual x", () => {
    if (!action) throw new Error("the fields are right")
    expect(withPasswords(action, fields, form({ password3: " s3 " })).parameters).toEqual({
      pools: [
        { url: POOL.url1, worker_name: POOL.worker1, password: "x" },
        { url: "stratum+tcp://c.example:3", worker_name: "c", password: " s3 " },
      ],
    })
  })
  it("are not in the action at all when none was typed, so that a template's are kept", () => {
    if (!action) throw new Error("the fields are right")
    expect(withPasswords(action, fields, form({}))).toEqual(action)
  })
})
