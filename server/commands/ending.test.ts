import { describe, expect, it } from "vitest"
import { LED, MINUTE, SOFT, usePlane } from "./test/plane.ts"

describe("how commands end", () => {
  const plane = usePlane()
  const { farm, setUp, request, start, lease, answer, record, run, standing, results, auditOf, expire } =
    plane

  it("contradiction 12, 19: what nobody fetched EXPIRED, what nobody answered has an unknown outcome", async () => {
    const { admin, device, minerIds } = await setUp()
    const never = await start(admin, [minerIds[0]!])
    farm.clock.advance(30 * MINUTE - 1)
    await expire()
    expect((await standing(never)).status).toBe("QUEUED")
    farm.clock.advance(1)
    expect(await lease(device)).toEqual([])
    await expire()
    expect(await standing(never)).toMatchObject({ status: "EXPIRED", expired_count: 1 })
    expect((await results(never))[0]).toMatchObject({
      result_status: "SKIPPED",
      skip_reason: "expired",
      edge_status: "expired",
    })

    const mixed = await start(admin, minerIds)
    const [sent] = await lease(device, 1)
    farm.clock.advance(30 * MINUTE)
    await expire()
    expect(await standing(mixed)).toMatchObject({ status: "RUNNING", expired_count: 3, running_count: 1 })
    expect(await auditOf(mixed.id)).toContain("command.expire-targets")
    farm.clock.advance(MINUTE)
    await expire()
    expect(await standing(mixed)).toMatchObject({
      status: "FAILED",
      outcome: "1 with unknown outcome, 3 expired",
      unknown_count: 1,
    })
    expect((await record(device, [answer(sent!)])).results[0]?.state).toBe("taken")
    expect((await record(device, [answer(sent!)])).results[0]?.state).toBe("taken")
    expect((await standing(mixed)).status).toBe("FAILED")
    const [late] = await results(mixed)
    expect(late).toMatchObject({ result_code: 5, skip_reason: null })
    expect(late?.result_message?.match(/Answered too late/g)).toHaveLength(1)
  })

  it("decision 17: unsent beside sent ones are skipped and do not fail it", async () => {
    const { admin, device, minerIds } = await setUp()
    const command = await start(admin, minerIds)
    const [row] = await lease(device, 1)
    await record(device, [answer(row!)])
    farm.clock.advance(30 * MINUTE)
    await expire()
    expect(await standing(command)).toMatchObject({ status: "SUCCEEDED", outcome: "1 succeeded, 3 expired" })
  })

  it("a command that was never dispatched expires too", async () => {
    const { admin, minerIds } = await setUp()
    const command = await request(admin, [minerIds[0]!])
    farm.clock.advance(29 * MINUTE)
    await expire()
    expect((await standing(command)).status).toBe("QUEUED")
    farm.clock.advance(MINUTE)
    await expire()
    expect(await standing(command)).toMatchObject({ status: "EXPIRED", expired_count: 1 })
    expect((await results(command))[0]?.skip_reason).toBe("expired")
  })

  it("A27 an approval nobody gave cancels it, its targets not approved", async () => {
    const { siteId, minerIds } = await setUp()
    const command = await request(await farm.makeUser("operator", siteId), minerIds)
    expect(command.status).toBe("PENDING_APPROVAL")
    farm.clock.advance(24 * 60 * MINUTE)
    await expire()
    expect(await standing(command)).toMatchObject({ status: "CANCELLED", skipped_count: 4 })
    expect((await results(command))[0]?.skip_reason).toBe("not_approved")
  })

  it("A27 A28 contradiction 11: is cancelled whole before it runs, and by its rest while it runs", async () => {
    const { admin, siteId, device, minerIds } = await setUp({ approval_batch_threshold: 10 })
    const operator = await farm.makeUser("operator", siteId)
    const queued = await start(operator, minerIds)
    const bystander = await farm.makeUser("operator", siteId)
    const foreign = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
    await expect(plane.cancel(bystander, queued)).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(plane.cancel(foreign, queued)).rejects.toMatchObject({ code: "NOT_FOUND" })
    expect(await plane.cancel(operator, queued)).toEqual({ cancelled: 4 })
    expect(await standing(queued)).toMatchObject({ status: "CANCELLED", skipped_count: 4 })
    expect(
      (await results(queued)).map((row) => [row.result_status, row.skip_reason, row.edge_status]),
    ).toEqual(minerIds.map(() => ["SKIPPED", "cancelled", "cancelled"]))
    expect(await lease(device)).toEqual([])

    const running = await start(operator, minerIds, LED)
    const [row] = await lease(device, 1)
    expect(await plane.cancel(admin, running)).toEqual({ cancelled: 3 })
    expect((await standing(running)).status).toBe("RUNNING")
    expect(await auditOf(running.id)).toContain("command.cancel-rest")
    await expect(plane.cancel(admin, running)).rejects.toMatchObject({ code: "CONFLICT" })
    await record(device, [answer(row!)])
    expect(await standing(running)).toMatchObject({ status: "SUCCEEDED", outcome: "1 succeeded, 3 skipped" })
    await expect(plane.cancel(admin, running)).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it("what is cancelled while it waits for approval wipes its secrets, as every end does", async () => {
    const { siteId, minerIds } = await setUp()
    const operator = await farm.makeUser("operator", siteId)
    const pools = [{ url: "stratum+tcp://p.example:3333", worker_name: "a.b", password: "x" }]
    const action = { type: "CHANGE_POOL", parameters: { pools } } as const
    const held = (id: string) => farm.database.sql`select 1 from sealed_secrets where subject_id = ${id}`
    const cancelled = await request(operator, minerIds, action)
    expect(await held(cancelled.id)).toHaveLength(1)
    await plane.cancel(operator, cancelled)
    expect(await held(cancelled.id)).toHaveLength(0)
    const admin = await farm.makeUser("admin", siteId)
    const expired = await start(admin, minerIds, action)
    farm.clock.advance(31 * MINUTE)
    await expire()
    expect(await held(expired.id)).toHaveLength(0)
  })

  it("the counters of a command are those of its results", async () => {
    const { admin, device, minerIds } = await setUp({}, 6)
    const command = await start(admin, minerIds, SOFT)
    const rows = await lease(device, 5)
    await record(device, [answer(rows[0]!), answer(rows[1]!, 1), answer(rows[2]!, 2), answer(rows[3]!, 5)])
    farm.clock.advance(30 * MINUTE)
    await expire()
    expect(await standing(command)).toMatchObject({
      target_count: 6,
      succeeded_count: 1,
      failed_count: 1,
      skipped_count: 2,
      expired_count: 1,
      unknown_count: 1,
      running_count: 1,
    })
    farm.clock.advance(31 * MINUTE)
    await expire()
    expect(await standing(command)).toMatchObject({ unknown_count: 2, running_count: 0, status: "FAILED" })
    expect(await run(device)).toBe(0)
  })
})
