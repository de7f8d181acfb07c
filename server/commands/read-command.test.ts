import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Actor } from "../access/actor.ts"
import { readCommand } from "./read-command.ts"
import { useFarm, WORKER } from "./test/farm.ts"
import { pastCommands } from "./test/history.ts"

const POOLS = { pools: [{ url: "stratum+tcp://new.example.com:3333", worker_name: "farm.{worker}" }] }
const found = (host: string, user: string) => ({
  pools: [
    { url: `stratum+tcp://${host}.example.com:3333`, user },
    { url: "stratum+tcp://spare.example.com:3333", user },
  ],
})

describe("one command", () => {
  const farm = useFarm()
  const { put, note } = pastCommands(farm)
  const setUp = async () => {
    const site = await farm.makeSite()
    const [a, b, c, d] = site.minerIds as [number, number, number, number]
    return {
      ...site,
      miners: [a, b, c, d] as const,
      manager: await farm.makeUser("site_manager", site.siteId),
      operator: await farm.makeUser("operator", site.siteId),
    }
  }
  const read = (actor: Actor, commandId: string) => readCommand(farm.as(actor), { commandId })

  it("A15 A19 A28 is told in full, with counts that add up and its waves", async () => {
    const { siteId, miners, manager, operator } = await setUp()
    const [a, b, c, d] = miners
    const at = farm.clock.now
    const id = await put({
      siteId,
      targets: [
        { minerId: a, wave: 1 },
        { minerId: b, wave: 1, status: "FAILED", code: 5 },
        { minerId: c, wave: 2, status: "RUNNING", code: null },
        { minerId: d, wave: 2, status: "PENDING", code: null },
      ],
      status: "RUNNING",
      requestedBy: operator.userId,
      note: "try it",
      more: {
        waves: 2,
        released_wave: 2,
        fingerprint: "f".repeat(64),
        approved_by: manager.userId,
        approved_at: at,
        wave_fail_percent: 5,
        outcome: "half",
      },
    })
    const { sql } = farm.database
    await sql`insert into command_waves (site_id, command_id, wave, targets, released_at, halted_at, halt_reason, resumed_at, resumed_by, good, bad)
      values (${siteId}, ${id}, 1, 2, ${at}, ${at}, '1 of 2 failed', ${at}, ${manager.userId}, 1, 1), (${siteId}, ${id}, 2, 2, ${at}, null, null, null, null, 0, 0)`
    const seen = await read(manager, id)
    expect(seen.counts).toEqual({
      targets: 4,
      succeeded: 1,
      failed: 0,
      unknown: 1,
      skipped: 0,
      open: 2,
      running: 1,
    })
    expect(seen.command).toMatchObject({
      id,
      note: "try it",
      requestedByName: "operator",
      approvedByName: "site_manager",
      fingerprint: "f".repeat(64),
      waves: 2,
      waveFailPercent: 5,
      wavePauseS: 60,
      unstarted: 1,
    })
    expect(seen.waves).toMatchObject([
      {
        wave: 1,
        targets: 2,
        succeeded: 1,
        unknown: 1,
        open: 0,
        good: 1,
        bad: 1,
        haltReason: "1 of 2 failed",
        resumedByName: "site_manager",
      },
      { wave: 2, targets: 2, open: 2, running: 1, haltReason: null, resumedByName: null },
    ])
    expect(seen.pools).toBeNull()
  })

  it("decision 13: a client sees of a mixed command his own part and nobody's name, reason or count", async () => {
    const { siteId, miners, manager, operator, device } = await setUp()
    const client = await farm.makeUser("client", siteId, [miners[1]])
    const id = await put({
      siteId,
      targets: miners.map((minerId, n) => ({
        minerId,
        wave: 1 + (n % 2),
        status: n === 1 ? "FAILED" : "SUCCEEDED",
        code: n === 1 ? 1 : 0,
      })),
      status: "FAILED",
      requestedBy: operator.userId,
      note: "secret of the staff",
      more: {
        waves: 2,
        released_wave: 2,
        fingerprint: "f".repeat(64),
        halt_reason: "3 of 4 failed",
        outcome: "3 of 4",
        approved_by: manager.userId,
        target_filter: '{"place":"hall 4"}',
      },
    })
    const { sql } = farm.database
    await sql`insert into command_waves (site_id, command_id, wave, targets, halt_reason, resumed_by, good, bad)
      select ${siteId}, ${id}, w, 2, '3 of 4 failed', ${manager.userId}, 1, 1 from generate_series(1, 2) w`
    const command = { siteId, id }
    await note(farm.as(operator), command, "command.request", { targets: 4, note: "secret of the staff" })
    await note(farm.as(manager), command, "command.approve", { targets: 4 })
    await note(farm.as(WORKER), command, "command.wave-release", { wave: 1, targets: 2 })
    await note(farm.as(device), command, "command.result", { succeeded: 3, failed: 1 })
    await note(farm.as(WORKER), command, "command.halt", { reason: "3 of 4 failed" })
    await note(farm.as(WORKER), command, "command.fail", { succeeded: 3, failed: 1 })
    const seen = await read(client, id)
    expect(seen.counts).toEqual({
      targets: 1,
      succeeded: 0,
      failed: 1,
      unknown: 0,
      skipped: 0,
      open: 0,
      running: 0,
    })
    expect(seen.command).toMatchObject({
      targetFilter: null,
      fingerprint: null,
      haltReason: null,
      outcome: null,
      waveSize: null,
    })
    expect(seen.waves).toMatchObject([
      { wave: 2, targets: 1, failed: 1, good: null, bad: null, haltReason: null, resumedByName: null },
    ])
    expect(seen.timeline.map((step) => [step.kind, step.by, step.address, step.details])).toEqual(
      ["requested", "approved", "halted", "failed"].map((kind) => [kind, null, null, null]),
    )
    expect(seen.can).toEqual({ approve: false, deny: false, cancel: false, resume: false, retry: false })
    const told = JSON.stringify(seen)
    for (const word of ["secret of the staff", "3 of 4", "operator", "site_manager", "hall 4", "ffff"])
      expect(told).not.toContain(word)
    await expect(read(await farm.makeUser("client", siteId), id)).rejects.toMatchObject({ code: "NOT_FOUND" })
  })

  it("is NOT_FOUND for strangers, and without a log-in nothing", async () => {
    const { siteId, miners, operator } = await setUp()
    const id = await put({ siteId, targets: [{ minerId: miners[0] }] })
    const stranger = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
    const technician = await farm.makeUser("technician", siteId)
    for (const actor of [stranger, technician])
      await expect(read(actor, id)).rejects.toMatchObject({ code: "NOT_FOUND" })
    for (const wrong of ["no id", randomUUID(), ""])
      await expect(read(operator, wrong)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(read({ kind: "anonymous" }, id)).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
  })

  it("B07 shows old against new pools, as found before, else as they mine now, where it changes something", async () => {
    const { siteId, miners, manager } = await setUp()
    const [a, b, c, d] = miners
    const client = await farm.makeUser("client", siteId, [b, c])
    const { sql } = farm.database
    await sql`update miner_telemetry_live set pool_url = 'stratum+tcp://live.example.com:3333', worker_name = 'farm.rig' || miner_id where site_id = ${siteId}`
    const id = await put({
      siteId,
      targets: [
        { minerId: a, before: found("old", "other.rig1") },
        { minerId: b, before: found("old", "other.rig2"), status: "FAILED", code: 1 },
        { minerId: c, status: "PENDING", code: null },
        { minerId: d, status: "SKIPPED", code: 2 },
      ],
      type: "CHANGE_POOL",
      parameters: POOLS,
      status: "RUNNING",
    })
    const { pools } = await read(manager, id)
    const to = { newUrl: "stratum+tcp://new.example.com:3333", newWorker: "farm.{worker}" }
    expect(pools).toEqual([
      {
        ...to,
        oldUrl: "stratum+tcp://live.example.com:3333",
        oldWorker: "farm",
        seen: "live",
        count: 1,
        leavesAccount: false,
        minerIds: [c],
      },
      {
        ...to,
        oldUrl: "stratum+tcp://old.example.com:3333",
        oldWorker: "other",
        seen: "before",
        count: 1,
        leavesAccount: true,
        minerIds: [a],
      },
    ])
    expect((await read(client, id)).pools?.map((pool) => [pool.seen, pool.count])).toEqual([["live", 1]])
    await sql`update user_miners set to_at = ${new Date(farm.clock.now.getTime() + 1)} where miner_id = ${c}`
    farm.clock.advance(2)
    expect((await read(client, id)).pools?.map((pool) => [pool.seen, pool.oldUrl])).toEqual([[null, null]])
    const slot = await put({
      siteId,
      targets: [{ minerId: a, before: found("old", "x.y") }],
      type: "CHANGE_POOL",
      parameters: { ...POOLS, pool_number: 1 },
    })
    expect((await read(manager, slot)).pools?.[0]?.oldUrl).toBe("stratum+tcp://spare.example.com:3333")
  })

  it("says what its reader can do with it", async () => {
    const { siteId, miners, manager, operator } = await setUp()
    const client = await farm.makeUser("client", siteId, [miners[0]])
    const nothing = { approve: false, deny: false, cancel: false, resume: false, retry: false }
    const target = (
      status: "PENDING" | "RUNNING" | "FAILED" | "SUCCEEDED" | "SKIPPED",
      code: number | null = null,
    ) => ({ minerId: miners[0], status, code })
    const waiting = await put({
      siteId,
      targets: [target("PENDING")],
      status: "PENDING_APPROVAL",
      requestedBy: operator.userId,
    })
    expect((await read(manager, waiting)).can).toEqual({
      ...nothing,
      approve: true,
      deny: true,
      cancel: true,
    })
    expect((await read(operator, waiting)).can).toEqual({ ...nothing, cancel: true })
    const own = await put({
      siteId,
      targets: [target("PENDING")],
      status: "PENDING_APPROVAL",
      requestedBy: manager.userId,
    })
    expect((await read(manager, own)).can).toEqual({ ...nothing, cancel: true })
    const started = await put({ siteId, targets: [target("RUNNING")], status: "RUNNING" })
    expect((await read(manager, started)).can).toEqual(nothing)
    const halted = await put({
      siteId,
      targets: [target("PENDING")],
      status: "RUNNING",
      more: { halted_at: farm.clock.now },
    })
    expect((await read(manager, halted)).can).toEqual({ ...nothing, cancel: true, resume: true })
    expect((await read(operator, halted)).can).toEqual(nothing)
    const failed = await put({ siteId, targets: [target("FAILED", 1)], status: "FAILED" })
    expect((await read(operator, failed)).can).toEqual({ ...nothing, retry: true })
    expect((await read(await farm.makeUser("auditor", siteId), failed)).can).toEqual(nothing)
    expect((await read(client, failed)).can).toEqual(nothing)
    const his = await put({
      siteId,
      targets: [target("FAILED", 5)],
      status: "FAILED",
      requestedBy: client.userId,
    })
    expect((await read(client, his)).can).toEqual({ ...nothing, retry: true })
    const fine = await put({ siteId, targets: [target("SUCCEEDED", 0)] })
    expect((await read(operator, fine)).can).toEqual(nothing)
    for (const [skipReason, retry] of [
      ["cancelled", true],
      ["expired", true],
      ["offline", false],
    ] as const) {
      const skipped = await put({
        siteId,
        targets: [{ ...target("SKIPPED", 2), skipReason }],
        status: "FAILED",
      })
      expect((await read(operator, skipped)).can.retry).toBe(retry)
    }
  })

  it("names the command it repeats and those that repeat it", async () => {
    const { siteId, miners, manager } = await setUp()
    const client = await farm.makeUser("client", siteId, [miners[1]])
    const first = await put({
      siteId,
      targets: [{ minerId: miners[0] }, { minerId: miners[1], status: "FAILED", code: 1 }],
      status: "FAILED",
    })
    const second = await put({ siteId, targets: [{ minerId: miners[1] }], more: { retry_of: first } })
    const foreign = await put({ siteId, targets: [{ minerId: miners[0] }], more: { retry_of: first } })
    const seen = await read(manager, first)
    expect(seen.retryOf).toBeNull()
    expect(new Set(seen.retries.map((one) => one.id))).toEqual(new Set([second, foreign]))
    expect((await read(manager, second)).retryOf).toMatchObject({ id: first, status: "FAILED", targets: 2 })
    expect((await read(client, first)).retries.map((one) => one.id)).toEqual([second])
    expect((await read(client, second)).retryOf).toMatchObject({ id: first, targets: 1 })
  })
})
