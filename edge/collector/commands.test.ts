import { randomUUID } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import { openSealed, SEAL_PURPOSES } from "#server/sealed-box.ts"
import { collectorRig } from "./testing/collector-rig.ts"
import { poolChange } from "./testing/fakes.ts"
import { startFastTime } from "./testing/fast-time.ts"

/** Commands through the whole collector: gateway on loopback, real drivers, simulated machines. */
const S19 = "127.76.0.1"
const MSKMINER = "127.76.0.2"
const PASSWORD = "n3w-p00l-pw"
const FIRST_POOL = "stratum+tcp://one.example:3333"
let farm: Farm
let rig: Awaited<ReturnType<typeof collectorRig>>
let endFastTime: () => void
beforeAll(async () => {
  endFastTime = startFastTime()
  farm = await startFarm(
    {
      seed: 7,
      miners: [
        { address: S19, profile: "s19-pro", pools: [FIRST_POOL], worker: "acct.rig1" },
        { address: MSKMINER, profile: "mskminer-s19" },
      ],
    },
    { rpcPort: 0, webPort: 0, speed: 50 },
  )
  rig = await collectorRig(
    [S19, MSKMINER].map((address) => farm.target(address)),
    // Whatever comes sooner than ten minutes comes because of a command.
    { poll_interval_s: 600 },
  )
  await rig.sample(S19)
  await rig.sample(MSKMINER)
})
afterAll(async () => {
  await rig.end()
  await farm.close()
  endFastTime()
})

const keptOnDisk = () =>
  readdirSync(join(rig.path, "cache"), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n")
const pools = () => farm.miner(S19).settings.pools

describe("commands of a collector", () => {
  it("A30 C15 D16 change the pool with a sealed password, after a backup; the machine is read again at once", async () => {
    const before = rig.samplesOf(S19).length
    const result = await rig.run(S19, {
      ...poolChange(rig.keys(), PASSWORD, "acct2.{worker}"),
      backup_first: true,
    })
    expect(result).toMatchObject({ result_code: 0, already: false })
    expect(pools()[0]).toMatchObject({
      url: "stratum+tcp://new.example:3333",
      user: "acct2.rig1",
      pass: PASSWORD,
    })
    expect(result.backup?.config.pools[0]).toEqual({ url: FIRST_POOL, user: "acct.rig1" })
    const again = await rig.sample(S19, (sample) => sample.pool_url === "stratum+tcp://new.example:3333")
    expect(again.worker_name).toBe("acct2.rig1")
    expect(rig.samplesOf(S19).length).toBeGreaterThan(before)
    expect(JSON.stringify([...rig.gateway.batches.values(), rig.gateway.results])).not.toContain(PASSWORD)
    expect(keptOnDisk()).not.toContain(PASSWORD)
  })
  it("A22 back up and restore a configuration, passwords included", async () => {
    const taken = await rig.run(S19, { type: "BACKUP_CONFIG", parameters: { name: "good" } })
    expect(taken).toMatchObject({ result_code: 0, ran: "read configuration" })
    const { privateKey } = rig.keys()
    const sealed = openSealed(privateKey, SEAL_PURPOSES.backup, taken.backup?.sealed ?? "")
    expect(JSON.parse(sealed)).toEqual({ passwords: [PASSWORD] })

    await rig.run(S19, poolChange(rig.keys(), "other", "acct3.x"))
    expect(pools()[0]).toMatchObject({ user: "acct3.x", pass: "other" })
    const restored = await rig.run(S19, {
      type: "RESTORE_CONFIG",
      parameters: { backup_id: randomUUID() },
      backup: taken.backup,
    })
    expect(restored).toMatchObject({ result_code: 0 })
    expect(pools()[0]).toMatchObject({ user: "acct2.rig1", pass: PASSWORD })
    expect(JSON.stringify(rig.gateway.results)).not.toContain(PASSWORD)
  })
  it("D16 judge a machine by limits of its own, also after a restart", async () => {
    const limits = { temp_warning_c: 30, temp_critical_c: 31 }
    const result = await rig.run(S19, {
      type: "THERMAL_POLICY",
      parameters: { fan_mode: "auto", ...limits },
    })
    expect(result).toMatchObject({
      result_code: 0,
      before: { temp_warning_c: 85, temp_critical_c: 95 },
      after: limits,
    })
    await rig.sample(S19, (sample) => sample.overall_health === "critical")
    rig.gateway.batches.clear()
    await rig.restart()
    const sample = await rig.sample(S19)
    expect(sample.overall_health).toBe("critical")
    expect((await rig.sample(MSKMINER)).overall_health).not.toBe("critical")
  })
  it("A22 install a firmware file that comes in pieces, and show its version afterwards", async () => {
    const file = Buffer.concat([Buffer.from("version=9.9\n"), Buffer.alloc(2_500_000, "lamproom")])
    const artifact = { ...rig.gateway.offer(file), version: "9.9" }
    const result = await rig.run(S19, {
      type: "UPDATE_FIRMWARE",
      parameters: { artifact_id: artifact.id },
      artifact,
      backup_first: true,
    })
    expect(result).toMatchObject({ result_code: 0, ran: "upgrade.cgi" })
    expect(result.backup?.config.firmware_version).not.toBe("9.9")
    expect(farm.acts(S19).filter((act) => act.kind === "upgrade")).toHaveLength(1)
    expect(rig.gateway.state.pieces).toBe(3)
    await rig.sample(S19, (sample) => sample.firmware_version === "9.9")
  })
  it("skip what a family cannot do, and refuse another machine at the address", async () => {
    const skipped = await rig.run(MSKMINER, { type: "LED", parameters: { state: "on" } })
    expect(skipped).toMatchObject({ result_code: 2, ran: null })
    const other = await rig.run(S19, { type: "DISABLE", parameters: {}, mac: "00:00:00:00:00:01" })
    expect(other).toMatchObject({ result_code: 3, ran: null })
  })
  it("are told to the server beforehand: what each model and firmware can", async () => {
    await rig.gateway.until(() => rig.gateway.profiles.length >= 2)
    const s19 = rig.gateway.profiles.find((profile) => profile.model?.includes("S19"))
    expect(s19?.features).toMatchObject({ CHANGE_POOL: null, "POWER_MODE.limit": expect.any(String) })
  })
  it("stop at the kill switch and go on after it", async () => {
    rig.gateway.state.paused = true
    const led = rig.run(S19, { type: "LED", parameters: { state: "on" } })
    const seq = farm.acts().at(-1)?.seq ?? 0
    await rig.gateway.api.heartbeat({} as never)
    expect(farm.acts(S19, seq)).toEqual([])
    rig.gateway.state.paused = false
    expect(await led).toMatchObject({ result_code: 0 })
  })
})
