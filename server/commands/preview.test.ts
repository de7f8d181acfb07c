import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { UserActor } from "../access/actor.ts"
import { previewCommand } from "./preview-command.ts"
import { type FarmSite, useFarm } from "./test/farm.ts"

const SOFT = { type: "REBOOT", parameters: { mode: "soft" } }
const HARD = { type: "REBOOT", parameters: { mode: "hard" } }
const POOL = "stratum+tcp://pool.example:3333"
const changePool = (worker_name: string, url = POOL) => ({
  type: "CHANGE_POOL",
  parameters: { pools: [{ url, worker_name }] },
})

describe("preview", () => {
  const farm = useFarm()

  const setUp = async (
    settings?: Record<string, unknown>,
    size?: { miners: number },
  ): Promise<FarmSite & { admin: UserActor; operator: UserActor }> => {
    const site = await farm.makeSite(settings, size)
    return {
      ...site,
      admin: await farm.makeUser("admin", site.siteId),
      operator: await farm.makeUser("operator", site.siteId),
    }
  }
  /** An open row of the edge queue, of some command. */
  const open = (
    site: FarmSite,
    minerId: number,
    row: { type: string; feature: string; parameters?: Record<string, unknown>; status?: string },
  ) => farm.database.sql`
    insert into miner_commands (site_id, remote_command_id, miner_id, device_id, command_type, feature, parameters,
      priority, status)
    values (${site.siteId}, ${randomUUID()}, ${minerId}, ${site.device.deviceId}, ${row.type}, ${row.feature},
      ${JSON.stringify(row.parameters ?? {})}, 5, ${row.status ?? "pending"})`
  const live = (minerId: number, columns: Record<string, unknown>) =>
    farm.database
      .sql`update miner_telemetry_live set ${farm.database.sql(columns)} where miner_id = ${minerId}`
  const machine = (minerId: number, columns: Record<string, unknown>) =>
    farm.database.sql`update hosting_miners set ${farm.database.sql(columns)} where id = ${minerId}`
  const preview = (
    actor: UserActor,
    minerIds: number[],
    action: { type: string; parameters?: Record<string, unknown> },
    more: Record<string, unknown> = {},
  ) => previewCommand(farm.as(actor), { targets: { minerIds }, action, ...more })
  const groupsOf = async (
    actor: UserActor,
    minerIds: number[],
    action: { type: string; parameters?: Record<string, unknown> },
  ) => {
    const { targets } = await preview(actor, minerIds, action)
    return minerIds.map((id) => targets.find((target) => target.minerId === id)?.group)
  }

  it("E18 D13 groups targets by what will happen, worst first, with the reason of each", async () => {
    const site = await setUp({}, { miners: 9 })
    const [retired, orphan, never, offline, busy, opposite, asleep, fine, revoked] = site.minerIds as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const { sql } = farm.database
    await machine(retired, { state: "retired" })
    await machine(orphan, { device_id: null })
    await sql`delete from miner_telemetry_live where miner_id = ${never}`
    await live(offline, { offline_since: farm.clock.now })
    await open(site, busy, { type: "LED", feature: "LED", parameters: { state: "on" } })
    await open(site, opposite, { type: "ENABLE", feature: "ENABLE" })
    await live(asleep, { mining: false, power_mode: "sleep" })
    const [gone] = await sql<{ id: number }[]>`insert into edge_devices (site_id, name, revoked_at)
      values (${site.siteId}, 'gone', now()) returning id`
    await machine(revoked, { device_id: gone!.id })

    const seen = await preview(site.admin, site.minerIds, { type: "DISABLE" })
    expect(seen.total).toBe(9)
    expect(seen.groups).toEqual({
      will_run: 1,
      already: 1,
      busy: 1,
      conflict: 1,
      offline: 1,
      cannot: 4,
    })
    const of = (id: number) => seen.targets.find((target) => target.minerId === id)
    expect(of(retired)).toMatchObject({ group: "cannot", reason: "retired", why: "The machine is retired." })
    expect(of(orphan)).toMatchObject({ group: "cannot", reason: "no_collector" })
    expect(of(revoked)).toMatchObject({ group: "cannot", reason: "no_collector" })
    expect(of(never)).toMatchObject({ group: "cannot", reason: "never_reported" })
    expect(of(offline)).toMatchObject({ group: "offline", reason: "offline" })
    expect(of(opposite)).toMatchObject({ group: "conflict", reason: "conflict" })
    expect(of(busy)).toMatchObject({ group: "busy", reason: "busy" })
    expect(of(asleep)).toMatchObject({ group: "already", reason: "already" })
    expect(of(fine)).toMatchObject({ group: "will_run", reason: null, why: null })
    const order = ["cannot", "conflict", "offline", "busy", "already", "will_run"]
    const ranks = seen.targets.map((target) => order.indexOf(target.group))
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
    expect(seen.why.reduce((sum, row) => sum + row.count, 0)).toBe(6)
    expect(seen.why.find((row) => row.reason === "no_collector")).toMatchObject({ group: "cannot", count: 2 })
  })

  it("a hard reboot is tried on a machine that is offline", async () => {
    const { admin, minerIds } = await setUp()
    await live(minerIds[0]!, { offline_since: farm.clock.now })
    expect(await groupsOf(admin, [minerIds[0]!], HARD)).toEqual(["will_run"])
    expect(await groupsOf(admin, [minerIds[0]!], SOFT)).toEqual(["offline"])
  })

  it("A22 contradictions 6 and 7: what model and firmware cannot, with the driver's words, and nobody asked counts as can", async () => {
    const { siteId, device, admin, minerIds } = await setUp()
    const [old, other, unknown, third] = minerIds as [number, number, number, number]
    const s9 = { make: "Bitmain", model: "Antminer S9", firmware: "stock", firmware_version: "2019" }
    await machine(old, s9)
    await machine(third, s9)
    await machine(other, { make: "Bitmain", model: "Antminer S19", firmware: "stock" })
    const { sql } = farm.database
    const features = (why: string | null) => JSON.stringify({ "POWER_MODE.eco": why, "REBOOT.soft": null })
    await sql`insert into miner_capabilities values
      (${siteId}, 'Bitmain', 'Antminer S9', 'stock', '2019', ${features("The S9 has one power mode.")}, ${device.deviceId}, now()),
      (${siteId}, 'Bitmain', 'Antminer S19', 'stock', '', ${features(null)}, ${device.deviceId}, now())`
    const eco = { type: "POWER_MODE", parameters: { mode: "eco" } }
    expect(await groupsOf(admin, [old, other, unknown], eco)).toEqual(["cannot", "will_run", "will_run"])
    expect(await groupsOf(admin, [old], SOFT)).toEqual(["will_run"])
    // Nobody said a word about sleep.
    expect(await groupsOf(admin, [old], { type: "POWER_MODE", parameters: { mode: "sleep" } })).toEqual([
      "will_run",
    ])
    expect((await preview(admin, minerIds, eco)).why).toEqual([
      {
        group: "cannot",
        reason: "unsupported",
        model: "Antminer S9",
        firmware: "stock 2019",
        count: 2,
        why: "The S9 has one power mode.",
      },
    ])
  })

  it("a conflict is the opposite, an upheaval, or the same in another way; the rest waits its turn", async () => {
    const site = await setUp()
    const [first] = site.minerIds as [number]
    const { sql } = farm.database
    const cases: [
      Parameters<typeof open>[2],
      { type: string; parameters?: Record<string, unknown> },
      string,
    ][] = [
      [{ type: "DISABLE", feature: "DISABLE" }, { type: "ENABLE" }, "conflict"],
      [
        { type: "POWER_MODE", feature: "POWER_MODE.sleep", parameters: { mode: "sleep" } },
        { type: "POWER_MODE", parameters: { mode: "high" } },
        "conflict",
      ],
      [{ type: "ENABLE", feature: "ENABLE" }, { type: "ENABLE" }, "busy"],
      [
        { type: "LED", feature: "LED", parameters: { state: "on" } },
        { type: "LED", parameters: { state: "off" } },
        "conflict",
      ],
      [
        { type: "LED", feature: "LED", parameters: { state: "on" } },
        { type: "LED", parameters: { state: "on" } },
        "busy",
      ],
      [{ type: "UPDATE_FIRMWARE", feature: "UPDATE_FIRMWARE" }, SOFT, "conflict"],
      [
        { type: "UPDATE_FIRMWARE", feature: "UPDATE_FIRMWARE" },
        { type: "LED", parameters: { state: "on" } },
        "busy",
      ],
      [{ type: "REBOOT", feature: "REBOOT.hard", parameters: { mode: "hard" } }, SOFT, "conflict"],
      [
        { type: "BACKUP_CONFIG", feature: "BACKUP_CONFIG", parameters: { name: "a" } },
        { type: "BACKUP_CONFIG", parameters: { name: "b" } },
        "busy",
      ],
      [
        {
          type: "CHANGE_POOL",
          feature: "CHANGE_POOL",
          parameters: { pools: [{ url: POOL, worker_name: "other.1" }] },
        },
        changePool("acct.1"),
        "conflict",
      ],
      [{ type: "DISABLE", feature: "DISABLE", status: "completed" }, { type: "ENABLE" }, "already"],
    ]
    for (const [row, action, group] of cases) {
      await sql`delete from miner_commands where miner_id = ${first}`
      await open(site, first, row)
      expect(await groupsOf(site.admin, [first], action), JSON.stringify([row, action])).toEqual([group])
    }
  })

  it("tells what is so already from the last sample, and nothing that it does not hold", async () => {
    const { admin, minerIds } = await setUp()
    const [id] = minerIds as [number]
    const is = (action: { type: string; parameters?: Record<string, unknown> }) =>
      groupsOf(admin, [id], action)
    await live(id, { mining: true, power_mode: null })
    expect(await is({ type: "ENABLE" })).toEqual(["already"])
    expect(await is({ type: "DISABLE" })).toEqual(["will_run"])
    expect(await is({ type: "POWER_MODE", parameters: { mode: "eco" } })).toEqual(["will_run"])
    await live(id, { mining: null })
    expect(await is({ type: "ENABLE" })).toEqual(["will_run"])
    expect(await is({ type: "DISABLE" })).toEqual(["will_run"])
    await live(id, { mining: true, power_mode: "eco" })
    expect(await is({ type: "POWER_MODE", parameters: { mode: "eco" } })).toEqual(["already"])
    expect(await is({ type: "POWER_MODE", parameters: { power_limit_w: 2000 } })).toEqual(["will_run"])

    const pools = [
      { url: POOL, user: "acct.7", active: true },
      { url: "stratum+tcp://spare.example:1", user: "acct.7", active: false },
    ]
    await live(id, { pools: JSON.stringify(pools), pool_url: POOL, worker_name: "acct.7" })
    expect(await is(changePool("acct.{worker}"))).toEqual(["will_run"])
    const slot = {
      pools: [{ url: POOL.toUpperCase().replace("STRATUM+TCP", "stratum+tcp"), worker_name: "acct.7" }],
    }
    expect(await is({ type: "CHANGE_POOL", parameters: { ...slot, pool_number: 0 } })).toEqual(["already"])
    expect(await is({ type: "CHANGE_POOL", parameters: { ...slot, pool_number: 1 } })).toEqual(["will_run"])
    const both = { pools: pools.map(({ url }) => ({ url, worker_name: "acct.{worker}" })) }
    expect(await is({ type: "CHANGE_POOL", parameters: both })).toEqual(["already"])
    await live(id, { offline_since: null, online: false })
    expect(await is({ type: "CHANGE_POOL", parameters: both })).toEqual(["will_run"])
  })

  it("C15 decision 22: a machine whose collector cannot open the passwords gets none", async () => {
    const { admin, device, minerIds } = await setUp()
    const [id] = minerIds as [number]
    expect(await groupsOf(admin, [id], changePool("a.b"))).toEqual(["will_run"])
    await farm.database.sql`update edge_devices set public_key = null where id = ${device.deviceId}`
    const seen = await preview(admin, [id], changePool("a.b"))
    expect(seen.targets[0]).toMatchObject({ group: "cannot", reason: "no_key" })
    expect(await groupsOf(admin, [id], SOFT)).toEqual(["will_run"])
  })

  it("a restore is for the backup's own machine, and for the collector that can open it", async () => {
    const { admin, siteId, device, minerIds } = await setUp()
    const [own, foreign] = minerIds as [number, number]
    const backupId = randomUUID()
    const { sql } = farm.database
    await sql`insert into miner_backups ${sql({
      site_id: siteId,
      id: backupId,
      miner_id: own,
      name: "b",
      kind: "manual",
      family: "antminer-stock",
      config: "",
      config_hash: "",
      sealed: "v1.x",
      device_id: device.deviceId,
      command_id: randomUUID(),
      created_at: farm.clock.now,
    })}`
    const restore = { type: "RESTORE_CONFIG", parameters: { backup_id: backupId } }
    const reasons = async () => {
      const { targets } = await preview(admin, [own, foreign], restore)
      return [own, foreign].map((id) => targets.find((target) => target.minerId === id)?.reason)
    }
    expect(await reasons()).toEqual([null, "foreign_backup"])
    const [other] = await sql<
      { id: number }[]
    >`insert into edge_devices (site_id, name) values (${siteId}, 'b') returning id`
    await machine(own, { device_id: other!.id })
    expect(await reasons()).toEqual(["no_key", "foreign_backup"])
  })

  it("D20 a firmware file is for its models, and has to exist", async () => {
    const { admin, minerIds } = await setUp()
    const [s19, s21, unknown] = minerIds as [number, number, number]
    await machine(s19, { model: "Antminer S19" })
    await machine(s21, { model: "Antminer S21" })
    const artifact = randomUUID()
    const update = { type: "UPDATE_FIRMWARE", parameters: { artifact_id: artifact } }
    await expect(preview(admin, [s19], update)).rejects.toMatchObject({ code: "INVALID" })
    const { sql } = farm.database
    await sql`insert into firmware_artifacts ${sql({
      id: artifact,
      file_name: "a.tar.gz",
      version: "1",
      families: ["antminer-stock"],
      models: ["antminer s19"],
      sha256: "0".repeat(64),
      size_bytes: 1,
      uploaded_at: farm.clock.now,
    })}`
    const seen = await preview(admin, [s19, s21, unknown], update)
    expect(seen.groups).toMatchObject({ will_run: 2, cannot: 1 })
    expect(seen.why[0]).toMatchObject({ reason: "unsupported", model: "Antminer S21", why: /antminer s19/ })
  })

  it("A23 D07: old pool and worker against new, and who leaves his account", async () => {
    const { admin, siteId, minerIds } = await setUp({}, { miners: 6 })
    const [a1, a2, b1, none, moved, unknown] = minerIds as [number, number, number, number, number, number]
    const mines = (id: number, pool_url: string, worker_name: string) => live(id, { pool_url, worker_name })
    await mines(a1, "stratum+tcp://old:1", "acct.w1")
    await mines(a2, "stratum+tcp://old:1", "acct.w2")
    await mines(b1, "stratum+tcp://old:1", "bob.w3")
    await mines(none, "stratum+tcp://old:1", "single")
    await mines(moved, "stratum+tcp://new:1", "acct.w4")
    const client = await farm.makeUser("client", siteId, [b1])
    const seen = await preview(admin, minerIds, changePool("acct.{worker}"))
    const row = (id: number) => seen.pools?.find((group) => group.minerIds.includes(id))
    expect(row(a1)).toMatchObject({
      oldUrl: "stratum+tcp://old:1",
      oldWorker: "acct.*",
      oldAccount: "acct",
      newUrl: POOL,
      newWorker: "acct.*",
      newAccount: "acct",
      count: 2,
      owned: 0,
      leavesAccount: false,
      minerIds: [a1, a2],
    })
    expect(row(b1)).toMatchObject({
      oldWorker: "bob.w3",
      newWorker: "acct.w3",
      owned: 1,
      leavesAccount: true,
    })
    expect(row(moved)).toMatchObject({ oldUrl: "stratum+tcp://new:1", leavesAccount: false })
    expect(row(none)).toMatchObject({ oldWorker: "single", newWorker: "acct.{worker}", leavesAccount: true })
    expect(row(unknown)).toMatchObject({ oldUrl: null, oldWorker: null, leavesAccount: false })
    expect(seen.pools?.[0]?.leavesAccount).toBe(true)
    expect((await preview(admin, minerIds, SOFT)).pools).toBeNull()

    // A spare pool is paid when the first one fails.
    const spare = await preview(admin, [a1], {
      type: "CHANGE_POOL",
      parameters: {
        pools: [
          { url: POOL, worker_name: "acct.{worker}" },
          { url: "stratum+tcp://spare:1", worker_name: "thief.1" },
        ],
      },
    })
    expect(spare.pools?.[0]).toMatchObject({ newAccount: "acct", leavesAccount: true })
    expect(spare.pools?.[0]?.newPools.map((pool) => pool.worker)).toEqual(["acct.{worker}", "thief.1"])

    // A client is not shown what the machine did before it was his.
    await farm.database
      .sql`update user_miners set from_at = ${new Date(farm.clock.now.getTime() + 1)} where miner_id = ${b1}`
    farm.clock.advance(60_000)
    await farm.database.sql`update hosting_sites set client_commands_allowed = true where id = ${siteId}`
    const his = await preview(client, [b1], changePool("bob.{worker}"))
    expect(his.pools).toMatchObject([{ oldUrl: null, oldWorker: null, newWorker: "bob.{worker}", count: 1 }])
  })

  it("A29 decision 16: the policy's word for each site, as data and not as an error", async () => {
    const a = await setUp({ approval_batch_threshold: 2 })
    const b = await setUp()
    const both = [...a.minerIds.slice(0, 2), ...b.minerIds.slice(0, 2)]
    const member: UserActor = {
      ...a.operator,
      memberships: new Map([
        [a.siteId, "operator"],
        [b.siteId, "operator"],
      ]),
    }
    const seen = await preview(member, both, SOFT)
    expect(seen.sites.map((site) => [site.siteId, site.targets, site.decision])).toEqual([
      [a.siteId, 2, { verdict: "allowed", reasons: [], message: null }],
      [b.siteId, 2, { verdict: "needs_approval", reasons: ["batch"], message: null }],
    ])
    expect(seen.decision).toEqual({ verdict: "needs_approval", reasons: ["batch"], message: null })
    expect((await preview(a.admin, both, HARD)).decision.verdict).toBe("allowed")
    const technician = await farm.makeUser("technician", a.siteId)
    expect((await preview(technician, [a.minerIds[0]!], { type: "ENABLE" })).decision).toEqual({
      verdict: "refused",
      reasons: [],
      message: "A technician may request LED and REBOOT only.",
    })
    const auditor = await farm.makeUser("auditor", a.siteId)
    expect((await preview(auditor, [a.minerIds[0]!], SOFT)).decision.verdict).toBe("refused")
    await expect(preview(a.operator, both, SOFT)).rejects.toMatchObject({ code: "NOT_FOUND" })
  })

  it("D15 decision 18: waves above ten targets, by the site's share or as asked, and the kill switch", async () => {
    const site = await setUp({ wave_percent: 20, wave_pause_s: 30 }, { miners: 24 })
    const siteOf = async (minerIds: number[], more = {}) =>
      (await preview(site.admin, minerIds, SOFT, more)).sites[0]
    expect((await siteOf(site.minerIds.slice(0, 10)))?.waves).toBeNull()
    expect((await siteOf(site.minerIds))?.waves).toMatchObject({ size: 5, count: 5, pauseS: 30 })
    expect((await siteOf(site.minerIds, { waveSize: 7 }))?.waves).toMatchObject({ size: 7, count: 4 })
    await farm.database
      .sql`update miner_telemetry_live set offline_since = now() where miner_id = any(${site.minerIds.slice(0, 14)}::int[])`
    expect((await siteOf(site.minerIds))?.waves).toBeNull()
    expect(await siteOf(site.minerIds)).toMatchObject({ paused: false, pausedTargets: 0 })
    await farm.database
      .sql`update edge_devices set commands_paused_at = now() where id = ${site.device.deviceId}`
    expect(await siteOf(site.minerIds)).toMatchObject({ paused: false, pausedTargets: 24 })
    await farm.database.sql`update hosting_sites set commands_paused_at = now() where id = ${site.siteId}`
    expect(await siteOf(site.minerIds)).toMatchObject({ paused: true, pausedTargets: 24 })
  })

  it("D16 says whether machines are backed up first", async () => {
    const site = await setUp({ backup_before_change: true })
    const other = await setUp()
    const first = async (
      of: typeof site,
      action: { type: string; parameters?: Record<string, unknown> },
      backupFirst?: boolean,
    ) => (await preview(of.admin, [of.minerIds[0]!], action, { backupFirst })).sites[0]?.backupFirst
    expect(await first(site, changePool("a.b"), false)).toBe(true)
    expect(await first(site, SOFT, true)).toBe(false)
    expect(await first(other, changePool("a.b"))).toBe(false)
    expect(await first(other, changePool("a.b"), true)).toBe(true)
  })

  it("D13 a filter's machines in pages, with a digest that changes with them", async () => {
    const { admin, siteId, minerIds } = await setUp({}, { miners: 7 })
    const look = (page: number) =>
      previewCommand(farm.as(admin), { targets: { filter: { siteId } }, action: SOFT, page, pageSize: 3 })
    const pages = await Promise.all([1, 2, 3, 4].map(look))
    expect(
      pages.flatMap((page) => page.targets.map((target) => target.minerId)).sort((x, y) => x - y),
    ).toEqual(minerIds)
    expect(pages.map((page) => page.total)).toEqual([7, 7, 7, 7])
    expect(pages[3]?.targets).toEqual([])
    await machine(minerIds[0]!, { state: "retired" })
    const after = await look(1)
    expect(after.total).toBe(6)
    expect(after.digest).not.toBe(pages[0]?.digest)
  })

  it("works for 50,000 targets on statistics that know nothing of them", async () => {
    const { admin, siteId, device } = await setUp()
    const { sql } = farm.database
    await sql`insert into hosting_miners (site_id, miner_id, device_id, make, model)
      select ${siteId}, 'm-' || n, ${device.deviceId}, 'Bitmain', 'S' || n % 5 from generate_series(1, 49996) n`
    await sql`insert into miner_telemetry_live (site_id, miner_id, collected_at, received_at, online, mining, pool_url,
        worker_name, offline_since)
      select site_id, id, now(), now(), true, true, 'stratum+tcp://old:1', 'acct' || id % 3 || '.' || id,
        case when id % 10 = 0 then now() end
      from hosting_miners where site_id = ${siteId} on conflict do nothing`
    const seen = await previewCommand(farm.as(admin), {
      targets: { filter: { siteId } },
      action: changePool("acct1.{worker}"),
    })
    expect(seen.total).toBe(50_000)
    expect(Object.values(seen.groups).reduce((sum, count) => sum + count, 0)).toBe(50_000)
    expect(seen.groups.offline).toBeGreaterThan(4_990)
    expect(seen.pools?.filter((group) => group.leavesAccount).length).toBe(2)
  })
})
