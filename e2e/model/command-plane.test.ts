import { randomUUID } from "node:crypto"
import fc from "fast-check"
import { afterEach, describe, expect, inject, it } from "vitest"
import type { UserActor } from "#server/access/actor.ts"
import { sealAudit } from "#server/audit/seal-audit.ts"
import { verifyAudit } from "#server/audit/verify-audit.ts"
import { advanceWaves } from "#server/commands/advance-waves.ts"
import { approveCommand } from "#server/commands/approve-command.ts"
import { cancelCommand } from "#server/commands/cancel-command.ts"
import { denyCommand } from "#server/commands/deny-command.ts"
import { dispatchCommand } from "#server/commands/dispatch-command.ts"
import { expireCommands } from "#server/commands/expire-commands.ts"
import { leaseCommands } from "#server/commands/lease-commands.ts"
import { canMove } from "#server/commands/lifecycle.ts"
import { recordResult } from "#server/commands/record-result.ts"
import { requestCommand } from "#server/commands/request-command.ts"
import { resumeCommand } from "#server/commands/resume-command.ts"
import { type FarmSite, useFarm, WORKER } from "#server/commands/test/farm.ts"
import { type CommandStatus, IDEMPOTENT, type ResultCode } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { EdgeModel } from "./edge-model.ts"

/**
 * Random lives of a site's commands against the real verbs, the real journal and real PostgreSQL. What must hold
 * whatever the order: states move forward only, nothing that may not be repeated runs twice on a machine, every result
 * ends, counts add up, secrets are gone at the end, the audit chain verifies.
 */
const MINERS = 14
const people = ["admin", "manager", "operator"] as const
type Person = (typeof people)[number]

const ACTIONS: Parameters<typeof requestCommand>[1]["action"][] = [
  { type: "REBOOT", parameters: { mode: "soft" } },
  { type: "REBOOT", parameters: { mode: "hard" } },
  { type: "LED", parameters: { state: "on" } },
  { type: "ENABLE", parameters: {} },
  { type: "DISABLE", parameters: {} },
  {
    type: "CHANGE_POOL",
    parameters: { pools: [{ url: "stratum+tcp://p.example:3333", worker_name: "a.b", password: "m0del" }] },
  },
]

const nat = (max: number) => fc.nat({ max })
const by = fc.constantFrom(...people)
const which = fc.constantFrom(0, 0, 0, 1, 1, 2, 5)
const code = fc.constantFrom<ResultCode[]>(0, 0, 0, 1, 2, 4, 5)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("request" as const),
      by,
      action: nat(ACTIONS.length - 1),
      first: nat(MINERS - 1),
      count: fc.constantFrom(1, 2, 5, MINERS, MINERS, MINERS),
      again: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("approve"), by, which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("deny", "cancel", "resume"), by, which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("dispatch"), which }) },
  /** What goes well: the worker and the collector do their whole round. */
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom("carry"),
      hashing: fc.constantFrom(true, true, false),
      code: fc.constantFrom<ResultCode[]>(0, 0, 0, 0, 1),
      minutes: fc.constantFrom(1, 2, 16),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("poll"),
      lost: fc.boolean(),
      max: fc.constantFrom(1, 3, 50),
      code,
      crash: fc.constantFrom("none", "none", "before-journal", "in-act"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("ack"),
      how: fc.constantFrom("taken", "lost", "twice", "old-token"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("restart-edge", "take-image", "restore-image", "advance-waves", "expire", "seal"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("telemetry"), hashing: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("time"), minutes: fc.constantFrom(1, 2, 16, 31, 24 * 60) }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const RUNS = inject("modelRuns")
const SEED = inject("modelSeed")

describe("a site's commands, whatever happens", () => {
  const farm = useFarm()
  const open: EdgeModel[] = []
  afterEach(() => {
    for (const edge of open.splice(0)) edge.close()
  })

  it(`hold their promises over ${RUNS} random lives (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 32, size: "max" }), async (steps) => {
        const life = await beginLife()
        for (const one of steps) {
          await live(life, one)
          life.check()
        }
        await end(life)
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: false },
    )
    expect(lives).toBe(RUNS)
  })

  async function beginLife() {
    const site = await farm.makeSite({ wave_percent: 30, wave_pause_s: 0 }, { miners: MINERS })
    const actors = {
      admin: await farm.makeUser("admin", site.siteId),
      manager: await farm.makeUser("site_manager", site.siteId),
      operator: await farm.makeUser("operator", site.siteId),
    } satisfies Record<Person, UserActor>
    const edge = new EdgeModel()
    open.push(edge)
    const types = new Map<string, keyof typeof IDEMPOTENT>()
    const check = () => {
      for (const [key, times] of edge.acts) {
        const type = types.get(key.split(" ")[0] ?? "")
        if (type && !IDEMPOTENT[type])
          expect(times, `${type} ran ${times} times (${key})`).toBeLessThanOrEqual(1)
      }
    }
    return { site, actors, edge, types, ids: [] as string[], requestIds: [] as string[], check }
  }
  type Life = Awaited<ReturnType<typeof beginLife>>

  async function live(life: Life, one: Step): Promise<void> {
    try {
      await attempt(life, one)
    } catch (error) {
      // A refusal is an answer. Anything else is a fault.
      if (!(error instanceof DomainError) || error.code === "INTERNAL") throw error
    }
  }

  async function attempt({ site, actors, edge, ids, requestIds, types }: Life, one: Step): Promise<void> {
    const worker = farm.as(WORKER)
    const device = farm.as(site.device)
    const which = (n: number) => ids[n % Math.max(1, ids.length)] ?? randomUUID()
    switch (one.do) {
      case "request": {
        const requestId = one.again ? (requestIds.at(-1) ?? randomUUID()) : randomUUID()
        requestIds.push(requestId)
        const minerIds = Array.from(
          { length: one.count },
          (_, n) => site.minerIds[(one.first + n) % MINERS] ?? 0,
        )
        const action = ACTIONS[one.action]
        if (!action) return
        const { commands } = await requestCommand(farm.as(actors[one.by]), {
          requestId,
          targets: { minerIds },
          action,
        })
        for (const { id } of commands) {
          if (!ids.includes(id)) ids.push(id)
          if (!types.has(id)) types.set(id, action.type as keyof typeof IDEMPOTENT)
        }
        return
      }
      case "approve": {
        const commandId = which(one.which)
        const [row] = await farm.database.sql<
          { fingerprint: string; requestedBy: number; status: CommandStatus }[]
        >`select fingerprint, requested_by as "requestedBy", status from remote_commands where id = ${commandId}::uuid`
        const approver = actors[one.by]
        await approveCommand(farm.as(approver), { commandId, fingerprint: row?.fingerprint ?? "" })
        expect(row?.requestedBy, "nobody approves what he asked for").not.toBe(approver.userId)
        expect(one.by, "an operator approves nothing").not.toBe("operator")
        expect(row?.status).toBe("PENDING_APPROVAL")
        return
      }
      case "deny":
        await denyCommand(farm.as(actors[one.by]), { commandId: which(one.which), reason: "model" })
        return
      case "cancel":
        await cancelCommand(farm.as(actors[one.by]), { commandId: which(one.which) })
        return
      case "resume": {
        const halted = await farm.database.sql<{ id: string }[]>`
          select id from remote_commands where site_id = ${site.siteId} and halted_at is not null`
        await resumeCommand(farm.as(actors[one.by]), { commandId: halted[0]?.id ?? which(one.which) })
        return
      }
      case "dispatch":
        await dispatchCommand(worker, { siteId: site.siteId, commandId: which(one.which) })
        return
      case "poll": {
        const { commands } = await leaseCommands(device, {
          max: one.max,
          instanceId: edge.instanceId,
          journal: edge.position,
        })
        edge.polled(!one.lost)
        const miners = commands.map((lease) => lease.miner_id)
        expect(new Set(miners).size, "one open action a machine").toBe(miners.length)
        if (!one.lost) for (const lease of commands) edge.receive(lease, farm.clock.now, one.code, one.crash)
        return
      }
      case "ack": {
        const results = edge.unacked()
        if (one.how === "old-token") {
          const old = edge.sentTokens.filter((result) => BigInt(result.fencing_token) > 0n)
          const stale = old.map((result) => ({
            ...result,
            fencing_token: String(BigInt(result.fencing_token) - 1n),
            result_code: 0 as const,
          }))
          if (stale.length === 0) return
          const answer = await recordResult(device, { results: stale.slice(0, 100) })
          for (const { state } of answer.results) expect(state).toBe("stale")
          return
        }
        if (results.length === 0) return
        await recordResult(device, { results })
        if (one.how === "twice") await recordResult(device, { results })
        if (one.how !== "lost") edge.acked(results)
        return
      }
      case "restart-edge":
        return edge.restart(farm.clock.now)
      case "take-image":
        return edge.takeImage()
      case "restore-image":
        return edge.restoreImage()
      case "advance-waves":
        await advanceWaves(worker)
        return
      case "expire":
        await expireCommands(worker)
        return
      case "seal":
        await sealAudit(worker)
        return
      case "carry": {
        for (const id of ids) await dispatchCommand(worker, { siteId: site.siteId, commandId: id })
        const { commands } = await leaseCommands(device, {
          max: 50,
          instanceId: edge.instanceId,
          journal: edge.position,
        })
        edge.polled(true)
        for (const lease of commands) edge.receive(lease, farm.clock.now, one.code, "none")
        const results = edge.unacked()
        if (results.length > 0) await recordResult(device, { results })
        edge.acked(results)
        farm.clock.advance(one.minutes * 60_000)
        await sample(site, one.hashing)
        await advanceWaves(worker)
        return
      }
      case "telemetry":
        await sample(site, one.hashing)
        return
      case "time":
        return farm.clock.advance(one.minutes * 60_000)
    }
  }

  /** Every machine tells how it is. */
  async function sample(site: FarmSite, hashing: boolean): Promise<void> {
    await farm.database.sql`
      update miner_telemetry_live set collected_at = ${farm.clock.now}, received_at = ${farm.clock.now},
        online = true, mining = ${hashing}, hashrate_ghs = ${hashing ? 100_000 : 0}
      where site_id = ${site.siteId}`
  }

  /** Everything is let run out: no collector answers any more, time passes, the worker does its rounds. */
  async function end(life: Life): Promise<void> {
    const { site, edge } = life
    const worker = farm.as(WORKER)
    const { sql } = farm.database
    edge.restart(farm.clock.now)
    const results = edge.unacked()
    if (results.length > 0) await recordResult(farm.as(site.device), { results })
    for (const id of life.ids) await dispatchCommand(worker, { siteId: site.siteId, commandId: id })
    const isOpen = async () =>
      (
        await sql`select 1 from remote_commands where site_id = ${site.siteId}
          and status not in ('SUCCEEDED', 'FAILED', 'EXPIRED', 'CANCELLED') limit 1`
      ).length > 0
    for (let round = 0; round < 12 && (await isOpen()); round++) {
      farm.clock.advance(13 * 3_600_000)
      await advanceWaves(worker)
      await expireCommands(worker)
      await advanceWaves(worker)
    }
    life.check()

    const stuck = await sql`
      select c.id, c.status, c.command_type, c.waves, c.released_wave, c.halted_at from remote_commands c
      where c.site_id = ${site.siteId} and (c.status not in ('SUCCEEDED', 'FAILED', 'EXPIRED', 'CANCELLED')
        or exists (select 1 from remote_command_results r where r.site_id = c.site_id and r.command_id = c.id
          and r.result_status in ('PENDING', 'RUNNING'))
        or exists (select 1 from miner_commands e where e.site_id = c.site_id and e.remote_command_id = c.id
          and e.status in ('pending', 'sent')))`
    expect([...stuck], "commands that never end").toEqual([])

    const wrong = await sql`
      select c.id, c.target_count, n.* from remote_commands c cross join lateral (
        select count(*)::int as targets, count(*) filter (where result_status = 'SUCCEEDED')::int as succeeded,
          count(*) filter (where result_status = 'FAILED' and result_code is distinct from 5)::int as failed,
          count(*) filter (where result_status = 'FAILED' and result_code = 5)::int as unknown,
          count(*) filter (where result_status = 'SKIPPED')::int as skipped,
          count(*) filter (where skip_reason = 'expired')::int as expired
        from remote_command_results r where r.site_id = c.site_id and r.command_id = c.id) n
      where c.site_id = ${site.siteId} and ((c.target_count, c.succeeded_count, c.failed_count, c.unknown_count,
        c.skipped_count, c.expired_count, c.running_count) <> (n.targets, n.succeeded, n.failed, n.unknown, n.skipped,
        n.expired, 0) or n.targets <> cardinality(c.target_ids)
        or n.targets <> n.succeeded + n.failed + n.unknown + n.skipped)`
    expect([...wrong], "counts that do not add up").toEqual([])

    const secrets = await sql`select subject_id from sealed_secrets where site_id = ${site.siteId}`
    expect([...secrets], "secrets that outlive their command").toEqual([])

    const moves = await sql<{ id: string; from: CommandStatus | null; to: CommandStatus }[]>`
      select subject_id as id, before->>'status' as from, after->>'status' as to from audit_log
      where site_id = ${site.siteId} and subject_type = 'command' and after->>'status' is not null order by audit_log.id`
    const now = new Map<string, CommandStatus>()
    for (const { id, from, to } of moves) {
      const known = now.get(id)
      if (from === null) expect(known, "a command begins once").toBeUndefined()
      else {
        expect(from, "each move begins where the one before ended").toBe(known)
        expect(canMove(from, to), `${from} → ${to}`).toBe(true)
      }
      now.set(id, to)
    }
    const ends = await sql<{ id: string; status: CommandStatus }[]>`
      select id, status from remote_commands where site_id = ${site.siteId}`
    for (const { id, status } of ends) expect(now.get(id), "the audit tells the end").toBe(status)
    await endAudit(site, worker)
  }

  let lives = 0
  async function endAudit(_site: FarmSite, worker: Parameters<typeof sealAudit>[0]): Promise<void> {
    await sealAudit(worker)
    lives += 1
    // Reading the whole chain grows with the lives before: each fiftieth, and the last one.
    if (lives % 50 !== 0 && lives < RUNS) return
    const verdict = await verifyAudit(worker)
    expect(verdict.problems).toEqual([])
  }
})
