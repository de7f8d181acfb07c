import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { ThermalEvent, ThermalHold } from "#server/contract/thermal.ts"
import { silentLog } from "#server/log.ts"
import { GatewayError } from "../client/gateway-error.ts"
import { fakeGateway } from "../testing/fakes.ts"
import { freshState } from "./machine-state.ts"
import { startThermalSender, type ThermalSender } from "./send-thermal.ts"
import { openThermalStore, type ThermalStore } from "./thermal-store.ts"

const eventOf = (message: string): ThermalEvent => ({
  event_id: randomUUID(),
  miner_id: "SN-1",
  kind: "warning",
  action: null,
  temperature_c: 90,
  threshold_c: 85,
  message,
  at: "2026-05-04T10:00:00Z",
})

describe("events of the thermal guard", () => {
  let dir: string
  let store: ThermalStore
  let gateway: ReturnType<typeof fakeGateway>
  let sender: ThermalSender
  let holds: ThermalHold[] = []
  const file = () => join(dir, "thermal.db")
  const begin = () => {
    sender = startThermalSender({
      store,
      holds: () => holds,
      gateway: () => gateway.api,
      log: silentLog,
      random: () => 0,
    })
  }
  const write = (...messages: string[]) => store.save("SN-1", freshState("SN-1"), messages.map(eventOf))
  const told = () => [...gateway.thermal.events.values()].map((event) => event.message)

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "lamproom-thermal-"))
    store = openThermalStore(file()).store
    gateway = fakeGateway()
    holds = []
  })
  afterEach(async () => {
    await sender.finish(1_000)
    store.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it("C08 stay on disk over a restart until the gateway has them, in their order, each once though an answer is lost", async () => {
    gateway.state.down = true
    write("one", "two")
    begin()
    await sender.finish(1_000)
    store.close()
    store = openThermalStore(file()).store
    expect(store.countEvents()).toBe(2)
    gateway.state.down = false
    gateway.state.loseAnswers = 1
    write("three")
    begin()
    await gateway.until(() => gateway.thermal.sent >= 6)
    expect(told()).toEqual(["one", "two", "three"])
    await sender.finish(1_000)
    expect(store.countEvents()).toBe(0)
  })

  it("do not wait behind one that the gateway cannot read", async () => {
    const { thermal } = gateway.api
    gateway.api.thermal = async (given) => {
      if (given.events.some((event) => event.message === "bad")) {
        gateway.state.onChange()
        throw new GatewayError("INVALID", "not readable")
      }
      return thermal(given)
    }
    write("one", "bad", "two")
    begin()
    await gateway.until(() => told().length === 2)
    expect(told()).toEqual(["one", "two"])
    await sender.finish(1_000)
    expect(store.countEvents()).toBe(0)
  })

  it("C08 come with what is held now, also when nothing else happened", async () => {
    begin()
    holds = [
      {
        miner_id: "SN-1",
        since: "2026-05-04T10:00:00Z",
        temperature_c: 96,
        threshold_c: 95,
        actions: ["eco"],
      },
    ]
    sender.wake()
    await gateway.until(() => gateway.thermal.holds.length === 1)
    holds = []
    sender.wake()
    await gateway.until(() => gateway.thermal.holds.length === 0)
  })

  it("keep the state of machines and the acts of the last minute", () => {
    begin()
    store.save("SN-2", { ...freshState("SN-2"), told: 1 }, [], 1_000)
    store.save("SN-3", { ...freshState("SN-3"), told: 2 }, [], 62_000)
    expect(store.begunMs()).toEqual([62_000])
    store.save("sn-2", null, [])
    expect(store.states().map((state) => state.minerId)).toEqual(["SN-3"])
  })
})
