import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Actor } from "../access/actor.ts"
import { createContext } from "../context.ts"
import { readCommand } from "./read-command.ts"
import { useFarm, WORKER } from "./test/farm.ts"
import { pastCommands } from "./test/history.ts"

describe("the timeline of a command", () => {
  const farm = useFarm()
  const { put, note } = pastCommands(farm)
  const setUp = async () => {
    const site = await farm.makeSite()
    const manager = await farm.makeUser("site_manager", site.siteId)
    return {
      ...site,
      miners: site.minerIds as [number],
      manager,
      operator: await farm.makeUser("operator", site.siteId),
    }
  }
  const read = (actor: Actor, commandId: string) => readCommand(farm.as(actor), { commandId })

  it("E12 tells who did what and when from the audit, answers in a row as one step", async () => {
    const { siteId, miners, manager, operator, device } = await setUp()
    const id = await put({ siteId, targets: [{ minerId: miners[0] }] })
    const command = { siteId, id }
    const later = async (actor: Actor, action: string, details: Record<string, unknown> | null = null) => {
      farm.clock.advance(1_000)
      const ctx = createContext(farm.services(), { actor, requestId: randomUUID(), address: "192.0.2.9" })
      await note(ctx, command, action, details)
      return farm.clock.now
    }
    const asked = await later(operator, "command.request", { targets: 3 })
    await later(manager, "command.approve")
    await later(WORKER, "command.wave-release", { wave: 1 })
    const first = await later(device, "command.result", { succeeded: 2 })
    const last = await later(device, "command.result", { succeeded: 1, failed: 1, late: 1 })
    await later(WORKER, "command.halt", { reason: "too many" })
    await later(manager, "command.resume")
    await later(device, "command.result", { unknown: 1 })
    await later(WORKER, "command.something-new", { odd: true })
    await later(WORKER, "command.succeed")
    const { timeline, timelineLeftOut } = await read(manager, id)
    expect(timeline.map((step) => [step.kind, step.byKind, step.by])).toEqual([
      ["requested", "user", "operator"],
      ["approved", "user", "site_manager"],
      ["wave_released", "system", null],
      ["results", "device", "edge"],
      ["halted", "system", null],
      ["resumed", "user", "site_manager"],
      ["results", "device", "edge"],
      ["other", "system", null],
      ["succeeded", "system", null],
    ])
    expect(timelineLeftOut).toBe(0)
    expect(timeline[0]).toMatchObject({
      at: asked,
      until: asked,
      source: "manual",
      address: "192.0.2.9",
      details: { targets: 3 },
    })
    expect(timeline[3]).toMatchObject({ at: first, until: last })
    expect(timeline[3]?.details).toEqual({
      succeeded: 3,
      failed: 1,
      unknown: 0,
      skipped: 0,
      late: 1,
      answers: 2,
    })
    expect(timeline[4]?.details).toEqual({ reason: "too many" })
    expect(timeline[7]).toMatchObject({ action: "command.something-new", details: { odd: true } })
    const other = await read(operator, id)
    expect(other.timeline.map((step) => step.address)).toEqual(Array(9).fill(null))
    expect(other.timeline[1]?.by).toBe("site_manager")
  })

  it("keeps the newest steps of a timeline without end", async () => {
    const { siteId, miners, manager } = await setUp()
    const id = await put({ siteId, targets: [{ minerId: miners[0] }] })
    await farm.database
      .sql`insert into audit_log (at, actor, source, action, site_id, subject_type, subject_id, details)
      select ${farm.clock.now}::timestamptz + n * interval '1 second', 'system:x', 'automatic', 'command.wave-release', ${siteId}, 'command', ${id},
        jsonb_build_object('wave', n) from generate_series(1, 503) n`
    const { timeline, timelineLeftOut } = await read(manager, id)
    expect(timeline).toHaveLength(500)
    expect(timelineLeftOut).toBe(3)
    expect(timeline[0]?.details).toEqual({ wave: 4 })
    expect(timeline.at(-1)?.details).toEqual({ wave: 503 })
  })
})
