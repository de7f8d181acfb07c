import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { fault } from "#server/contract/driver-faults.ts"
import { takenBackupSchema } from "#server/contract/edge.ts"
import { openSealed, SEAL_PURPOSES, sealTo } from "#server/sealed-box.ts"
import { DONE, executorRig } from "../testing/executor-rig.ts"
import { identityOf, leaseOf, newKeys, poolChange, SITE_LIMITS, settingsOf } from "../testing/fakes.ts"
import { openJournal } from "./journal.ts"

const PASSWORD = "s3cret-p00l-pw"
let rig: ReturnType<typeof executorRig>
beforeEach(() => {
  rig = executorRig()
})
afterEach(() => rig.end())

/** Every byte that this collector has on disk, and every line it logged. */
const everythingKept = () =>
  readdirSync(rig.dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n") + rig.lines.join("\n")
const backupLease = (more: Parameters<typeof leaseOf>[0] = {}) =>
  leaseOf({ type: "BACKUP_CONFIG", parameters: { name: "before summer" }, ...more })
const opened = (sealed: string | null | undefined) =>
  JSON.parse(openSealed(rig.keys.privateKey, SEAL_PURPOSES.backup, sealed ?? "")) as unknown

describe("C15 sealed secrets", () => {
  it("reach the machine and nothing else: not journal, log, result", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.farm.state.act = async () => ({
      ...DONE,
      value: { ...DONE.value, message: `Pool set, pass=${PASSWORD}.`, after: { pools: [{ p: PASSWORD }] } },
    })
    rig.executor.accept(leaseOf(poolChange(rig.keys, PASSWORD)))
    const [result] = await rig.results(1)
    expect(machine.actions).toMatchObject([
      { type: "CHANGE_POOL", parameters: { pools: [{ password: PASSWORD, worker_name: "acct.{worker}" }] } },
    ])
    expect(result).toMatchObject({ result_code: 0, message: "Pool set, pass=•••." })
    expect(JSON.stringify(result)).not.toContain(PASSWORD)
    expect(everythingKept()).not.toContain(PASSWORD)
  })
  it("that were sealed to an earlier key are a refusal that says what to do", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.accept(leaseOf(poolChange(newKeys(), PASSWORD)))
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ result_code: 3, ran: null })
    expect(result?.message).toMatch(/another key .* Request the command again/)
    expect(machine.acts).toEqual([])
  })
  it.each([
    ["missing", () => ({ ...poolChange(rig.keys, PASSWORD), sealed: null })],
    ["too many", () => ({ ...poolChange(rig.keys, PASSWORD), sealed: sealed({ passwords: ["a", "b"] }) })],
    ["not what they should be", () => ({ ...poolChange(rig.keys, PASSWORD), sealed: sealed({ pw: 1 }) })],
    ["not valid", () => poolChange(rig.keys, "with a space")],
    ["in clear", () => ({ ...poolChange(rig.keys, PASSWORD), parameters: CLEAR })],
  ])("that are %s change nothing", async (_, action) => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.accept(leaseOf(action()))
    expect(await rig.results(1)).toMatchObject([{ result_code: 3 }])
    expect(machine.acts).toEqual([])
  })
  const sealed = (value: unknown) => sealTo(rig.keys.publicKey, SEAL_PURPOSES.command, JSON.stringify(value))
  const CLEAR = { pools: [{ url: "stratum+tcp://a.example:1", worker_name: "w", password: "clear" }] }
})

describe("placeholders of worker names", () => {
  const worker = async (name: string, label: string | null) => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.accept(leaseOf({ ...poolChange(rig.keys, "x", name), label }))
    const [result] = await rig.results(1)
    const action = machine.actions[0]
    return action?.type === "CHANGE_POOL" ? action.parameters.pools[0]?.worker_name : result?.message
  }
  it("are filled in from the machine, the driver's own stays", async () => {
    expect(await worker("acct.{label}-{ip}-{worker}", "R1-07")).toBe("acct.R1-07-10.0.0.1-{worker}")
  })
  it.each([
    [null, /has none/],
    ["rack 1", /does not fit/],
    ["{ip}", /does not fit/],
    ["ü7", /does not fit/],
    ["x".repeat(130), /at most 128/],
  ])("that a label %j cannot fill are refused", async (label, why) => {
    expect(await worker("acct.{label}", label)).toMatch(why)
  })
})

describe("D16 backups", () => {
  it("hold the configuration, with the passwords sealed to the collector itself", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    machine.settings = settingsOf([PASSWORD, ""])
    rig.executor.accept(backupLease())
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ result_code: 0, ran: "read configuration", before: null })
    expect(takenBackupSchema.parse(result?.backup).config).toEqual(machine.settings.config)
    expect(opened(result?.backup?.sealed)).toEqual({ passwords: [PASSWORD, ""] })
    expect(everythingKept()).not.toContain(PASSWORD)
    expect(machine.acts).toEqual([])
    expect(rig.acted).toEqual(["SN-0001 BACKUP_CONFIG"])
  })
  it("without a password have nothing sealed", async () => {
    rig.farm.add("10.0.0.1", "SN-0001").settings = settingsOf([""])
    rig.executor.accept(backupLease())
    expect((await rig.results(1))[0]?.backup?.sealed).toBeNull()
  })
  it("that would hold a password in clear, or be too large, are not taken", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    machine.settings = settingsOf([PASSWORD])
    machine.settings.config.raw = { pools: [{ url: "x", pass: PASSWORD }] }
    rig.executor.accept(backupLease())
    expect(await rig.results(1)).toMatchObject([{ result_code: 1, backup: null }])
    machine.settings.config.raw = { blob: "x".repeat(600_000) }
    rig.executor.accept(backupLease())
    expect((await rig.results(2))[1]).toMatchObject({ result_code: 1, backup: null })
    expect(everythingKept()).not.toContain(PASSWORD)
  })
  it("come before the change, and the machine is looked at again after them", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.farm.state.backup = (settings) => {
      expect(machine.acts).toEqual([])
      return { ok: true, value: settings }
    }
    rig.executor.accept(leaseOf({ ...poolChange(rig.keys, PASSWORD), backup_first: true }))
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ result_code: 0, ran: "restart" })
    expect(opened(result?.backup?.sealed)).toEqual({ passwords: ["p00l-secret"] })

    rig.farm.state.backup = (settings) => {
      machine.identity = identityOf("SN-OTHER")
      return { ok: true, value: settings }
    }
    rig.executor.accept(leaseOf({ ...poolChange(rig.keys, PASSWORD), backup_first: true }))
    expect((await rig.results(2))[1]).toMatchObject({ result_code: 3 })
    expect(machine.acts).toEqual(["CHANGE_POOL"])
  })
  it("that cannot be taken stop the change", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.farm.state.backup = () => fault("auth", "the login was refused")
    rig.executor.accept(leaseOf({ ...poolChange(rig.keys, PASSWORD), backup_first: true }))
    rig.farm.driver.backup = undefined as never
    rig.executor.accept(leaseOf({ ...poolChange(rig.keys, PASSWORD), backup_first: true }))
    for (const result of await rig.results(2)) {
      expect(result).toMatchObject({ result_code: 1, ran: null, backup: null })
      expect(result.message).toMatch(/^Not run: no backup could be taken first/)
    }
    expect(machine.acts).toEqual([])
  })
  it("survive a crash in the act: the first one is in the result of the next run", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const lease = leaseOf({ ...poolChange(rig.keys, PASSWORD), backup_first: true })
    machine.settings = settingsOf(["old-password"])
    let begun = () => {}
    const acting = new Promise<void>((resolve) => {
      begun = resolve
    })
    rig.farm.state.act = () => {
      begun()
      return new Promise(() => {})
    }
    rig.executor.accept(lease)
    await acting
    // As after kill -9: nobody closes the journal, the machine has the new pools already.
    machine.settings = settingsOf(["new-password"])
    rig.farm.state.act = async () => DONE
    rig.boot()
    rig.executor.recover()
    rig.executor.accept({ ...lease, fencing_token: "11" })
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ fencing_token: "11", result_code: 0 })
    expect(opened(result?.backup?.sealed)).toEqual({ passwords: ["old-password"] })
    expect(rig.farm.state.backups).toBe(1)
    expect(rig.journal.keptBackup(lease.id)).toBeNull()
  })
})

describe("RESTORE_CONFIG", () => {
  const restore = (backup: NonNullable<ReturnType<typeof leaseOf>["backup"]> | null) =>
    leaseOf({
      type: "RESTORE_CONFIG",
      parameters: { backup_id: "018f0000-0000-7000-8000-000000000001" },
      backup,
    })
  const sealedBackup = (keys = rig.keys, passwords = [PASSWORD]) => ({
    config: settingsOf([PASSWORD]).config,
    sealed: sealTo(keys.publicKey, SEAL_PURPOSES.backup, JSON.stringify({ passwords })),
  })
  it("gives the driver the settings with their passwords", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.accept(restore(sealedBackup()))
    expect(await rig.results(1)).toMatchObject([{ result_code: 0 }])
    expect(machine.actions).toEqual([{ type: "RESTORE_CONFIG", settings: settingsOf([PASSWORD]) }])
    expect(everythingKept()).not.toContain(PASSWORD)
  })
  it.each([
    ["sealed to another key", () => sealedBackup(newKeys()), /another key/],
    ["with passwords that do not fit", () => sealedBackup(rig.keys, ["a", "b"]), /do not fit/],
    [
      "of another family",
      () => ({ config: { ...settingsOf([]).config, family: "other" }, sealed: null }),
      /other machine/,
    ],
    ["that did not come", () => null, /did not come/],
  ])("does nothing with a backup %s", async (_, backup, why) => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    rig.executor.accept(restore(backup()))
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ result_code: 3, message: expect.stringMatching(why) })
    expect(machine.acts).toEqual([])
  })
  it.each([
    [true, 45_000, 0, /took effect/],
    [false, 120_000, 1, /^Not run/],
    [null, 120_000, 5, /does not tell/],
  ])("interrupted and seen as %s by the driver is told so and not repeated", async (seen, agoMs, code, why) => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    machine.tookEffect = seen
    rig.journal.start(restore(sealedBackup()), Date.now() - agoMs, identityOf("SN-0001"))
    rig.boot()
    rig.executor.recover()
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ result_code: code, message: expect.stringMatching(why) })
    expect(machine.acts).toEqual([])
  })
})

describe("UPDATE_FIRMWARE", () => {
  const update = (
    artifact: ReturnType<typeof leaseOf>["artifact"],
    more: Parameters<typeof leaseOf>[0] = {},
  ) => leaseOf({ type: "UPDATE_FIRMWARE", parameters: { artifact_id: artifact?.id }, artifact, ...more })
  it("gives the driver the verified file, after the backup that has to come first", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const file = Buffer.alloc(3_000_000, "firmware ")
    const artifact = rig.gateway.offer(file)
    rig.farm.state.act = async (_host, action) => {
      if (action.type !== "UPDATE_FIRMWARE") throw new Error("another action")
      expect(readFileSync(action.file.path).equals(file)).toBe(true)
      expect(statSync(action.file.path).mode & 0o777).toBe(0o600)
      expect(action.file).toMatchObject({
        fileName: "firmware.tar.gz",
        version: "2.0",
        sizeBytes: file.length,
      })
      return DONE
    }
    rig.executor.accept(update(artifact, { backup_first: true }))
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ result_code: 0 })
    expect(result?.backup?.config.family).toBe("fake")
    expect(machine.acts).toEqual(["UPDATE_FIRMWARE"])
  })
  it("does nothing without the file, or when it comes damaged twice", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const artifact = rig.gateway.offer(Buffer.from("firmware"))
    rig.executor.accept(update({ ...artifact, id: "018f0000-0000-7000-8000-000000000009" }))
    expect(await rig.results(1)).toMatchObject([{ result_code: 1, ran: null }])
    rig.gateway.state.damage = (piece) => Buffer.alloc(piece.length)
    rig.executor.accept(update(artifact))
    expect((await rig.results(2))[1]).toMatchObject({
      result_code: 1,
      message: "Not run: the file came twice with a wrong checksum.",
    })
    expect(machine.acts).toEqual([])
  })
  it("D20 refuses a file of another family before it fetches anything", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    const artifact = rig.gateway.offer(Buffer.from("firmware"))
    rig.gateway.state.down = true
    rig.executor.accept(update({ ...artifact, families: ["whatsminer-v2", "whatsminer-v3"] }))
    rig.gateway.state.down = false
    expect(await rig.results(1)).toMatchObject([
      { result_code: 3, ran: null, message: expect.stringContaining("for whatsminer-v2, whatsminer-v3") },
    ])
    expect(machine.acts).toEqual([])
    rig.executor.accept(update({ ...artifact, families: ["fake"] }))
    expect((await rig.results(2))[1]).toMatchObject({ result_code: 0 })
  })
  it("ends as skipped when the file has not come in the life of the command", async () => {
    rig.farm.add("10.0.0.1", "SN-0001")
    const artifact = rig.gateway.offer(Buffer.from("firmware"))
    rig.gateway.state.down = true
    rig.executor.accept(update(artifact, { expires_at: new Date(Date.now() + 50).toISOString() }))
    expect(await rig.results(1)).toMatchObject([
      { result_code: 2, message: expect.stringMatching(/before the firmware file/) },
    ])
  })
  it("interrupted: the backup taken before it is in the result of the look, and nothing is repeated", async () => {
    const machine = rig.farm.add("10.0.0.1", "SN-0001")
    machine.tookEffect = true
    const artifact = rig.gateway.offer(Buffer.from("firmware"))
    const lease = update(artifact, { backup_first: true })
    rig.journal.keepBackup(lease.id, { config: settingsOf([]).config, sealed: null }, Date.now())
    rig.journal.start(lease, Date.now() - 30_000, identityOf("SN-0001"))
    rig.boot()
    rig.executor.recover()
    const [result] = await rig.results(1)
    expect(result).toMatchObject({ result_code: 0, backup: { sealed: null } })
    expect(machine.acts).toEqual([])
  })
})

describe("THERMAL_POLICY", () => {
  const policy = (limits: object) =>
    leaseOf({ type: "THERMAL_POLICY", parameters: { fan_mode: "auto", ...limits } })
  beforeEach(() => {
    rig.farm.add("10.0.0.1", "SN-0001")
    rig.farm.state.act = async () => ({
      ok: true,
      value: {
        ran: "fans auto",
        message: "Fans auto.",
        verified: true,
        already: true,
        before: { fan: "auto" },
        after: { fan: "auto" },
      },
    })
  })
  it("D16 sets the machine's own limits, tells both parts, and keeps them over a restart", async () => {
    rig.executor.accept(policy({ temp_warning_c: 75, temp_critical_c: 80 }))
    expect(await rig.results(1)).toMatchObject([
      {
        result_code: 0,
        already: false,
        message: "Fans auto. Chip limits 75/80 °C, before 85/95 °C.",
        before: { fan: "auto", temp_warning_c: 85, temp_critical_c: 95 },
        after: { fan: "auto", temp_warning_c: 75, temp_critical_c: 80 },
      },
    ])
    expect(rig.overrides().of("sn-0001", SITE_LIMITS)).toEqual({
      ...SITE_LIMITS,
      chipWarningC: 75,
      chipCriticalC: 80,
    })
    expect(rig.overrides().of("SN-0002", SITE_LIMITS)).toEqual(SITE_LIMITS)
    rig.boot()
    rig.executor.accept(policy({ temp_warning_c: 75, temp_critical_c: 80 }))
    expect((await rig.results(2))[1]).toMatchObject({ already: true })
    rig.executor.accept(policy({ temp_warning_c: 85, temp_critical_c: 95 }))
    await rig.results(3)
    const warmer = { ...SITE_LIMITS, chipWarningC: 90 }
    expect(rig.overrides().of("SN-0001", warmer)).toEqual(warmer)
  })
  it("leaves the limits when it has none, or when the fans refuse", async () => {
    rig.executor.accept(policy({}))
    expect(await rig.results(1)).toMatchObject([{ message: "Fans auto.", after: { fan: "auto" } }])
    rig.farm.state.act = async () => ({ ...fault("unsupported", "no fans here"), sent: false })
    rig.executor.accept(policy({ temp_warning_c: 75, temp_critical_c: 80 }))
    const [, refused] = await rig.results(2)
    expect(refused).toMatchObject({
      result_code: 2,
      message: expect.stringMatching(/limits were not changed/),
    })
    expect(rig.overrides().of("SN-0001", SITE_LIMITS)).toEqual(SITE_LIMITS)
  })
})

it("A30 remembers who the machine was before an act, in the commit that begins it", async () => {
  rig.farm.add("10.0.0.1", "SN-0001")
  const lease = leaseOf({ type: "DISABLE", parameters: {} })
  let noted: unknown = null
  rig.farm.state.act = async () => {
    noted = openJournal(join(rig.dir, "journal.db")).journal.find(lease.id)?.identityBefore
    return DONE
  }
  rig.executor.accept(lease)
  await rig.results(1)
  expect(noted).toMatchObject({ family: "fake", serial: "SN-0001" })
  expect(rig.acted).toEqual(["SN-0001 DISABLE"])
})
