import { describe, expect, it } from "vitest"
import { readEdgeConfig } from "../collectors/read-edge-config.ts"
import { JOBS } from "../contract/jobs.ts"
import { expireCommands } from "./expire-commands.ts"
import { resumeCommand } from "./resume-command.ts"
import { setCommandsPaused } from "./set-commands-paused.ts"
import { WORKER } from "./test/farm.ts"
import { DISABLE, ENABLE, LED, MINUTE, type Staffed, usePlane } from "./test/plane.ts"

/** Twelve machines in three waves of four, one machine of four may fail. */
const SITE = { wave_percent: 33, wave_pause_s: 60, wave_fail_percent: 25, wave_hash_percent: 80 }

describe("waves", () => {
  const plane = usePlane()
  const { farm, setUp, start, lease, run, standing, results, waves, sample, advance, auditOf } = plane
  const twelve = () => setUp(SITE, 12)
  const later = async (site: Staffed, ms: number, minerIds = site.minerIds, ghs = 100_000) => {
    farm.clock.advance(ms)
    await sample(site.siteId, minerIds, { ghs, uptimeS: Math.floor(ms / 1000) - 1 })
  }

  it("A20 D15 A27 run one after the other, each after the gate of the one before and a pause", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    expect((await results(command)).map((row) => row.wave)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
    expect((await results(command)).filter((row) => row.released)).toHaveLength(4)
    expect(await standing(command)).toMatchObject({ status: "QUEUED", waves: 3, released: 1 })
    expect((await waves(command)).map((wave) => [wave.targets, wave.released_at !== null])).toEqual([
      [4, true],
      [4, false],
      [4, false],
    ])
    expect((await results(command))[0]?.hashrate_before_ghs).toBe(100_000)
    expect((await results(command))[4]?.hashrate_before_ghs).toBeNull()

    expect(await run(site.device)).toBe(4)
    expect(await lease(site.device)).toEqual([])
    expect(await advance()).toMatchObject({ released: 0, halted: 0 })
    expect((await waves(command))[0]).toMatchObject({ good: 0, bad: 4, passed_at: null })
    await later(site, MINUTE, site.minerIds.slice(0, 3))
    expect(await advance()).toMatchObject({ released: 0, recovered: 3 })
    expect((await waves(command))[0]).toMatchObject({ good: 3, bad: 1, passed_at: null })
    await later(site, MINUTE, site.minerIds, 120_000)
    expect(await advance()).toMatchObject({ released: 0, recovered: 1 })
    expect((await waves(command))[0]).toMatchObject({ good: 4, bad: 0, passed_at: farm.clock.now })
    expect((await standing(command)).next_wave_at).toEqual(new Date(farm.clock.now.getTime() + MINUTE))
    expect(await lease(site.device)).toEqual([])

    farm.clock.advance(MINUTE)
    expect(await advance()).toMatchObject({ released: 1 })
    const released = (await results(command))[4]
    expect(released).toMatchObject({ released: true, hashrate_before_ghs: 120_000 })
    const second = await lease(site.device)
    expect(second).toHaveLength(4)
    expect(second[0]?.expires_at).toBe(new Date(farm.clock.now.getTime() + 30 * MINUTE).toISOString())
    expect((await auditOf(command.id)).slice(-3)).toEqual([
      "command.result",
      "command.wave-pass",
      "command.wave-release",
    ])
  })

  it("the last wave ends the command, and still gets its picture", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    for (const wave of [1, 2, 3]) {
      expect(await run(site.device), `wave ${wave}`).toBe(4)
      if (wave === 3) expect(await standing(command)).toMatchObject({ status: "SUCCEEDED", released: 3 })
      await later(site, MINUTE)
      await advance()
      farm.clock.advance(MINUTE)
      await advance()
    }
    expect((await waves(command)).map((wave) => [wave.good, wave.bad, wave.passed_at !== null])).toEqual([
      [4, 0, true],
      [4, 0, true],
      [4, 0, true],
    ])
    expect((await results(command)).every((row) => row.recovered_at !== null)).toBe(true)
    expect(await standing(command)).toMatchObject({
      status: "SUCCEEDED",
      next_wave_at: null,
      halt_reason: null,
    })
  })

  it("D15 halt when too many do not come back hashing in time, with a reason in words", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    await run(site.device)
    await advance()
    // Two stay at 79 % of their rate before, two are back.
    await later(site, MINUTE, site.minerIds.slice(0, 2), 79_000)
    await sample(site.siteId, site.minerIds.slice(2, 4), { ghs: 80_000, uptimeS: 50 })
    await advance()
    await later(site, 13.9 * MINUTE, site.minerIds.slice(0, 2), 79_000)
    expect(await advance()).toMatchObject({ halted: 0 })
    await later(site, 0.1 * MINUTE, site.minerIds.slice(0, 2), 79_000)
    expect(await advance()).toMatchObject({ halted: 1 })
    const reason = "Wave 1 of 3: 2 of 4 machines did not come back hashing within 15 minutes."
    expect(await standing(command)).toMatchObject({ status: "RUNNING", halt_reason: reason, released: 1 })
    expect((await waves(command))[0]).toMatchObject({ good: 2, bad: 2, halt_reason: reason, passed_at: null })
    expect(await lease(site.device)).toEqual([])
    const [halt] = await farm.database.sql`select details, site_id from audit_log
      where subject_id = ${command.id} and action = 'command.halt'`
    expect(halt).toMatchObject({ site_id: site.siteId, details: { reason, wave: 1, good: 2, waiting: 2 } })
    // The picture lives on, and nothing more happens by itself.
    await later(site, MINUTE, site.minerIds.slice(0, 2))
    expect(await advance()).toMatchObject({ released: 0, halted: 0, recovered: 2 })
    expect((await waves(command))[0]).toMatchObject({ good: 4, bad: 0 })
  })

  it("halt as soon as too many have failed, and are looked at at once", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    const rows = await lease(site.device)
    const before = await plane.jobsOf("command.advance-waves")
    await plane.record(site.device, [plane.answer(rows[0]!)])
    expect(await plane.jobsOf("command.advance-waves")).toBe(before)
    await plane.record(site.device, [plane.answer(rows[1]!, 1), plane.answer(rows[2]!, 5)])
    expect(await plane.jobsOf("command.advance-waves")).toBe(1)
    expect(JOBS["command.advance-waves"].cron).not.toBeNull()
    expect(await advance()).toMatchObject({ halted: 1 })
    expect(await standing(command)).toMatchObject({
      halt_reason: "Wave 1 of 3: 2 of 4 machines failed or gave no answer; more than 25 % may not.",
    })
  })

  it("the last answer of a wave sends the job in its transaction", async () => {
    const site = await twelve()
    await farm.database.sql`delete from pgboss.job where name = 'command.advance-waves'`
    const command = await start(site.admin, site.minerIds, LED, { wavePauseS: 0 })
    await run(site.device)
    expect(await plane.jobsOf("command.advance-waves")).toBe(1)
    expect(await advance()).toMatchObject({ released: 1 })
    expect(await standing(command)).toMatchObject({ released: 2 })
    expect((await results(command))[0]?.recovered_at).toEqual(farm.clock.now)
  })

  it("resume on the word of who may execute, and the next wave starts at once", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    await run(site.device, () => 1)
    await advance()
    const operator = await farm.makeUser("operator", site.siteId)
    const manager = await farm.makeUser("site_manager", site.siteId)
    const stranger = await farm.makeUser("site_manager", (await farm.makeSite()).siteId)
    const resume = (by: typeof operator) => resumeCommand(farm.as(by), { commandId: command.id })
    await expect(resume(operator)).rejects.toMatchObject({ code: "FORBIDDEN" })
    await expect(resume(stranger)).rejects.toMatchObject({ code: "NOT_FOUND" })
    await setCommandsPaused(farm.as(manager), { siteId: site.siteId, paused: true })
    await expect(resume(manager)).rejects.toMatchObject({ code: "CONFLICT" })
    await setCommandsPaused(farm.as(manager), { siteId: site.siteId, paused: false })
    expect(await resume(manager)).toEqual({ wave: 2 })
    await expect(resume(manager)).rejects.toMatchObject({ code: "CONFLICT" })
    expect(await standing(command)).toMatchObject({ halt_reason: null, released: 2 })
    const [first, second] = await waves(command)
    expect(first).toMatchObject({
      resumed_by: manager.userId,
      halt_reason: expect.stringContaining("Wave 1"),
    })
    expect(second).toMatchObject({ released_at: farm.clock.now })
    expect((await auditOf(command.id)).slice(-3)).toEqual([
      "command.halt",
      "command.resume",
      "command.wave-release",
    ])
    expect(await run(site.device)).toBe(4)
  })

  it("A28 contradiction 11: a halted command is cancelled by its rest, and ends by what ran", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    await run(site.device, () => 1)
    await advance()
    expect(await plane.cancel(site.admin, command)).toEqual({ cancelled: 8 })
    expect(await standing(command)).toMatchObject({
      status: "FAILED",
      outcome: "4 failed, 8 skipped",
      halt_reason: null,
    })
    expect((await results(command)).slice(4).map((row) => [row.skip_reason, row.edge_status])).toEqual(
      Array.from({ length: 8 }, () => ["cancelled", "cancelled"]),
    )
    expect(await advance()).toMatchObject({ released: 0, halted: 0 })
  })

  it("a halted command that nobody resumes ends after 24 hours", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    await run(site.device, () => 1)
    await advance()
    farm.clock.advance(24 * 60 * MINUTE - 1)
    await plane.expire()
    expect((await standing(command)).status).toBe("RUNNING")
    farm.clock.advance(1)
    await plane.expire()
    expect(await standing(command)).toMatchObject({ status: "FAILED", outcome: "4 failed, 8 expired" })
    expect((await results(command))[4]).toMatchObject({ skip_reason: "expired", result_status: "SKIPPED" })
  })

  it("decision 18: the time to live of a wave runs from its release; what waits does not expire", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    await run(site.device)
    await later(site, MINUTE)
    await advance()
    farm.clock.advance(5 * 60 * MINUTE)
    await plane.expire()
    expect(await standing(command)).toMatchObject({ status: "RUNNING", expired_count: 0 })
    await advance()
    expect(await lease(site.device, 1)).toHaveLength(1)
    farm.clock.advance(30 * MINUTE)
    await plane.expire()
    expect((await results(command)).map((row) => row.skip_reason)).toEqual([
      ...Array.from({ length: 5 }, () => null),
      ...Array.from({ length: 3 }, () => "expired"),
      ...Array.from({ length: 4 }, () => null),
    ])
  })

  it("of a command that nobody ever fetched all waves expire", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds)
    farm.clock.advance(30 * MINUTE)
    await plane.expire()
    expect(await standing(command)).toMatchObject({ status: "EXPIRED", expired_count: 12 })
  })

  it("a wave that nobody fetched halts the command", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds, LED, { wavePauseS: 0 })
    await run(site.device)
    await advance()
    farm.clock.advance(30 * MINUTE)
    await plane.expire()
    expect(await advance()).toMatchObject({ halted: 1 })
    expect((await standing(command)).halt_reason).toBe(
      "Wave 2 of 3: no collector fetched any of its 4 machines in time.",
    )
  })

  it("no wave is released while the site's kill switch is on", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds, LED, { wavePauseS: 0 })
    await run(site.device)
    await setCommandsPaused(farm.as(site.admin), { siteId: site.siteId, paused: true })
    expect(await advance()).toMatchObject({ released: 0 })
    farm.clock.advance(10 * 60 * MINUTE)
    expect(await advance()).toMatchObject({ released: 0 })
    await setCommandsPaused(farm.as(site.admin), { siteId: site.siteId, paused: false })
    expect(await advance()).toMatchObject({ released: 1 })
    expect(await standing(command)).toMatchObject({ released: 2 })
  })

  it("two workers at once move each wave once", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds, LED, { wavePauseS: 0 })
    await run(site.device)
    await Promise.all([advance(), advance(), advance()])
    expect(await standing(command)).toMatchObject({ released: 2 })
    expect((await auditOf(command.id)).filter((action) => action === "command.wave-release")).toHaveLength(1)
  })

  it("a machine that did not hash before has to be online, and only that", async () => {
    const site = await twelve()
    await sample(site.siteId, site.minerIds.slice(0, 4), { ghs: 0 })
    const command = await start(site.admin, site.minerIds, ENABLE, { wavePauseS: 0 })
    await run(site.device)
    farm.clock.advance(MINUTE)
    await sample(site.siteId, site.minerIds.slice(0, 4), { ghs: 0 })
    expect(await advance()).toMatchObject({ recovered: 4, released: 1 })
    expect(await standing(command)).toMatchObject({ released: 2 })
  })

  it("a machine that was switched off is good when it is reachable", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds, DISABLE, { wavePauseS: 0 })
    await run(site.device)
    farm.clock.advance(MINUTE)
    await sample(site.siteId, site.minerIds.slice(0, 4), { ghs: 0, online: false })
    expect(await advance()).toMatchObject({ recovered: 0, released: 0 })
    await sample(site.siteId, site.minerIds.slice(0, 4), { ghs: 0 })
    expect(await advance()).toMatchObject({ recovered: 4, released: 1 })
    expect(await standing(command)).toMatchObject({ released: 2 })
  })

  it("decision 19: a reboot is recovered by an uptime that began after it, at its rate before", async () => {
    const site = await setUp()
    const command = await start(site.admin, [site.minerIds[0]!])
    await run(site.device)
    const recoveredAt = async () => {
      await expireCommands(farm.as(WORKER))
      return (await results(command))[0]?.recovered_at
    }
    const one = site.minerIds.slice(0, 1)
    farm.clock.advance(5_000)
    await sample(site.siteId, one, { uptimeS: 90_000 })
    expect(await recoveredAt()).toBeNull()
    farm.clock.advance(MINUTE)
    await sample(site.siteId, one, { uptimeS: 30, ghs: 0 })
    expect(await recoveredAt()).toBeNull()
    farm.clock.advance(MINUTE)
    await sample(site.siteId, one, { uptimeS: 90, ghs: 85_000 })
    expect(await recoveredAt()).toEqual(farm.clock.now)
    expect(await waves(command)).toMatchObject([{ wave: 1, targets: 1, good: 1, bad: 0 }])
  })

  it("the last wave halts nothing when it stays away", async () => {
    const site = await setUp(SITE, 11)
    const command = await start(site.admin, site.minerIds, undefined, { waveSize: 10, wavePauseS: 0 })
    await run(site.device)
    await later(site, MINUTE)
    await advance()
    await run(site.device, () => 1)
    farm.clock.advance(16 * MINUTE)
    expect(await advance()).toMatchObject({ halted: 0 })
    expect(await standing(command)).toMatchObject({ status: "FAILED", halt_reason: null })
    expect((await waves(command))[1]).toMatchObject({ good: 0, bad: 1, halted_at: null, passed_at: null })
  })

  it("the request's size and pause count, the site's otherwise", async () => {
    const site = await twelve()
    const command = await start(site.admin, site.minerIds, LED, { waveSize: 5, wavePauseS: 30 })
    expect((await waves(command)).map((wave) => wave.targets)).toEqual([5, 5, 2])
    await run(site.device)
    await advance()
    expect((await standing(command)).next_wave_at).toEqual(new Date(farm.clock.now.getTime() + 30_000))
    const config = await readEdgeConfig(farm.as(site.device), { have_version: 0 })
    expect(config).toMatchObject({ command_cap: 32, commands_paused: false })
  })
})
