import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { identifyMiner } from "../registry.ts"
import { closedPort, contextFor, fakeRpc, section } from "../test/fake-miner.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { hiveonDriver } from "./driver.ts"

const WEB = "127.80.4.1"
const READ_ONLY = "127.80.4.2"
let floor: Floor
beforeAll(async () => {
  floor = await simulatedFloor([
    { address: WEB, profile: "hiveon-s19j-pro" },
    { address: READ_ONLY, profile: "hiveon-t9" },
  ])
})
afterAll(() => floor.close())

describe("Hiveon", () => {
  it("A02 tells its own name and version, and the power that stock firmware does not", async () => {
    const identity = await floor.known(WEB)
    expect(identity).toMatchObject({
      family: "hiveon",
      make: "Antminer",
      model: "S19j Pro",
      firmware: "Hiveon",
      firmwareVersion: "1.04",
    })
    expect(identity.mac).not.toBeNull()
    const reading = await hiveonDriver.read(floor.at(WEB), identity)
    if (!reading.ok) throw new Error(reading.fault.message)
    expect(reading.value.power_consumption).toBeGreaterThan(2_000)
    expect(reading.value.firmware).toBe("Hiveon")
  })

  it("reads the older builds without a web interface, and changes nothing there", async () => {
    const identity = await floor.known(READ_ONLY)
    expect(identity).toMatchObject({ model: "T9", mac: null })
    expect(await hiveonDriver.read(floor.at(READ_ONLY), identity)).toMatchObject({
      ok: true,
      value: { mining: true, boards_total: 3 },
    })
    const led = await hiveonDriver.act(floor.at(READ_ONLY), identity, {
      type: "LED",
      parameters: { state: "on" },
    })
    expect(led).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
  })

  it("a backup names its family, so that a stock machine does not take it", async () => {
    const identity = await floor.known(WEB)
    const taken = await hiveonDriver.backup!(floor.at(WEB), identity)
    if (!taken.ok) throw new Error(taken.fault.message)
    expect(taken.value.config.family).toBe("hiveon")
    const stock = { ...taken.value, config: { ...taken.value.config, family: "antminer-stock" } }
    const outcome = await hiveonDriver.act(floor.at(WEB), identity, {
      type: "RESTORE_CONFIG",
      settings: stock,
    })
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
  })

  it.each([
    [{ BMMiner: "2.0.0", Miner: "hiveon-1.02", Type: "Antminer S17" }, "1.02"],
    [{ Hiveon: "1.03.20", Type: "Antminer S17" }, "1.03.20"],
    [{ Miner: "9", CompileTime: "Fri", Type: "Antminer S17 (hiveon v1.5b)" }, "1.5b"],
  ])("finds its version in %j", async (row, version) => {
    const rpc = await fakeRpc({ version: section("VERSION", [row], 22) })
    try {
      const identity = await identifyMiner(contextFor(rpc.port, await closedPort()))
      expect(identity).toMatchObject({
        ok: true,
        value: { family: "hiveon", firmwareVersion: version, model: "S17" },
      })
    } finally {
      await rpc.close()
    }
  })
})
