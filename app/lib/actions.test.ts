import { describe, expect, it } from "vitest"
import { featuresFor } from "#server/commands/offered-features.ts"
import { COMMAND_FEATURES, COMMAND_TYPES } from "#server/contract/commands.ts"
import {
  ACTION_CHOICES,
  CHOICE_GROUPS,
  choiceOf,
  choiceOfAction,
  choicesWith,
  requestPath,
  typeOf,
} from "./actions.ts"
import { askedOf } from "./command-request.ts"

describe("commands as pages offer them", () => {
  it("A21-A26 name every type of the contract, each in one group", () => {
    expect(new Set(ACTION_CHOICES.map(typeOf))).toEqual(new Set(COMMAND_TYPES))
    expect(CHOICE_GROUPS.flatMap((group) => [...group.choices]).sort()).toEqual([...ACTION_CHOICES].sort())
    expect(choicesWith(COMMAND_FEATURES)).toEqual([...ACTION_CHOICES])
  })
  it("A15 leave out what a role may not ask for", () => {
    expect(choicesWith(featuresFor("technician", { clientCommandsAllowed: true }))).toEqual([
      "REBOOT:soft",
      "REBOOT:hard",
      "LED:on",
      "LED:off",
    ])
    expect(choicesWith(featuresFor("client", { clientCommandsAllowed: true }))).toEqual([
      "REBOOT:soft",
      "CHANGE_POOL",
      "LED:on",
      "LED:off",
    ])
    expect(choicesWith([])).toEqual([])
  })
  it("are found again from an action", () => {
    expect(choiceOfAction("REBOOT", { mode: "hard" })).toBe("REBOOT:hard")
    expect(choiceOfAction("LED", { state: "off" })).toBe("LED:off")
    expect(choiceOfAction("POWER_MODE", { mode: "eco" })).toBe("POWER_MODE")
    expect(choiceOfAction("ENABLE", {})).toBe("ENABLE")
    expect(choiceOf("POWER_MODE:eco")).toBeNull()
  })
  it("lead to an address that says which machines", () => {
    const path = requestPath("LED:on", { filter: "site=fjord&place=Rack 2" })
    const { type, targets } = askedOf(new URLSearchParams(path.split("?")[1]))
    expect(type).toBe("LED")
    expect(targets).toEqual({ kind: "filter", filter: "site=fjord&place=Rack 2" })
  })
})
