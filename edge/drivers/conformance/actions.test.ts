import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { SimulatedMiner } from "#edge/simulator/miner.ts"
import { COMMAND_FEATURES, type CommandFeature } from "#server/contract/commands.ts"
import { minerConfigurationSchema } from "#server/contract/edge.ts"
import type { Driver, DriverAction, FirmwareFile, Identity, MinerSettings } from "../driver.ts"
import { driverFor, FAMILIES } from "../registry.ts"
import { NEW_SECRET, OLD_SECRET } from "../test/simulated.ts"
import { IN_ORDER, useFloorOf } from "./floor.ts"
import { addressOf, type ConformanceMachine, MACHINES } from "./machines.ts"

/** Every driver × every feature, against its simulator. */
let folder: string
let file: FirmwareFile
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "firmware-"))
  const content = Buffer.from(`version=2031-01-01\n${"x".repeat(200_000)}`)
  const path = join(folder, "image.tar.gz")
  writeFileSync(path, content)
  const sha256 = createHash("sha256").update(content).digest("hex")
  file = { path, fileName: "image.tar.gz", version: "2031-01-01", sha256, sizeBytes: content.length }
})
afterAll(() => rmSync(folder, { recursive: true }))

const ONCE = new Set<CommandFeature>(["REBOOT.soft", "REBOOT.hard"])
/** Accepted only: the machine goes down and tells later. */
const UNVERIFIED = new Set<CommandFeature>([...ONCE, "UPDATE_FIRMWARE"])

function actionFor(
  machine: ConformanceMachine,
  feature: CommandFeature,
  settings: MinerSettings,
): DriverAction {
  const [type, part] = feature.split(".")
  if (type === "RESTORE_CONFIG") return { type, settings }
  if (type === "UPDATE_FIRMWARE") return { type, file }
  const parameters: Record<string, object> = {
    REBOOT: { mode: part },
    POWER_MODE: part === "limit" ? { power_limit_w: 3000 } : { mode: part },
    THERMAL_POLICY: { fan_mode: part, ...(part === "manual" ? { fan_speed_pct: 80 } : {}) },
    CHANGE_POOL: {
      pools: [{ url: "stratum+tcp://new.example:3333", worker_name: "acct.{worker}", password: NEW_SECRET }],
    },
    SET_FREQ: { frequency_mhz: 440 },
    LED: { state: "on" },
    SET_LOGIN: { password: NEW_SECRET },
  }
  return { type, parameters: machine.parameters?.[feature] ?? parameters[type!] ?? {} } as DriverAction
}

/** Some state that the feature changes. */
function prepare(machine: ConformanceMachine, feature: CommandFeature, miner: SimulatedMiner): void {
  const own = machine.prepare?.[feature]
  own?.(miner)
  if (own !== undefined) return
  if (feature === "ENABLE" || feature === "POWER_MODE.normal") miner.settings.mode = 1
  if (feature === "THERMAL_POLICY.auto") miner.settings.fanManual = true
}

const NO_SETTINGS: MinerSettings = {
  config: minerConfigurationSchema.parse({
    family: "antminer-stock",
    model: null,
    firmware_version: null,
    pools: [],
    power_mode: null,
    frequency_mhz: null,
    frequency_level_pct: null,
    voltage_v: null,
    fan: null,
    network: null,
    raw: {},
  }),
  passwords: [],
}

describe.concurrent.each(MACHINES)("$profile", (machine) => {
  const floor = useFloorOf(machine)
  const address = addressOf(machine)
  const unverified = new Set([...UNVERIFIED, ...(machine.unverified ?? [])])
  let identity: Identity
  let driver: Driver
  beforeEach(async () => {
    await floor.reset(address)
    identity = await floor.known(address)
    driver = driverFor(identity.family)!
  })

  it.each(COMMAND_FEATURES)("A21–A26 A30 D20: %s", IN_ORDER, async (feature) => {
    const miner = floor.farm.miner(address)
    const can = driver.capabilities(identity).can(feature)
    const askedBefore = miner.reads
    const before = floor.writes(address).length
    const written = () => floor.writes(address).slice(before)

    if (!can.ok) {
      expect(can.fault.kind).toBe("unsupported")
      expect(can.fault.message).toContain(identity.model ?? identity.make)
      expect(can.fault.message).toContain(identity.firmwareVersion ?? "version not told")
      if (feature === "BACKUP_CONFIG")
        return expect((await driver.backup?.(floor.at(address), identity)) ?? can).toEqual(can)
      const outcome = await driver.act(
        { ...floor.at(address), pause: floor.passTime },
        identity,
        actionFor(machine, feature, NO_SETTINGS),
      )
      expect(outcome).toMatchObject({ ok: false, sent: false, fault: can.fault })
      expect(miner.reads).toBe(askedBefore)
      return expect(written()).toEqual([])
    }

    if (feature === "BACKUP_CONFIG") {
      const taken = await driver.backup!(floor.at(address), identity)
      if (!taken.ok) throw new Error(taken.fault.message)
      expect(minerConfigurationSchema.safeParse(taken.value.config).error).toBeUndefined()
      expect(JSON.stringify(taken.value.config)).not.toContain(OLD_SECRET)
      // A family that does not tell them keeps an empty text for each.
      expect([OLD_SECRET, ""]).toContain(taken.value.passwords[0])
      expect(taken.value.passwords).toEqual(taken.value.config.pools.map(() => taken.value.passwords[0]))
      return expect(written()).toEqual([])
    }

    const taken = await driver.backup?.(floor.at(address), identity)
    prepare(machine, feature, miner)
    if (feature === "RESTORE_CONFIG") miner.settings.frequencyPercent = 80
    const action = actionFor(machine, feature, taken?.ok ? taken.value : NO_SETTINGS)
    const outcome = await driver.act({ ...floor.at(address), pause: floor.passTime }, identity, action)
    if (!outcome.ok) throw new Error(outcome.fault.message)
    expect(outcome.value.verified).toBe(!unverified.has(feature) || outcome.value.ran.includes("unchanged"))
    expect(outcome.value.already ?? false).toBe(false)
    expect(outcome.value.ran).not.toBe("")
    const once = written().length
    expect(once).toBeGreaterThan(0)
    if (!unverified.has(feature)) expect(outcome.value.after).not.toEqual(outcome.value.before)
    for (const secret of [OLD_SECRET, NEW_SECRET])
      expect(JSON.stringify([outcome, floor.farm.acts(address)])).not.toContain(secret)
    await floor.settle()
    if (machine.spec?.conf) expect(miner.settings.extra).toEqual(machine.spec.conf)
    if (ONCE.has(feature) || machine.untold?.includes(feature)) return

    const seen = await floor.known(address)
    const again = await driver.act(floor.at(address), seen, action)
    expect(again).toMatchObject({ ok: true, value: { already: true, verified: true } })
    expect(written()).toHaveLength(once)
  })
})

describe("every family", () => {
  const floor = useFloorOf(MACHINES[0]!)
  it("says why it cannot, in a sentence", async () => {
    for (const family of FAMILIES) {
      const driver = driverFor(family)!
      const identity = { ...(await floor.known(addressOf(MACHINES[0]!))), family }
      const capabilities = driver.capabilities(identity)
      for (const feature of COMMAND_FEATURES) {
        const can = capabilities.can(feature)
        if (can.ok) continue
        expect(can.fault.kind).toBe("unsupported")
        expect(can.fault.message).toMatch(/^.{20,300}\.$/)
      }
    }
  })
})
