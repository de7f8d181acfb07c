import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { DONE, deferred, executorRig } from "../testing/executor-rig.ts"
import { leaseOf } from "../testing/fakes.ts"

let rig: ReturnType<typeof executorRig>
beforeEach(() => {
  rig = executorRig()
})
afterEach(() => rig.end())

const led = (more: Parameters<typeof leaseOf>[0] = {}) =>
  leaseOf({ type: "LED", parameters: { state: "on" }, ...more })
const machines = (count: number) =>
  Array.from({ length: count }, (_, n) => {
    const [host, serial] = [`10.0.1.${n}`, `SN-${1000 + n}`]
    rig.farm.add(host, serial)
    return leaseOf({ miner_id: serial, serial, ip_address: host })
  })
/** Acts begin one after the other as the driver is called; `begun` resolves with the n-th. */
function gatedActs() {
  const { gate, open } = deferred()
  let begun = 0
  let tell: () => void = () => {}
  rig.farm.state.act = () => {
    begun += 1
    tell()
    return gate.then(() => DONE)
  }
  return {
    open,
    begun: (count: number) =>
      new Promise<void>((resolve) => {
        tell = () => {
          if (begun >= count) resolve()
        }
        tell()
      }),
    count: () => begun,
  }
}
const turnOfLoop = () => new Promise((resolve) => setImmediate(resolve))

describe("the line of leased commands", () => {
  it("does one action a machine at a time; the next waits in order", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const acts = gatedActs()
    const leases = [leaseOf(), led(), led({ parameters: { state: "off" } })]
    for (const lease of leases) rig.executor.accept(lease)
    await acts.begun(1)
    expect(machine.acts).toEqual(["REBOOT"])
    acts.open()
    const results = await rig.results(3)
    expect(results.map((result) => [result.id, result.result_code])).toEqual(
      leases.map((lease) => [lease.id, 0]),
    )
    expect(machine.actions.map((action) => "parameters" in action && action.parameters)).toEqual([
      { mode: "soft" },
      { state: "on" },
      { state: "off" },
    ])
  })
  it("says busy only when far too many wait for one machine", async () => {
    rig.farm.add("10.0.0.1", "SN-0001")
    const acts = gatedActs()
    for (let n = 0; n < 9; n += 1) rig.executor.accept(led())
    await acts.begun(1)
    expect(rig.journal.countUnacked()).toBe(0)
    const tooMany = led()
    rig.executor.accept(tooMany)
    expect(await rig.results(1)).toMatchObject([{ id: tooMany.id, result_code: 4 }])
    acts.open()
  })
  it("holds the site's cap and tells how many more it takes", async () => {
    const leases = machines(5)
    const acts = gatedActs()
    rig.executor.setCap(2)
    expect(rig.executor.free()).toBe(2)
    for (const lease of leases) rig.executor.accept(lease)
    await acts.begun(2)
    await turnOfLoop()
    expect(acts.count()).toBe(2)
    expect(rig.executor.free()).toBe(0)
    let freed = false
    const wait = rig.executor.freed().then(() => {
      freed = true
    })
    await turnOfLoop()
    expect(freed).toBe(false)
    rig.executor.setCap(500)
    await wait
    await acts.begun(5)
    expect(rig.executor.free()).toBe(495)
    acts.open()
    await rig.results(5)
  })
  it("answers what waits too long as expired, and never runs it", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const acts = gatedActs()
    rig.executor.accept(leaseOf())
    await acts.begun(1)
    const late = led({ expires_at: new Date(Date.now() + 50).toISOString() })
    rig.executor.accept(late)
    expect(await rig.results(1)).toMatchObject([{ id: late.id, result_code: 2, ran: null }])
    acts.open()
    await rig.results(2)
    expect(machine.acts).toEqual(["REBOOT"])
  })
})

describe("the kill switch", () => {
  it("lets running acts finish and begins nothing", async () => {
    const [first, second] = machines(2)
    const acts = gatedActs()
    rig.executor.accept(first as typeof second & object)
    await acts.begun(1)
    rig.executor.setPaused("poll", true)
    rig.executor.accept(second as typeof first & object)
    acts.open()
    expect(await rig.results(1)).toMatchObject([{ id: first?.id, result_code: 0 }])
    await turnOfLoop()
    expect(acts.count()).toBe(1)
    expect(rig.journal.find(second?.id ?? "")).toBeNull()
    expect(rig.leases.size()).toBe(0)
  })
  it("catches a command that is prepared and not begun", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const lease = leaseOf()
    rig.executor.accept(lease)
    rig.executor.setPaused("config", true)
    for (let n = 0; n < 5; n += 1) await turnOfLoop()
    expect(machine.acts).toEqual([])
    expect(rig.journal.find(lease.id)).toBeNull()
    rig.executor.setPaused("config", false)
    expect(await rig.results(1)).toMatchObject([{ id: lease.id, result_code: 0 }])
    expect(machine.acts).toEqual(["REBOOT"])
  })
  it("needs everybody who paused to take it back, and polls on meanwhile", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.setPaused("config", true)
    rig.executor.setPaused("poll", true)
    rig.executor.accept(leaseOf())
    rig.executor.setPaused("poll", false)
    await rig.executor.freed()
    await turnOfLoop()
    expect(machine.acts).toEqual([])
    rig.executor.setPaused("config", false)
    await rig.results(1)
    expect(machine.acts).toEqual(["REBOOT"])
  })
  it("waits for the redelivery of a lease that ended in the pause; the older token cannot come back", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.setPaused("poll", true)
    const lease = leaseOf()
    rig.executor.accept(lease)
    rig.later(61_000)
    rig.executor.setPaused("poll", false)
    await turnOfLoop()
    expect(machine.acts).toEqual([])
    const again = {
      ...lease,
      fencing_token: "11",
      lease_until: new Date(Date.now() + 122_000).toISOString(),
    }
    rig.executor.accept(again)
    expect(await rig.results(1)).toMatchObject([{ fencing_token: "11", result_code: 0 }])
    expect(machine.acts).toEqual(["REBOOT"])
  })
  it("B06 never falls back to an older token, waiting or preparing", async () => {
    rig.farm.add("10.0.0.1", "SN-0001")
    const waiting = leaseOf({ fencing_token: "11" })
    rig.executor.setPaused("poll", true)
    rig.executor.accept(waiting)
    rig.executor.accept({ ...waiting, fencing_token: "9" })
    rig.executor.setPaused("poll", false)
    rig.executor.accept({ ...waiting, fencing_token: "10" })
    expect(await rig.results(1)).toMatchObject([{ fencing_token: "11", result_code: 0 }])
  })
  it("ends a command that expires in the pause as skipped", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.setPaused("poll", true)
    rig.executor.accept(leaseOf({ expires_at: new Date(Date.now() + 40).toISOString() }))
    expect(await rig.results(1)).toMatchObject([{ result_code: 2 }])
    expect(machine.acts).toEqual([])
  })
})
