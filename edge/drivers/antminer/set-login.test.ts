import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Credentials, Identity } from "../driver.ts"
import { type Floor, simulatedFloor } from "../test/simulated.ts"
import { antminerDriver } from "./driver.ts"

/** The change of a stock Antminer's password on its simulator. */
const MINER = "127.79.6.1"
const FACTORY: Credentials = { username: "root", password: "root" }
const NEW = "n3w-Pass/word"

let floor: Floor
let identity: Identity
beforeAll(async () => {
  floor = await simulatedFloor([{ address: MINER, profile: "s19-pro" }])
  identity = await floor.known(MINER)
})
afterAll(() => floor.close())
let written: number
beforeEach(async () => {
  await floor.reset(MINER)
  written = floor.writes(MINER).length
})

function setLogin(
  parameters: { password: string; username?: string },
  credentials: Credentials | null = null,
) {
  const refused: string[] = []
  const context = {
    ...floor.at(MINER),
    credentials,
    loginRefused: (username: string) => refused.push(username),
  }
  const outcome = antminerDriver.act(context, identity, { type: "SET_LOGIN", parameters })
  return outcome.then((outcome) => ({ outcome, refused }))
}
const passwordNow = () => floor.farm.miner(MINER).passwordOr("root")

describe("SET_LOGIN", () => {
  it("changes it, proves it by logging in, and tells no password", async () => {
    const { outcome } = await setLogin({ password: NEW })
    expect(outcome).toMatchObject({
      ok: true,
      value: { ran: "passwd.cgi", verified: true, username: "root" },
    })
    expect(passwordNow()).toBe(NEW)
    expect(JSON.stringify([outcome, floor.farm.acts(MINER)])).not.toContain(NEW)
    const identified = await antminerDriver.identify({
      ...floor.at(MINER),
      credentials: { username: "root", password: NEW },
    })
    expect(identified).toMatchObject({ ok: true, value: { mac: identity.mac } })
  })

  it("leaves a machine alone that takes the new one already, whichever login was assigned", async () => {
    floor.farm.miner(MINER).password = NEW
    const { outcome, refused } = await setLogin({ password: NEW })
    expect(outcome).toMatchObject({ ok: true, value: { already: true, username: "root" } })
    expect(refused).toEqual(["root"])
    const known = await setLogin({ password: NEW }, { username: "root", password: NEW })
    expect(known.outcome).toMatchObject({ ok: true, value: { already: true } })
    expect(floor.writes(MINER)).toHaveLength(written)
  })

  it("without a login that is taken, nothing is sent", async () => {
    floor.farm.fault(MINER, "other-password")
    const { outcome, refused } = await setLogin({ password: NEW }, { username: "root", password: "wrong" })
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "auth" } })
    expect(refused).toEqual(["root", "root"])
    expect(floor.writes(MINER)).toHaveLength(written)
  })

  it("knows no other user", async () => {
    const { outcome } = await setLogin({ username: "admin", password: NEW })
    expect(outcome).toMatchObject({ ok: false, sent: false, fault: { kind: "unsupported" } })
    expect(passwordNow()).toBe("root")
  })

  it("an answer that got lost is known by which password is taken since", async () => {
    floor.farm.fault(MINER, "act-drop-after")
    expect((await setLogin({ password: NEW })).outcome).toMatchObject({ ok: true, value: { verified: true } })
    expect(passwordNow()).toBe(NEW)
    await floor.reset(MINER)
    floor.farm.fault(MINER, "act-drop-before")
    expect((await setLogin({ password: NEW }, FACTORY)).outcome).toMatchObject({
      ok: false,
      sent: false,
      fault: { kind: "refused", message: "The miner keeps its old password." },
    })
    await floor.reset(MINER)
    floor.farm.fault(MINER, "act-refuse")
    expect((await setLogin({ password: NEW })).outcome).toMatchObject({ ok: false, sent: false })
    expect(passwordNow()).toBe("root")
  })
})
