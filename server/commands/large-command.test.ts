import { describe, expect, it } from "vitest"
import { previewCommand } from "./preview-command.ts"
import { MINUTE, usePlane } from "./test/plane.ts"

const TARGETS = 10_000
const action = { type: "LED", parameters: { state: "on" } } as const

/** Statements that are quadratic in the targets of one command take minutes here, on statistics that know nothing of it. */
describe("a command on thousands of machines", () => {
  const plane = usePlane()
  const { farm, setUp, request, dispatch, lease, answer, record, standing, results } = plane

  it.each([
    ["cancelled", "none"],
    ["expired", "none"],
    ["cancelled", "of usual commands"],
  ] as const)("A20 D15 is asked for, run in waves, and the rest %s, on statistics: %s", async (rest, statistics) => {
    const site = await setUp({ command_cap: 500, wave_pause_s: 0 }, 0)
    const { siteId, device, admin } = site
    const { sql } = farm.database
    const made = await sql<{ id: number }[]>`
      insert into hosting_miners (site_id, miner_id, device_id)
      select ${siteId}, 'm-' || n, ${device.deviceId} from generate_series(1, ${TARGETS}::int) n returning id`
    const minerIds = made.map((row) => row.id)
    await sql`insert into miner_telemetry_live (site_id, miner_id, collected_at, received_at, online, offline_since)
      select ${siteId}, id, now(), now(), true, case when id % 10 = 0 then now() end
      from unnest(${minerIds}::int[]) id`
    if (statistics !== "none") {
      // Commands of one machine each, as most are: what the planner then expects of every command.
      for (let n = 0; n < 30; n += 1) await plane.start(admin, [minerIds[n * 7]!], action)
      await sql`analyze`
      await sql`update miner_commands set status = 'completed'`
    }

    const targets = { minerIds }
    const preview = await previewCommand(farm.as(admin), { targets, action })
    expect(preview.groups.offline).toBe(TARGETS / 10)
    const command = await request(admin, minerIds, action, { waveSize: 450 })
    expect(await dispatch(command)).toEqual({ queued: TARGETS * 0.9, skipped: TARGETS * 0.1 })
    expect(await standing(command)).toMatchObject({ waves: 20, released: 1 })

    const rows = await lease(device, 500)
    expect(rows).toHaveLength(450)
    await record(
      device,
      rows.map((row) => answer(row)),
    )
    expect(await plane.advance()).toMatchObject({ released: 1 })
    if (rest === "cancelled")
      expect(await plane.cancel(admin, command)).toEqual({ cancelled: TARGETS * 0.9 - 450 })
    else {
      await lease(device, 1)
      farm.clock.advance(62 * MINUTE)
      await plane.expire()
      expect(await standing(command)).toMatchObject({
        expired_count: 449,
        unknown_count: 1,
        status: "RUNNING",
      })
      expect(await plane.advance()).toMatchObject({ halted: 1 })
      farm.clock.advance(24 * 60 * MINUTE)
      await plane.expire()
    }
    expect(await standing(command)).toMatchObject({
      status: rest === "cancelled" ? "SUCCEEDED" : "FAILED",
      succeeded_count: 450,
      skipped_count: TARGETS - 450 - (rest === "cancelled" ? 0 : 1),
    })
    expect((await results(command)).filter((row) => row.result_status === "PENDING")).toEqual([])
  })
})
