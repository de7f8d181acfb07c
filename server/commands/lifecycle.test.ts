import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { COMMAND_STATUSES, type CommandStatus } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import { DomainError } from "#server/contract/errors.ts"
import { advanceWaves } from "./advance-waves.ts"
import { approveCommand } from "./approve-command.ts"
import { cancelCommand } from "./cancel-command.ts"
import { conclude } from "./conclude.ts"
import { denyCommand } from "./deny-command.ts"
import { dispatchCommand } from "./dispatch-command.ts"
import { expireCommands } from "./expire-commands.ts"
import { leaseCommands } from "./lease-commands.ts"
import { canMove, isEnded, MOVES } from "./lifecycle.ts"
import { recordResult } from "./record-result.ts"
import { requestCommand } from "./request-command.ts"
import { resumeCommand } from "./resume-command.ts"
import { useFarm, WORKER } from "./test/farm.ts"

/** How far along a state is: a move must always raise it. */
const RANK: Record<CommandStatus, number> = {
  PENDING: 0,
  PENDING_APPROVAL: 1,
  QUEUED: 2,
  RUNNING: 3,
  SUCCEEDED: 4,
  FAILED: 4,
  EXPIRED: 4,
  CANCELLED: 4,
}

describe("the table of moves", () => {
  it("only goes forward, and ends are ends", () => {
    for (const from of COMMAND_STATUSES)
      for (const to of MOVES[from]) expect(RANK[to], `${from} → ${to}`).toBeGreaterThan(RANK[from])
    expect(COMMAND_STATUSES.filter(isEnded)).toEqual(["SUCCEEDED", "FAILED", "EXPIRED", "CANCELLED"])
  })
  it("cancels from the first three states only", () => {
    expect(COMMAND_STATUSES.filter((from) => canMove(from, "CANCELLED"))).toEqual([
      "PENDING",
      "PENDING_APPROVAL",
      "QUEUED",
    ])
  })
})

describe("the end of a command", () => {
  const none = { open: 0, succeeded: 0, failed: 0, unknown: 0, expired: 0, skipped: 0 }
  it.each([
    [{ succeeded: 1, open: 1 }, null],
    [{ succeeded: 3 }, "SUCCEEDED"],
    [{ succeeded: 3, skipped: 1 }, "SUCCEEDED"],
    [{ succeeded: 3, expired: 1 }, "SUCCEEDED"],
    [{ succeeded: 3, failed: 1 }, "FAILED"],
    [{ succeeded: 3, unknown: 1 }, "FAILED"],
    [{ expired: 2 }, "EXPIRED"],
    [{ expired: 2, skipped: 1 }, "EXPIRED"],
    [{ skipped: 2 }, "FAILED"],
  ])("%j: %s", (counts, status) => {
    expect(conclude({ ...none, ...counts })?.status ?? null).toBe(status)
  })
})

describe("random lives", () => {
  const farm = useFarm()

  it("never go back, and every move is in the audit", async () => {
    const random = seeded(20_260_504)
    const { sql } = farm.database
    const { siteId, minerIds, device } = await farm.makeSite({ wave_pause_s: 0 }, { miners: 14 })
    const operator = await farm.makeUser("operator", siteId)
    const admin = await farm.makeUser("admin", siteId)
    const instanceId = randomUUID()
    const journal = { epoch: randomUUID(), seq: 0 }
    const commands: { siteId: number; id: string }[] = []
    const seen = new Map<string, CommandStatus>()
    let leased: LeasedCommand[] = []
    const any = () => ({ commandId: commands[Math.floor(random() * commands.length)]?.id ?? randomUUID() })

    const steps: (() => Promise<unknown>)[] = [
      async () => {
        const count = 1 + Math.floor(random() * minerIds.length)
        const made = await requestCommand(farm.as(random() < 0.5 ? operator : admin), {
          requestId: randomUUID(),
          targets: { minerIds: minerIds.slice(0, count) },
          action: { type: "REBOOT", parameters: { mode: random() < 0.5 ? "soft" : "hard" } },
        })
        commands.push(...made.commands)
      },
      async () => {
        const { commandId } = any()
        const [row] = await sql<{ fingerprint: string }[]>`
          select fingerprint from remote_commands where id = ${commandId}`
        await approveCommand(farm.as(admin), { commandId, fingerprint: row?.fingerprint ?? "" })
      },
      () => denyCommand(farm.as(admin), { ...any(), reason: "no" }),
      () => cancelCommand(farm.as(admin), any()),
      () => dispatchCommand(farm.as(WORKER), { siteId, ...any() }),
      () => dispatchCommand(farm.as(WORKER), { siteId, ...any() }),
      async () => {
        const max = 1 + Math.floor(random() * 3)
        const { commands: more } = await leaseCommands(farm.as(device), { max, instanceId, journal })
        leased = leased.concat(more)
      },
      async () => {
        const row = leased[Math.floor(random() * leased.length)]
        if (!row) return
        const at = farm.clock.now.toISOString()
        const result_code = ([0, 0, 1, 2, 3, 4, 5] as const)[Math.floor(random() * 7)] ?? 0
        await recordResult(farm.as(device), {
          results: [
            {
              id: row.id,
              fencing_token: row.fencing_token,
              result_code,
              message: "",
              ran: null,
              started_at: at,
              finished_at: at,
            },
          ],
        })
      },
      async () => farm.clock.advance(Math.floor(random() * 12) * 60_000),
      () => expireCommands(farm.as(WORKER)),
      () => advanceWaves(farm.as(WORKER)),
      () => resumeCommand(farm.as(admin), any()),
    ]

    for (let round = 0; round < 400; round += 1) {
      const step = steps[Math.floor(random() * steps.length)]
      await step?.().catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error
      })
      const rows = await sql<{ id: string; status: CommandStatus }[]>`
        select id, status from remote_commands where site_id = ${siteId}`
      for (const { id, status } of rows) {
        const before = seen.get(id) ?? "PENDING"
        if (status !== before) expect(RANK[status], `${before} → ${status}`).toBeGreaterThan(RANK[before])
        seen.set(id, status)
      }
    }

    expect(commands.length).toBeGreaterThan(10)
    expect(new Set(seen.values()).size).toBeGreaterThan(4)
    for (const { id } of commands) {
      const moves = await sql<
        { before: { status: CommandStatus } | null; after: { status: CommandStatus } }[]
      >`
        select before, after from audit_log where subject_id = ${id} and after ? 'status' order by id`
      let status: CommandStatus = "PENDING"
      for (const move of moves.slice(1)) {
        expect(move.before?.status).toBe(status)
        expect(canMove(status, move.after.status), `${status} → ${move.after.status}`).toBe(true)
        status = move.after.status
      }
      expect(status).toBe(seen.get(id))
    }
    const stuck = await sql`
      select c.id from remote_commands c where c.site_id = ${siteId}
        and (c.status in ('SUCCEEDED', 'FAILED', 'EXPIRED', 'CANCELLED')) = exists (
          select 1 from remote_command_results r where r.site_id = c.site_id and r.command_id = c.id
            and r.result_status in ('PENDING', 'RUNNING'))`
    expect(stuck).toEqual([])
    const doubled = await sql`select miner_id from miner_commands where site_id = ${siteId}
      and status = 'sent' group by miner_id having count(*) > 1`
    expect(doubled, "machines that run two commands at once").toEqual([])
  })

  it("end by themselves when everybody has gone", async () => {
    farm.clock.advance(26 * 3_600_000)
    for (let round = 0; round < 3; round += 1) await expireCommands(farm.as(WORKER))
    const open = await farm.database.sql`select status from remote_commands
      where status in ('PENDING', 'PENDING_APPROVAL', 'QUEUED', 'RUNNING')`
    expect(open).toEqual([])
  })
})

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
