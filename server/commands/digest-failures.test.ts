import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { digestFailures } from "./digest-failures.ts"
import { useFarm, WORKER } from "./test/farm.ts"

describe("the daily digest of failed commands", () => {
  const farm = useFarm()
  const put = (siteId: number, type: string, status: string, finishedAt: Date) => farm.database.sql`
    insert into remote_commands (site_id, id, request_id, command_type, parameters, status, source, target_ids, priority,
      ttl_minutes, requested_at, finished_at)
    values (${siteId}, ${randomUUID()}, ${randomUUID()}, ${type}, '{}', ${status}, 'manual', '{1}', 5, 30, ${finishedAt},
      ${finishedAt})`
  const told = (siteId: number) =>
    farm.database.sql<{ message: string }[]>`
      select message from fleet_events where site_id = ${siteId} and kind = 'command_digest' order by at`

  it("D11 is written once, at seven by the site's clock, with the last day's failures by type", async () => {
    const oslo = await farm.makeSite({ timezone: "Europe/Oslo" })
    const quiet = await farm.makeSite({ timezone: "Europe/Oslo" })
    const tokyo = await farm.makeSite({ timezone: "Asia/Tokyo" })
    farm.clock.now = new Date("2026-05-05T04:03:00Z")
    const ago = (hours: number) => new Date(farm.clock.now.getTime() - hours * 3_600_000)
    for (const { siteId } of [oslo, tokyo]) {
      await put(siteId, "REBOOT", "FAILED", ago(3))
      await put(siteId, "REBOOT", "EXPIRED", ago(20))
      await put(siteId, "CHANGE_POOL", "FAILED", ago(5))
      await put(siteId, "LED", "SUCCEEDED", ago(5))
      await put(siteId, "LED", "FAILED", ago(30))
    }
    await put(quiet.siteId, "LED", "SUCCEEDED", ago(5))

    await digestFailures(farm.as(WORKER))
    expect([...(await told(oslo.siteId))]).toEqual([])
    farm.clock.advance(3_600_000)
    await digestFailures(farm.as(WORKER))
    await digestFailures(farm.as(WORKER))
    expect([...(await told(oslo.siteId))]).toEqual([
      {
        message: "3 of 4 commands of the last day failed or expired: 2 × reboot, 1 × change of pool.",
      },
    ])
    for (const { siteId } of [quiet, tokyo]) expect([...(await told(siteId))]).toEqual([])
    farm.clock.advance(24 * 3_600_000)
    await put(oslo.siteId, "LED", "FAILED", ago(-28))
    await digestFailures(farm.as(WORKER))
    expect(await told(oslo.siteId)).toHaveLength(2)
  })

  it("is the worker's", async () => {
    const { siteId } = await farm.makeSite()
    const admin = await farm.makeUser("admin", siteId)
    await expect(digestFailures(farm.as(admin))).rejects.toMatchObject({ code: "FORBIDDEN" })
  })
})
