import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { cancelCommand } from "./cancel-command.ts"
import { dispatchCommand } from "./dispatch-command.ts"
import { expireCommands } from "./expire-commands.ts"
import { leaseCommands } from "./lease-commands.ts"
import { previewCommand } from "./preview-command.ts"
import { readCommand } from "./read-command.ts"
import { recordResult } from "./record-result.ts"
import { requestCommand } from "./request-command.ts"
import { useFarm, WORKER } from "./test/farm.ts"

const TARGETS = 6_000
const action = { type: "LED", parameters: { state: "on" } } as const

/** Statements that are quadratic in the targets of one command take minutes here, on statistics that know nothing of it. */
describe("a command on thousands of machines", () => {
  const farm = useFarm()

  it.each(["cancelled", "expired"] as const)("is asked for, run in part, and the rest %s", async (rest) => {
    const { siteId, device } = await farm.makeSite()
    const admin = await farm.makeUser("admin", siteId)
    const { sql } = farm.database
    const made = await sql<{ id: number }[]>`
      insert into hosting_miners (site_id, miner_id, device_id)
      select ${siteId}, 'm-' || n, ${device.deviceId} from generate_series(1, ${TARGETS}::int) n returning id`
    const minerIds = made.map((row) => row.id)
    await sql`insert into miner_telemetry_live (site_id, miner_id, collected_at, received_at, online, offline_since)
      select ${siteId}, id, now(), now(), true, case when id % 10 = 0 then now() end
      from unnest(${minerIds}::int[]) id`

    const preview = await previewCommand(farm.as(admin), { minerIds, action })
    expect(preview.targets.filter((target) => target.verdict === "offline")).toHaveLength(TARGETS / 10)
    const { commands } = await requestCommand(farm.as(admin), { requestId: randomUUID(), minerIds, action })
    const commandId = commands[0]!.id
    const dispatched = await dispatchCommand(farm.as(WORKER), { siteId, commandId })
    expect(dispatched).toEqual({ queued: TARGETS * 0.9, skipped: TARGETS * 0.1 })

    const journal = { epoch: randomUUID(), seq: 0 }
    const rows = await leaseCommands(farm.as(device), { max: 500, instanceId: randomUUID(), journal })
    const at = farm.clock.now.toISOString()
    const results = rows.map(({ id, fencing_token }) => ({
      id,
      fencing_token,
      result_code: 0 as const,
      message: "on",
      ran: "blink",
      started_at: at,
      finished_at: at,
    }))
    const { results: taken } = await recordResult(farm.as(device), { results })
    expect(taken.every((result) => result.state === "taken")).toBe(true)

    if (rest === "cancelled")
      expect(await cancelCommand(farm.as(admin), { commandId })).toEqual({ cancelled: TARGETS * 0.9 - 500 })
    else {
      farm.clock.advance(30 * 60_000)
      await expireCommands(farm.as(WORKER))
    }
    const { command, results: all } = await readCommand(farm.as(admin), { commandId })
    expect(command).toMatchObject({ status: "SUCCEEDED", succeeded: 500, skipped: TARGETS - 500, open: 0 })
    expect(all).toHaveLength(TARGETS)
  })
})
