import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { FirmwareFile, Identity } from "../driver.ts"
import { IDENTITY, machine, stopMachines } from "../test/antminer-machine.ts"
import { bundle, firmwareFile } from "../test/firmware-file.ts"
import { antminerRpc, antminerWeb } from "../test/machines.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { antminerDriver } from "./driver.ts"

const S19 = "127.79.2.1"
let floor: Floor
let identity: Identity
beforeAll(async () => {
  floor = await simulatedFloor([{ address: S19, profile: "s19-pro" }])
})
afterAll(() => floor.close())
afterEach(stopMachines)
beforeEach(async () => {
  await floor.reset(S19)
  identity = await floor.known(S19)
})

const update = (file: FirmwareFile, signal?: AbortSignal) =>
  antminerDriver.act(floor.at(S19, signal), identity, { type: "UPDATE_FIRMWARE", file })
const look = (file: FirmwareFile) =>
  antminerDriver.look!(floor.at(S19), identity, { type: "UPDATE_FIRMWARE", file })
const since = (seq: number) =>
  floor.farm
    .acts(S19, seq)
    .filter(({ kind }) => kind !== "fault")
    .map(({ kind, detail }) => ({ kind, ...detail }))
const lastSeq = () => floor.farm.acts(S19).at(-1)?.seq ?? 0

describe("D20 firmware", () => {
  it("goes from disk to the machine whole and once; then the board reboots into it", async () => {
    const content = Buffer.alloc(24_000_000, "lamproom")
    const file = firmwareFile(Buffer.concat([Buffer.from("version=9.9\n"), content]), 'im"age.tar.gz', "9.9")
    const seq = lastSeq()
    expect(await update(file)).toMatchObject({
      ok: true,
      value: {
        ran: "upgrade.cgi",
        verified: false,
        before: { firmware_version: identity.firmwareVersion },
        message: expect.stringContaining("reboots to install"),
      },
    })
    await floor.farm.settled()
    expect(since(seq)).toEqual([
      { kind: "upgrade", file: "im_age.tar.gz", bytes: file.sizeBytes, sha256: file.sha256, version: "9.9" },
    ])
    expect(floor.farm.miner(S19).state()).toBe("booting")
    await floor.settle()
    expect((await floor.known(S19)).firmwareVersion).toBe("9.9")
    expect(await look(file)).toEqual({ ok: true, value: true })
  })

  it("takes a bundle for this model, and sends none for another or a damaged one", async () => {
    const content = Buffer.from("\nversion=9.8\n")
    const seq = lastSeq()
    const other = firmwareFile(bundle([{ hardware: "A", model: "S21" }], content), "a.bmu", "9.8")
    expect(await update(other)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused", message: expect.stringMatching(/for S21; this machine is S19 Pro/) },
    })
    const good = bundle([{ hardware: "A", model: "S19 Pro" }], content)
    const harmed = Buffer.from(good)
    harmed.writeUInt8(1, harmed.length - 1)
    expect(await update(firmwareFile(harmed, "a.bmu", "9.8"))).toMatchObject({ ok: false, sent: false })
    expect(await update(firmwareFile("no bundle", "a.bmu", "9.8"))).toMatchObject({ ok: false, sent: false })
    const short = firmwareFile(good, "a.bmu", "9.8")
    expect(await update({ ...short, sizeBytes: 5 })).toMatchObject({ ok: false, sent: false })
    expect(await update({ ...short, path: `${short.path}-gone` })).toMatchObject({ ok: false, sent: false })
    expect(since(seq)).toEqual([])
    expect(await update(firmwareFile(good, "a.bmu", "9.8"))).toMatchObject({ ok: true })
    expect(since(seq)).toMatchObject([{ kind: "upgrade", version: "9.8" }])
  })

  it("a refused image is refused, and the machine goes on", async () => {
    const file = firmwareFile("model=Antminer S21\nversion=9.7\n", "a.tar.gz", "9.7")
    expect(await update(file)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused", message: expect.stringContaining("U001") },
    })
    expect(floor.farm.miner(S19).state()).toBe("mining")
  })

  it.each([
    "act-drop-after",
    "act-hold",
    "act-drop-before",
  ] as const)("%s: nobody knows, until somebody looks", async (kind) => {
    const file = firmwareFile("version=9.6\n", "a.tar.gz", "9.6")
    floor.farm.fault(S19, kind)
    expect(await update(file, AbortSignal.timeout(800))).toMatchObject({ ok: false, sent: true })
    if (kind === "act-hold") expect(await look(file)).toEqual({ ok: true, value: false })
    floor.farm.release(S19)
    await floor.settle()
    expect(await look(file)).toEqual({ ok: true, value: kind !== "act-drop-before" })
  })

  it("a machine that never comes back tells nothing", async () => {
    const file = firmwareFile("version=9.5\n", "a.tar.gz", "9.5")
    floor.farm.fault(S19, "dead-after-reboot")
    expect(await update(file)).toMatchObject({ ok: true })
    await floor.settle()
    expect(await look(file)).toMatchObject({ ok: false, fault: { kind: "refused" } })
  })

  it("an answer that says neither yes nor no is unknown, and a version without the web is none", async () => {
    const file = firmwareFile("version=9.4\n", "a.tar.gz", "9.4")
    const odd = await machine(
      antminerRpc(),
      antminerWeb({ "/cgi-bin/upgrade.cgi": { body: { hello: "there" } } }),
    )
    const action = { type: "UPDATE_FIRMWARE", file } as const
    expect(await antminerDriver.act(odd.context, IDENTITY, action)).toMatchObject({ ok: false, sent: true })
    expect(odd.web!.bodies).toHaveLength(1)
    expect(odd.web!.bodies[0]).toMatch(
      /name="firmware"; filename="a.tar.gz"[\s\S]*\r\n\r\nversion=9.4\n\r\n--/,
    )
    const none = await machine(antminerRpc(), antminerWeb())
    expect(await antminerDriver.act(none.context, IDENTITY, action)).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "unsupported" },
    })
    const shut = await machine(antminerRpc(), null)
    expect(await antminerDriver.look!(shut.context, IDENTITY, action)).toEqual({ ok: true, value: null })
  })

  it("is not sent twice over a login that has to be renewed", async () => {
    const file = firmwareFile("version=9.3\n", "a.tar.gz", "9.3")
    const { context, web } = await machine(
      antminerRpc(),
      antminerWeb({ "/cgi-bin/upgrade.cgi": { body: { stats: "success", code: "U000" } } }),
    )
    const done = await antminerDriver.act(context, IDENTITY, { type: "UPDATE_FIRMWARE", file })
    expect(done).toMatchObject({ ok: true })
    expect(web!.challenges).toBe(1)
    expect(web!.bodies).toHaveLength(1)
  })
})
