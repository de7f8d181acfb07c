import { describe, expect, it } from "vitest"
import type { UserActor } from "../access/actor.ts"
import { readEdgeConfig } from "../collectors/read-edge-config.ts"
import { COMMAND_FEATURES } from "../contract/commands.ts"
import type { CapabilitiesInput } from "../contract/edge.ts"
import { recordCapabilities } from "./record-capabilities.ts"
import { setCommandsPaused } from "./set-commands-paused.ts"
import { usePlane } from "./test/plane.ts"

describe("the kill switch", () => {
  const plane = usePlane()
  const { farm, setUp, auditOf } = plane

  it("is audited, told to the collectors, and idempotent", async () => {
    const { admin, siteId, device } = await setUp()
    const config = async () => {
      const answer = await readEdgeConfig(farm.as(device), { have_version: 0 })
      return answer.unchanged ? null : { version: answer.version, paused: answer.commands_paused }
    }
    const heard: string[] = []
    const listening = await farm.database.sql.listen("lamproom_commands", (id) => void heard.push(id))
    const before = await config()
    expect(before?.paused).toBe(false)
    const pause = (paused: boolean) =>
      setCommandsPaused(farm.as(admin), { siteId, paused, reason: "fire drill" })
    expect(await pause(true)).toEqual({ changed: true })
    expect(await pause(true)).toEqual({ changed: false })
    expect(await config()).toEqual({ version: before!.version + 1, paused: true })
    const [site] = await farm.database
      .sql`select commands_paused_at, commands_paused_by, commands_pause_reason
      from hosting_sites where id = ${siteId}`
    expect(site).toEqual({
      commands_paused_at: farm.clock.now,
      commands_paused_by: admin.userId,
      commands_pause_reason: "fire drill",
    })
    expect(await pause(false)).toEqual({ changed: true })
    expect(await config()).toEqual({ version: before!.version + 2, paused: false })
    expect(await auditOf(siteId)).toEqual(["site.pause-commands", "site.resume-commands"])
    await expect.poll(() => heard).toEqual([String(device.deviceId), String(device.deviceId)])
    await listening.unlisten()
  })

  it("of a collector stops that collector alone", async () => {
    const { admin, device } = await setUp()
    await setCommandsPaused(farm.as(admin), { deviceId: device.deviceId, paused: true })
    expect(await readEdgeConfig(farm.as(device), { have_version: 0 })).toMatchObject({
      commands_paused: true,
    })
    expect(await auditOf(device.deviceId)).toEqual(["collector.pause-commands"])
  })

  it("is for those who manage or approve at the site", async () => {
    const { siteId, device } = await setUp()
    const stranger = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
    const pause = (by: UserActor, subject: { siteId: number } | { deviceId: number }) =>
      setCommandsPaused(farm.as(by), { ...subject, paused: true })
    for (const role of ["operator", "technician", "auditor"] as const)
      await expect(pause(await farm.makeUser(role, siteId), { siteId })).rejects.toMatchObject({
        code: "FORBIDDEN",
      })
    for (const subject of [{ siteId }, { deviceId: device.deviceId }, { siteId: 999_999 }])
      await expect(pause(stranger, subject)).rejects.toMatchObject({ code: "NOT_FOUND" })
    const manager = await farm.makeUser("site_manager", siteId)
    expect(await pause(manager, { deviceId: device.deviceId })).toEqual({ changed: true })
    const gateway = setCommandsPaused(farm.as(device), { siteId, paused: true })
    await expect(gateway).rejects.toMatchObject({ code: "NOT_FOUND" })
  })
})

describe("capabilities", () => {
  const { farm, setUp, instanceId } = usePlane()
  const features = (why: string | null) =>
    Object.fromEntries(
      COMMAND_FEATURES.map((name) => [name, name === "LED" ? why : null]),
    ) as CapabilitiesInput["profiles"][number]["features"]
  const profile = (model: string | null, why: string | null) => ({
    make: "Bitmain",
    model,
    firmware: null,
    firmware_version: null,
    features: features(why),
  })

  it("are kept a model and firmware, and follow what is told last", async () => {
    const { siteId, device } = await setUp()
    const record = (...profiles: CapabilitiesInput["profiles"]) =>
      recordCapabilities(farm.as(device), { instance_id: instanceId, profiles })
    expect(await record(profile("S19", null), profile(null, "no light\0"))).toEqual({ recorded: 2 })
    expect(await record(profile("S19", null))).toEqual({ recorded: 0 })
    expect(await record(profile("S19", "old"), profile("S19", "no light"))).toEqual({ recorded: 1 })
    const kept = await farm.database.sql`select make, model, firmware, features ->> 'LED' as led, device_id
      from miner_capabilities where site_id = ${siteId} order by model`
    expect(kept).toEqual([
      { make: "Bitmain", model: "", firmware: "", led: "no light", device_id: device.deviceId },
      { make: "Bitmain", model: "S19", firmware: "", led: "no light", device_id: device.deviceId },
    ])
  })

  it("are a collector's to tell", async () => {
    const { admin } = await setUp()
    const told = recordCapabilities(farm.as(admin), {
      instance_id: instanceId,
      profiles: [profile("S19", null)],
    })
    await expect(told).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
  })
})
