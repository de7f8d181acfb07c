import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { MinerSettings } from "../driver.ts"
import { driverFor } from "../registry.ts"
import { firmwareFile } from "../test/firmware-file.ts"
import { type Floor, OLD_SECRET, simulatedFloor } from "../test/simulated.ts"

/** Firmware, backup and restore, on both dialects. */
const MACHINES = [
  { address: "127.82.0.1", profile: "m50s", model: "M50S_VH50" },
  { address: "127.82.0.2", profile: "m60s", model: "M60S_VK40" },
] as const

let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor(MACHINES.map(({ address, profile }) => ({ address, profile })))
})
afterAll(() => floor.close())
beforeEach(async () => {
  for (const { address } of MACHINES) await floor.reset(address)
})

describe.each(MACHINES)("$profile", ({ address, model }) => {
  const known = async () => {
    const identity = await floor.known(address)
    return { identity, driver: driverFor(identity.family)! }
  }

  describe("firmware", () => {
    const image = (text: string) =>
      firmwareFile(`version=20990101.01.REL\n${text}`, "up.bin", "20990101.01.REL")

    it("is streamed whole, once, and shows after the reboot; the look says so", async () => {
      const { identity, driver } = await known()
      const file = image(`model=${model}\n${"x".repeat(3_000_000)}`)
      const action = { type: "UPDATE_FIRMWARE", file } as const
      expect(await driver.look!(floor.at(address), identity, action)).toEqual({ ok: true, value: false })
      expect(await driver.act(floor.at(address), identity, action)).toMatchObject({
        ok: true,
        value: { verified: false, message: expect.stringContaining("20990101") },
      })
      const upgrades = floor.writes(address).filter(({ kind }) => kind === "upgrade")
      expect(upgrades.at(-1)!.detail).toMatchObject({ bytes: file.sizeBytes, sha256: file.sha256 })
      await floor.settle()
      expect((await known()).identity.firmwareVersion).toBe("20990101.01.REL")
      expect(await driver.look!(floor.at(address), identity, action)).toEqual({ ok: true, value: true })
      const again = await driver.act(floor.at(address), (await known()).identity, action)
      expect(again).toMatchObject({ ok: true, value: { already: true } })
    })

    it("for another model is refused by the machine, and one that is not whole never sent", async () => {
      const { identity, driver } = await known()
      const before = floor.writes(address).length
      const other = { type: "UPDATE_FIRMWARE", file: image("model=M99_V10\n") } as const
      expect(await driver.act(floor.at(address), identity, other)).toMatchObject({
        ok: false,
        sent: false,
        fault: { kind: "refused" },
      })
      const short = image("x")
      const cut = { type: "UPDATE_FIRMWARE", file: { ...short, sizeBytes: short.sizeBytes + 1 } } as const
      expect(await driver.act(floor.at(address), identity, cut)).toMatchObject({ ok: false, sent: false })
      expect(floor.writes(address)).toHaveLength(before)
    })

    it("is unknown when the machine falls silent before it begins, and then nothing was sent", async () => {
      const { identity, driver } = await known()
      floor.farm.fault(address, "act-silent", 1)
      const action = { type: "UPDATE_FIRMWARE", file: image("x") } as const
      const context = { ...floor.at(address), signal: AbortSignal.timeout(500) }
      expect(await driver.act(context, identity, action)).toMatchObject({ ok: false, sent: false })
      expect(floor.farm.miner(address).firmwareVersion).toBeNull()
    })
  })

  describe("backup and restore", () => {
    const taken = async (): Promise<MinerSettings> => {
      const { identity, driver } = await known()
      const backup = await driver.backup!(floor.at(address), identity)
      if (!backup.ok) throw new Error(backup.fault.message)
      return backup.value
    }

    it("hold what can be set, no passwords, and the network to look at", async () => {
      const { config, passwords } = await taken()
      expect(config).toMatchObject({
        power_mode: "normal",
        frequency_level_pct: 100,
        network: { dhcp: true, hostname: "WhatsMiner", dns: ["8.8.8.8"] },
        raw: { settings: { frequency_offset_pct: 0, power_limit_w: expect.any(Number) } },
      })
      expect(passwords).toEqual(["", ""])
      expect(JSON.stringify(config)).not.toContain(OLD_SECRET)
    })

    it("set all of it again, tell what became of passwords, and leave the network and a pause alone", async () => {
      const settings = await taken()
      const miner = floor.farm.miner(address)
      miner.settings = {
        ...miner.settings,
        frequencyPercent: 70,
        pools: [{ url: "stratum+tcp://thief.example:1", user: "thief", pass: "y" }],
      }
      const { identity, driver } = await known()
      const action = { type: "RESTORE_CONFIG", settings } as const
      expect(await driver.look!(floor.at(address), identity, action)).toEqual({ ok: true, value: false })
      const done = await driver.act(floor.at(address), identity, action)
      expect(done).toMatchObject({
        ok: true,
        value: { verified: true, message: expect.stringContaining('"x"') },
      })
      expect(miner.settings.frequencyPercent).toBe(100)
      expect(miner.settings.pools.map(({ url, user, pass }) => [url, user, pass])).toEqual(
        settings.config.pools.map(({ url, user }) => [url, user, "x"]),
      )
      expect(await driver.look!(floor.at(address), identity, action)).toEqual({ ok: true, value: true })
    })

    it("refuse another family's, another model's and one that holds nonsense", async () => {
      const settings = await taken()
      const { identity, driver } = await known()
      const before = floor.writes(address).length
      const { config } = settings
      const odd: MinerSettings[] = [
        { ...settings, config: { ...config, family: "antminer-stock" } },
        { ...settings, config: { ...config, model: "M20S V10" } },
        { ...settings, passwords: ["one"] },
        { ...settings, config: { ...config, raw: { settings: { frequency_offset_pct: -300 } } } },
        { passwords: [], config: { ...config, pools: [], power_mode: null, fan: null, raw: {} } },
      ]
      for (const each of odd)
        expect(
          await driver.act(floor.at(address), identity, { type: "RESTORE_CONFIG", settings: each }),
        ).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
      expect(floor.writes(address)).toHaveLength(before)
    })
  })
})
