import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { DeviceActor } from "../access/actor.ts"
import { openSealed, SEAL_PURPOSES } from "../sealed-box.ts"
import { leaseCommands } from "./lease-commands.ts"
import { setCommandsPaused } from "./set-commands-paused.ts"
import { DEVICE_KEY } from "./test/farm.ts"
import { LED, MINUTE, POOL, SOFT, usePlane } from "./test/plane.ts"

const POOL_B = {
  ...POOL,
  parameters: { pools: [{ ...POOL.parameters.pools[0], url: "stratum+tcp://b.example:1" }] },
}
const BACKUP = { type: "BACKUP_CONFIG", parameters: { name: "now" } } as const

describe("the order of the queue", () => {
  const plane = usePlane()
  const { farm, setUp, start, lease, answer, record, standing, results } = plane
  const types = async (device: DeviceActor, max?: number) => (await lease(device, max)).map((row) => row.type)

  it("A20 commands of a machine run in their order, one at a time, whatever their priority", async () => {
    const { admin, device, minerIds } = await setUp()
    const one = [minerIds[0]!]
    await start(admin, one, SOFT)
    await start(admin, one, LED, { priority: 10 })
    await start(admin, one, BACKUP, { priority: 10 })
    for (const type of ["REBOOT", "LED", "BACKUP_CONFIG"]) {
      const rows = await lease(device)
      expect(rows.map((row) => row.type)).toEqual([type])
      expect(await lease(device)).toEqual([])
      await record(device, [answer(rows[0]!)])
    }
  })

  it("A20 a collector that starts anew gets at once what its last process held, and its cap back", async () => {
    const { admin, device, minerIds } = await setUp({ command_cap: 2 })
    const command = await start(admin, minerIds, SOFT)
    const held = await lease(device)
    expect(held).toHaveLength(2)
    expect(await lease(device)).toEqual([])
    const again = await lease(device, 100, { started: true })
    expect(again.map((row) => row.id)).toEqual(held.map((row) => row.id))
    expect(again.map((row) => row.attempt)).toEqual([2, 2])
    const stale = await record(device, [answer(held[0]!)])
    expect(stale.results[0]?.state).toBe("stale")
    await record(
      device,
      again.map((row) => answer(row)),
    )
    expect((await standing(command)).succeeded_count).toBe(2)
  })

  it("priorities order machines", async () => {
    const { admin, device, minerIds } = await setUp()
    const [a, b, c] = minerIds as [number, number, number]
    await start(admin, [a], LED, { priority: 1 })
    await start(admin, [b], LED, { priority: 5 })
    await start(admin, [c], LED, { priority: 10 })
    const order = [(await lease(device, 1))[0], (await lease(device, 1))[0], (await lease(device, 1))[0]]
    expect(order.map((row) => row?.priority)).toEqual([10, 5, 1])
  })

  it("a machine that runs something waits, even for what was dispatched before and released after", async () => {
    const { admin, device, minerIds } = await setUp({ wave_pause_s: 0 }, 12)
    const last = minerIds[11]!
    await start(admin, minerIds, SOFT, { waveSize: 11 })
    await start(admin, [last], LED)
    const rows = await lease(device)
    expect(rows.filter((row) => row.type === "LED")).toHaveLength(1)
    const led = rows.find((row) => row.type === "LED")!
    await record(
      device,
      rows.filter((row) => row !== led).map((row) => answer(row)),
    )
    farm.clock.advance(MINUTE)
    await plane.sample(device.siteId, minerIds.slice(0, 11), { uptimeS: 50 })
    expect(await plane.advance()).toMatchObject({ released: 1 })
    // The light's lease has lapsed meanwhile: it is handed out again, alone.
    farm.clock.advance(1_000)
    const again = await lease(device)
    expect(again.map((row) => [row.type, row.attempt])).toEqual([["LED", 2]])
    await record(device, [answer(again[0]!)])
    expect(await types(device)).toEqual(["REBOOT"])
  })

  it("what nobody fetched in time does not hold the line, what nobody answered does", async () => {
    const { admin, device, minerIds } = await setUp()
    const [a, b] = minerIds as [number, number]
    await start(admin, [a], SOFT, { ttlMinutes: 1 })
    await start(admin, [a], LED)
    await start(admin, [b], SOFT, { ttlMinutes: 1, priority: 9 })
    await start(admin, [b], LED)
    expect(await types(device, 1)).toEqual(["REBOOT"])
    farm.clock.advance(MINUTE + 1)
    expect(await types(device)).toEqual(["LED"])
  })

  it("never leases past the site's cap, over all its collectors; a lapsed lease gives its room back", async () => {
    const { admin, siteId, device, minerIds } = await setUp({ command_cap: 3 }, 8)
    const other = await secondDevice(siteId, minerIds.slice(4))
    await start(admin, minerIds, LED)
    expect(await lease(device, 2)).toHaveLength(2)
    const held = await lease(other)
    expect(held).toHaveLength(1)
    expect(await lease(device)).toEqual([])
    await record(other, [answer(held[0]!)])
    expect(await lease(device)).toHaveLength(1)
    expect(await lease(other)).toEqual([])
    farm.clock.advance(61_000)
    expect(await lease(other)).toHaveLength(3)
  })

  it("holds the cap when all collectors ask at the same moment", async () => {
    const { admin, siteId, device, minerIds } = await setUp({ command_cap: 5 }, 40)
    const devices = [device]
    for (const part of [1, 2, 3])
      devices.push(await secondDevice(siteId, minerIds.slice(part * 10, part * 10 + 10)))
    await start(admin, minerIds, LED, { waveSize: 40 })
    const leases = await Promise.all(devices.map((one) => lease(one, 4)))
    expect(leases.flat()).toHaveLength(5)
  })

  it("B03 the kill switch of the site and of the collector: nothing is leased, and the poll says so", async () => {
    const { admin, siteId, device, minerIds } = await setUp()
    await start(admin, minerIds, LED)
    const poll = () => leaseCommands(farm.as(device), { max: 9, instanceId: plane.instanceId, journal: null })
    for (const subject of [{ siteId }, { deviceId: device.deviceId }]) {
      expect(await setCommandsPaused(farm.as(admin), { ...subject, paused: true, reason: "smoke" })).toEqual({
        changed: true,
      })
      expect(await poll()).toEqual({ paused: true, commands: [] })
      await setCommandsPaused(farm.as(admin), { ...subject, paused: false })
    }
    expect(await poll()).toMatchObject({ paused: false, commands: { length: 4 } })
  })

  it("gives a collector what was sealed to it, and not what was sealed to another", async () => {
    const { admin, siteId, device, minerIds } = await setUp()
    const other = await secondDevice(siteId, [minerIds[1]!])
    const command = await start(admin, [minerIds[0]!, minerIds[1]!], POOL)
    const [row] = await lease(device)
    expect(JSON.stringify(row?.parameters)).not.toContain("s3cret")
    expect(openSealed(DEVICE_KEY, SEAL_PURPOSES.command, row!.sealed!)).toBe('{"passwords":["s3cret"]}')
    const [foreign] = await lease(other)
    expect(foreign?.sealed).not.toBe(row?.sealed)
    const held = () => farm.database.sql`select 1 from sealed_secrets where subject_id = ${command.id}`
    expect(await held()).toHaveLength(2)
    await record(device, [answer(row!)])
    expect(await held()).toHaveLength(2)
    await record(other, [answer(foreign!)])
    expect((await standing(command)).status).toBe("SUCCEEDED")
    expect(await held()).toHaveLength(0)
  })

  it("a conflict is skipped at the dispatch as busy: opposites, and the same in another way", async () => {
    const { admin, device, minerIds } = await setUp()
    const [a, b, c] = minerIds as [number, number, number]
    await start(admin, [a], POOL)
    await start(admin, [b], { type: "ENABLE", parameters: {} })
    const other = await start(admin, [a, c], POOL_B)
    const off = await start(admin, [b, c], { type: "DISABLE", parameters: {} })
    for (const command of [other, off])
      expect(
        (await results(command)).map((row) => [row.result_status, row.result_code, row.skip_reason]),
      ).toEqual([
        ["SKIPPED", 4, "conflict"],
        ["PENDING", null, null],
      ])
    expect(await lease(device)).toHaveLength(3)
  })

  it("brings the backup that a restore writes, and nothing when it cannot be read", async () => {
    const { admin, siteId, device, minerIds } = await setUp()
    const one = [minerIds[0]!]
    await start(admin, one, BACKUP)
    const [taken] = await lease(device)
    const backup = {
      config: {
        family: "antminer-stock",
        model: null,
        firmware_version: null,
        pools: [{ url: "stratum+tcp://old.example:3333", user: "a.b" }],
        power_mode: null,
        frequency_mhz: null,
        frequency_level_pct: null,
        voltage_v: null,
        fan: null,
        network: null,
        raw: { fan: "auto" },
      },
      sealed: "v1.sealed",
    }
    await record(device, [answer(taken!, 0, { backup })])
    const [kept] = await farm.database.sql<
      { id: string }[]
    >`select id from miner_backups where site_id = ${siteId}`
    const restore = { type: "RESTORE_CONFIG", parameters: { backup_id: kept!.id } } as const
    await start(admin, one, restore)
    expect((await lease(device))[0]).toMatchObject({ type: "RESTORE_CONFIG", backup, artifact: null })
    await farm.database.sql`update miner_backups set config = 'v1.damaged' where id = ${kept!.id}`
    farm.clock.advance(61_000)
    expect((await lease(device))[0]).toMatchObject({ attempt: 2, backup: null })
  })

  it("brings what a firmware update has to fetch, under a lease of half an hour", async () => {
    const { admin, device, minerIds } = await setUp()
    const id = randomUUID()
    const sha256 = randomUUID().replaceAll("-", "").repeat(2)
    await farm.database.sql`insert into firmware_artifacts (id, file_name, version, families, models, sha256,
      size_bytes, object_id, uploaded_at) values (${id}, 's19.tar.gz', '2.0', '{antminer-stock}', '{}', ${sha256}, 9, 1, now())`
    await start(admin, [minerIds[0]!], { type: "UPDATE_FIRMWARE", parameters: { artifact_id: id } })
    const [row] = await lease(device)
    expect(row?.artifact).toMatchObject({
      id,
      file_name: "s19.tar.gz",
      version: "2.0",
      sha256,
      size_bytes: 9,
    })
    expect(row?.lease_until).toBe(new Date(farm.clock.now.getTime() + 30 * MINUTE).toISOString())
  })

  async function secondDevice(siteId: number, minerIds: readonly number[]): Promise<DeviceActor> {
    const [row] = await farm.database.sql<{ id: number }[]>`
      insert into edge_devices (site_id, name, last_seen_at, public_key)
      values (${siteId}, ${randomUUID()}, ${farm.clock.now}, ${DEVICE_KEY.x}) returning id`
    await farm.database.sql`update hosting_miners set device_id = ${row!.id}
      where site_id = ${siteId} and id = any(${[...minerIds]}::int[])`
    return { kind: "device", deviceId: row!.id, siteId, keyId: 0, name: "second" }
  }
})
