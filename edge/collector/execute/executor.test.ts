import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { DONE, deferred, executorRig } from "../testing/executor-rig.ts"
import { leaseOf } from "../testing/fakes.ts"
import { openJournal } from "./journal.ts"

let rig: ReturnType<typeof executorRig>
beforeEach(() => {
  rig = executorRig()
})
afterEach(() => rig.end())

describe("executor", () => {
  it("runs a command once and answers every redelivery from the journal", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const lease = leaseOf()
    rig.executor.accept(lease)
    rig.executor.accept(lease)
    expect(await rig.results(1)).toMatchObject([{ id: lease.id, result_code: 0, ran: "restart" }])
    rig.journal.acked([lease])
    rig.executor.accept({ ...lease, fencing_token: "11" })
    expect(await rig.results(1)).toMatchObject([{ fencing_token: "11", result_code: 0 }])
    rig.executor.accept({ ...lease, fencing_token: "9" })
    expect(machine.acts).toEqual(["REBOOT"])
  })
  it("is on disk as begun before the machine hears of it", async () => {
    rig.farm.add("10.0.0.1", "SN-0001")
    const lease = leaseOf()
    let seen: unknown = null
    rig.farm.state.act = async () => {
      seen = openJournal(join(rig.dir, "journal.db")).journal.find(lease.id)?.state
      return DONE
    }
    rig.executor.accept(lease)
    await rig.results(1)
    expect(seen).toBe("started")
  })
  it.each([
    ["expired", leaseOf({ expires_at: new Date(0).toISOString() }), 2],
    ["bad parameters", leaseOf({ parameters: { mode: "sideways" } }), 3],
    ["another machine at the address", leaseOf({ serial: "SN-9999" }), 3],
    ["nothing to compare", leaseOf({ serial: null }), 3],
    ["no machine at the address", leaseOf({ ip_address: "10.0.0.2" }), 1],
    ["no address", leaseOf({ ip_address: null }), 1],
  ])("does nothing for %s", async (_, lease, code) => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.accept(lease)
    expect(await rig.results(1)).toMatchObject([{ id: lease.id, result_code: code, ran: null }])
    expect(machine.acts).toEqual([])
  })
  it("skips what the unit cannot do", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.farm.state.unsupported = true
    rig.executor.accept(leaseOf({ type: "LED", parameters: { state: "on" } }))
    expect(await rig.results(1)).toMatchObject([
      { result_code: 2, message: "Skipped: This unit has no lamp." },
    ])
    expect(machine.acts).toEqual([])
  })
  it("finds a restart whose answer got lost by the machine's uptime", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.farm.state.act = async () => {
      machine.uptimeS = 0
      return { ok: false, fault: { kind: "timeout", message: "no answer" }, sent: true }
    }
    rig.executor.accept(leaseOf())
    expect(await rig.results(1)).toMatchObject([{ result_code: 0, ran: "restart (seen by uptime)" }])
    expect(machine.acts).toHaveLength(1)
  })
  it("tries an idempotent command once more, then says that it does not know", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.farm.state.act = async () => ({
      ok: false,
      fault: { kind: "timeout", message: "no answer" },
      sent: true,
    })
    rig.executor.accept(leaseOf({ type: "LED", parameters: { state: "on" } }))
    expect(await rig.results(1)).toMatchObject([{ result_code: 5 }])
    expect(machine.acts).toEqual(["LED", "LED"])
  })
  it("after a crash in the act: looks, reports, and does not act again", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001", 30)
    const lease = leaseOf()
    rig.journal.start(lease, Date.now() - 45_000, null)
    rig.boot()
    rig.executor.recover()
    rig.executor.accept({ ...lease, fencing_token: "11" })
    expect(await rig.results(1)).toMatchObject([{ id: lease.id, fencing_token: "11", result_code: 0 }])
    expect(machine.acts).toEqual([])
  })
  it("after a crash before the request went out: says that it did not run", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001", 86_400)
    rig.journal.start(leaseOf(), Date.now() - 120_000, null)
    rig.boot()
    rig.executor.recover()
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ result_code: 1, ran: null })
    expect(result?.message).toContain("Not run")
    expect(machine.acts).toEqual([])
  })
  it("lets an interrupted idempotent command run when it is delivered again", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const lease = leaseOf({ type: "LED", parameters: { state: "on" } })
    rig.journal.start(lease, Date.now(), null)
    rig.boot()
    rig.executor.recover()
    rig.executor.accept({ ...lease, fencing_token: "11" })
    expect(await rig.results(1)).toMatchObject([{ result_code: 0, fencing_token: "11" }])
    expect(machine.acts).toEqual(["LED"])
  })
  it("leaves an act that the stop cut off as begun", async () => {
    rig.farm.add("10.0.0.1", "SN-0001")
    const { gate, open } = deferred()
    const acting = deferred()
    rig.farm.state.act = () => {
      acting.open()
      return gate.then(() => ({ ok: false, fault: { kind: "timeout", message: "cut off" }, sent: true }))
    }
    rig.executor.accept(leaseOf())
    await acting.gate
    const stopped = rig.executor.stop(0)
    setImmediate(open)
    await stopped
    expect(rig.journal.unfinished()).toHaveLength(1)
    expect(rig.journal.countUnacked()).toBe(0)
  })
})
