import { describe, expect, it } from "vitest"
import type { CommandFeature } from "../contract/commands.ts"
import { LED, MINUTE, POOL, SOFT, usePlane } from "./test/plane.ts"

const HARD = { type: "REBOOT", parameters: { mode: "hard" } } as const

describe("the dispatch", () => {
  const plane = usePlane()
  const { farm, setUp, request, dispatch, start, lease, run, standing, results, auditOf } = plane

  it("A20 makes one edge row a target that can run, and says of every other why not", async () => {
    const { admin, siteId, device, minerIds } = await setUp({}, 7)
    const [offline, retired, silent, elsewhere, cannot, conflict, fine] = minerIds as number[]
    await sqlOf()`update miner_telemetry_live set offline_since = now() where miner_id = ${offline!} and site_id = ${siteId}`
    await sqlOf()`update hosting_miners set state = 'retired' where id = ${retired!}`
    await sqlOf()`delete from miner_telemetry_live where miner_id = ${silent!} and site_id = ${siteId}`
    await sqlOf()`update hosting_miners set device_id = null where id = ${elsewhere!}`
    await sqlOf()`update hosting_miners set make = 'Odd', model = 'One' where id = ${cannot!}`
    const features: Partial<Record<CommandFeature, string>> = { "REBOOT.soft": "This model cannot restart." }
    await sqlOf()`insert into miner_capabilities (site_id, make, model, firmware, firmware_version, features, device_id,
      reported_at) values (${siteId}, 'Odd', 'One', '', '', ${JSON.stringify(features)}::jsonb, ${device.deviceId}, now())`
    await start(admin, [conflict!], HARD)

    const command = await request(admin, minerIds)
    expect(await dispatch(command)).toEqual({ queued: 1, skipped: 6 })
    const told = (await results(command)).map((row) => [row.miner_id, row.skip_reason, row.result_code])
    expect(told).toEqual([
      [offline, "offline", 2],
      [retired, "retired", 2],
      [silent, "never_reported", 2],
      [elsewhere, "no_collector", 2],
      [cannot, "unsupported", 2],
      [conflict, "conflict", 4],
      [fine, null, null],
    ])
    expect((await results(command))[4]?.result_message).toBe("This model cannot restart.")
    expect((await results(command))[0]?.result_message).toMatch(/offline/)
    const [audit] = await sqlOf()`select details from audit_log
      where subject_id = ${command.id} and action = 'command.dispatch'`
    expect(audit?.details).toMatchObject({ queued: 1, waves: 1, skipped: { offline: 1, conflict: 1 } })
    await run(device)
    await run(device)
    expect(await standing(command)).toMatchObject({ status: "SUCCEEDED", outcome: "1 succeeded, 6 skipped" })
  })

  it("decision 17: with nothing to do it FAILED", async () => {
    const { admin, siteId, minerIds } = await setUp()
    await sqlOf()`update hosting_miners set state = 'retired' where site_id = ${siteId}`
    const command = await start(admin, minerIds)
    expect(await standing(command)).toMatchObject({
      status: "FAILED",
      outcome: "Nothing to do: 4 skipped.",
      waves: 0,
      skipped_count: 4,
    })
  })

  it.each<[string, (id: string) => Promise<unknown>]>([
    ["targets", (id) => sqlOf()`update remote_commands set target_ids = target_ids || 1 where id = ${id}`],
    [
      "parameters",
      (
        id,
      ) => sqlOf()`update remote_commands set parameters = jsonb_set(parameters, '{pools,0,worker_name}', '"thief"')
        where id = ${id}`,
    ],
    [
      "type",
      (id) =>
        sqlOf()`update remote_commands set command_type = 'DISABLE', parameters = '{}' where id = ${id}`,
    ],
    ["secrets", (id) => sqlOf()`update sealed_secrets set sealed = 'v1.other' where subject_id = ${id}`],
    ["fingerprint", (id) => sqlOf()`update remote_commands set fingerprint = '' where id = ${id}`],
  ])("refuses a command whose %s were changed after the request", async (_what, change) => {
    const { admin, device, minerIds } = await setUp()
    const command = await request(admin, minerIds, POOL)
    await change(command.id)
    expect(await dispatch(command)).toEqual({ queued: 0, skipped: 4 })
    expect(await standing(command)).toMatchObject({
      status: "FAILED",
      outcome: "The command was changed after the request: nothing was sent.",
    })
    expect((await results(command)).every((row) => row.skip_reason === "not_approved")).toBe(true)
    expect(await auditOf(command.id)).toContain("command.fail")
    expect(await sqlOf()`select 1 from sealed_secrets where subject_id = ${command.id}`).toHaveLength(0)
    expect(await lease(device)).toEqual([])
  })

  it("waves are counted over those that can run", async () => {
    const { admin, siteId, minerIds } = await setUp({ wave_percent: 25 }, 16)
    await sqlOf()`update hosting_miners set state = 'retired' where id = any(${minerIds.slice(0, 4)}::int[])`
    const twelve = await start(admin, minerIds, LED)
    // A quarter of the site's twelve active machines.
    expect((await plane.waves(twelve)).map((wave) => wave.targets)).toEqual([3, 3, 3, 3])
    expect((await results(twelve)).slice(0, 5).map((row) => row.wave)).toEqual([null, null, null, null, 1])
    await sqlOf()`update hosting_miners set state = 'retired' where id = any(${minerIds.slice(4, 6)}::int[])`
    await plane.cancel(admin, twelve)
    const ten = await start(admin, minerIds, LED)
    expect((await plane.waves(ten)).map((wave) => wave.targets)).toEqual([10])
    expect(siteId).toBeGreaterThan(0)
  })

  it("two commands dispatched at the same moment do not both take a machine", async () => {
    const { admin, minerIds } = await setUp()
    const on = await request(admin, minerIds, { type: "ENABLE", parameters: {} })
    const off = await request(admin, minerIds, { type: "DISABLE", parameters: {} })
    const [first, second] = await Promise.all([dispatch(on), dispatch(off)])
    expect([first.queued, second.queued].sort()).toEqual([0, 4])
  })

  it("the time to live is the request's, from the release on", async () => {
    const { admin, device, minerIds } = await setUp()
    await start(admin, minerIds, SOFT, { ttlMinutes: 5 })
    const [row] = await lease(device)
    expect(row?.expires_at).toBe(new Date(farm.clock.now.getTime() + 5 * MINUTE).toISOString())
  })

  function sqlOf() {
    return farm.database.sql
  }
})
