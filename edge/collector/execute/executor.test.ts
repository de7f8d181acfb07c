import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { CommandResult } from "#server/contract/edge.ts"
import { silentLog } from "#server/log.ts"
import { createEdgeClock, systemClock } from "../clock.ts"
import { createIdentityMap } from "../poll/identity-map.ts"
import { fakeDrivers, leaseOf } from "../testing/fakes.ts"
import { createExecutor, type Executor, MAX_RUNNING } from "./executor.ts"
import { type Journal, openJournal } from "./journal.ts"
import type { Leases } from "./leases.ts"

let dir = ""
let journal: Journal
let executor: Executor
let farm: ReturnType<typeof fakeDrivers>
let finished: () => void = () => {}

/** Leases that are held and never end: renewing is the gateway's matter. */
function heldLeases(): Leases {
  const held = new Map<string, ReturnType<typeof leaseOf>>()
  return {
    hold: (lease) => void held.set(lease.id, lease),
    current: (id) => held.get(id) ?? null,
    adopt: (lease) => void held.set(lease.id, lease),
    release: (id) => void held.delete(id),
    size: () => held.size,
    stop: () => {},
  }
}
function boot() {
  journal = openJournal(join(dir, "journal.db")).journal
  executor = createExecutor({
    journal,
    leases: heldLeases(),
    clock: createEdgeClock(systemClock),
    log: silentLog,
    perform: {
      drivers: farm.drivers,
      identities: {
        ...createIdentityMap(
          () => {},
          () => "x",
        ).identities,
        close: () => {},
      },
      limits: () => ({ chipWarningC: 85, chipCriticalC: 95, boardWarningC: 70, boardCriticalC: 80 }),
    },
    onFinished: () => finished(),
  })
}
const results = (count: number) =>
  new Promise<CommandResult[]>((resolve) => {
    finished = () => {
      if (journal.countUnacked() >= count) resolve(journal.unacked(count))
    }
    finished()
  })
const deferred = () => {
  let open: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  return { gate, open }
}
const DONE = {
  ok: true as const,
  value: { ran: "restart", message: "Restarted.", verified: true, before: null, after: null },
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lamproom-executor-"))
  farm = fakeDrivers()
  boot()
})
afterEach(async () => {
  await executor.stop(0)
  rmSync(dir, { recursive: true, force: true })
})

describe("executor", () => {
  it("runs a command once and answers every redelivery from the journal", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    const lease = leaseOf()
    executor.accept(lease)
    executor.accept(lease)
    expect(await results(1)).toMatchObject([{ id: lease.id, result_code: 0, ran: "restart" }])
    journal.acked([lease])
    executor.accept({ ...lease, fencing_token: "11" })
    expect(await results(1)).toMatchObject([{ fencing_token: "11", result_code: 0 }])
    executor.accept({ ...lease, fencing_token: "9" })
    expect(machine.acts).toEqual(["REBOOT"])
  })
  it("is on disk as begun before the machine hears of it", async () => {
    farm.add("10.0.0.1", "SN-0001")
    const lease = leaseOf()
    let seen: unknown = null
    farm.state.act = async () => {
      seen = openJournal(join(dir, "journal.db")).journal.find(lease.id)?.state
      return DONE
    }
    executor.accept(lease)
    await results(1)
    expect(seen).toBe("started")
  })
  it.each([
    ["expired", leaseOf({ expires_at: new Date(0).toISOString() }), 2],
    ["bad parameters", leaseOf({ parameters: { mode: "sideways" } }), 3],
    ["a type of a later release", leaseOf({ type: "DISABLE", parameters: {} }), 3],
    ["another machine at the address", leaseOf({ serial: "SN-9999" }), 3],
    ["nothing to compare", leaseOf({ serial: null }), 3],
    ["no machine at the address", leaseOf({ ip_address: "10.0.0.2" }), 1],
    ["no address", leaseOf({ ip_address: null }), 1],
  ])("does nothing for %s", async (_, lease, code) => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    executor.accept(lease)
    expect(await results(1)).toMatchObject([{ id: lease.id, result_code: code, ran: null }])
    expect(machine.acts).toEqual([])
  })
  it("skips what the unit cannot do", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    farm.state.unsupported = true
    executor.accept(leaseOf({ type: "LED", parameters: { state: "on" } }))
    expect(await results(1)).toMatchObject([{ result_code: 2, message: "Skipped: This unit has no lamp." }])
    expect(machine.acts).toEqual([])
  })
  it("does one action a machine at a time and says busy to the next", async () => {
    farm.add("10.0.0.1", "SN-0001")
    const { gate, open } = deferred()
    farm.state.act = () => gate.then(() => DONE)
    const [first, second] = [leaseOf(), leaseOf({ type: "LED", parameters: { state: "on" } })]
    executor.accept(first)
    executor.accept(second)
    expect(await results(1)).toMatchObject([{ id: second.id, result_code: 4 }])
    open()
    expect((await results(2)).map((result) => [result.id, result.result_code])).toContainEqual([first.id, 0])
  })
  it("tells how many more it can take", async () => {
    const { gate, open } = deferred()
    farm.state.act = () => gate.then(() => DONE)
    for (let n = 0; n < MAX_RUNNING; n += 1) {
      farm.add(`10.0.1.${n}`, `SN-${1000 + n}`)
      executor.accept(
        leaseOf({ miner_id: `SN-${1000 + n}`, serial: `SN-${1000 + n}`, ip_address: `10.0.1.${n}` }),
      )
    }
    expect(executor.free()).toBe(0)
    open()
    await executor.freed()
    expect(executor.free()).toBeGreaterThan(0)
    await results(MAX_RUNNING)
  })
  it("finds a restart whose answer got lost by the machine's uptime", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    farm.state.act = async () => {
      machine.uptimeS = 0
      return { ok: false, fault: { kind: "timeout", message: "no answer" }, sent: true }
    }
    executor.accept(leaseOf())
    expect(await results(1)).toMatchObject([{ result_code: 0, ran: "restart (seen by uptime)" }])
    expect(machine.acts).toHaveLength(1)
  })
  it("tries an idempotent command once more, then says that it does not know", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    farm.state.act = async () => ({ ok: false, fault: { kind: "timeout", message: "no answer" }, sent: true })
    executor.accept(leaseOf({ type: "LED", parameters: { state: "on" } }))
    expect(await results(1)).toMatchObject([{ result_code: 5 }])
    expect(machine.acts).toEqual(["LED", "LED"])
  })
  it("after a crash in the act: looks, reports, and does not act again", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001", 30)
    const lease = leaseOf()
    journal.start(lease, Date.now() - 45_000)
    boot()
    executor.recover()
    executor.accept({ ...lease, fencing_token: "11" })
    expect(await results(1)).toMatchObject([{ id: lease.id, fencing_token: "11", result_code: 0 }])
    expect(machine.acts).toEqual([])
  })
  it("after a crash before the request went out: says that it did not run", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001", 86_400)
    journal.start(leaseOf(), Date.now() - 120_000)
    boot()
    executor.recover()
    const [result] = await results(1)
    expect(result).toMatchObject({ result_code: 1, ran: null })
    expect(result?.message).toContain("Not run")
    expect(machine.acts).toEqual([])
  })
  it("lets an interrupted idempotent command run when it is delivered again", async () => {
    const machine = farm.add("10.0.0.1", "SN-0001")
    const lease = leaseOf({ type: "LED", parameters: { state: "on" } })
    journal.start(lease, Date.now())
    boot()
    executor.recover()
    executor.accept({ ...lease, fencing_token: "11" })
    expect(await results(1)).toMatchObject([{ result_code: 0, fencing_token: "11" }])
    expect(machine.acts).toEqual(["LED"])
  })
  it("leaves an act that the stop cut off as begun", async () => {
    farm.add("10.0.0.1", "SN-0001")
    const { gate, open } = deferred()
    const acting = deferred()
    farm.state.act = () => {
      acting.open()
      return gate.then(() => ({ ok: false, fault: { kind: "timeout", message: "cut off" }, sent: true }))
    }
    executor.accept(leaseOf())
    await acting.gate
    const stopped = executor.stop(0)
    setImmediate(open)
    await stopped
    expect(journal.unfinished()).toHaveLength(1)
    expect(journal.countUnacked()).toBe(0)
  })
})
