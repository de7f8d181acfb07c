import { describe, expect, it } from "vitest"
import type { RestoreFacts } from "#db/queries/backups.ts"
import { restoreProblems } from "./restore-problems.ts"
import { taken } from "./test/taken.ts"

describe("D09 what stands against a restore", () => {
  const at = new Date("2026-05-04T10:00:00Z")
  const backup = { createdAt: at, deviceId: 7, hasPasswords: true }
  const now: RestoreFacts = {
    miner: {
      state: "active",
      model: "Antminer S19",
      firmwareVersion: "2022-11",
      deviceId: 7,
      deviceName: "edge",
    },
    device: { name: "edge", enrolledAt: new Date(0), revoked: false, hasKey: true },
    cannot: null,
  }
  const miner = now.miner!
  const device = now.device!
  const { config } = taken()

  it("nothing, when all is as it was", () => {
    expect(restoreProblems(config, backup, now)).toEqual([])
  })

  it.each([
    ["no driver for the family toaster", { family: "toaster" }],
    ["no pool", { pools: [] }],
    ["no pool", { pools: [{ url: "", user: "" }] }],
    ["Pool 2: a pool address must be", { pools: [config.pools[0]!, { url: "http://pool", user: "a" }] }],
    ["Pool 1: the port", { pools: [{ url: "stratum+tcp://pool:99999", user: "a" }] }],
    ["Pool 1 has no worker", { pools: [{ url: config.pools[0]!.url, user: "" }] }],
    ["Pool 1: its worker has blanks", { pools: [{ url: config.pools[0]!.url, user: "a b" }] }],
    ["of the model Antminer S21; now it is Antminer S19", { model: "Antminer S21" }],
    ["under firmware 2023-01; now it is 2022-11", { firmware_version: "2023-01" }],
  ])("settings: %s", (words, change) => {
    expect(restoreProblems({ ...config, ...change }, backup, now)).toEqual([expect.stringContaining(words)])
  })

  it.each<[string, Partial<RestoreFacts>]>([
    ["no longer known", { miner: null }],
    ["retired", { miner: { ...miner, state: "retired" } }],
    ["No collector reads", { miner: { ...miner, deviceId: null } }],
    ["cannot be restored: it is locked.", { cannot: "it is locked" }],
    ["is gone", { device: null }],
    ["was revoked", { device: { ...device, revoked: true } }],
    ["no key for secrets", { device: { ...device, hasKey: false } }],
    ["enrolled again since", { device: { ...device, enrolledAt: new Date(at.getTime() + 1) } }],
    ["Another collector, north, reads", { miner: { ...miner, deviceId: 8, deviceName: "north" } }],
  ])("the farm: %s", (words, change) => {
    expect(restoreProblems(config, backup, { ...now, ...change })).toEqual([expect.stringContaining(words)])
  })

  it("does not ask after a collector's key when there is no password to open", () => {
    expect(restoreProblems(config, { ...backup, hasPasswords: false }, { ...now, device: null })).toEqual([])
  })
})
