import { randomUUID } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { forgetRefusedLogins } from "#edge/drivers/transport/refused-logins.ts"
import { type Farm, startFarm } from "#edge/simulator/farm.ts"
import type { EdgeCredential } from "#server/contract/miner-credentials.ts"
import { SEAL_PURPOSES, sealTo } from "#server/sealed-box.ts"
import { collectorRig } from "../testing/collector-rig.ts"
import { configOf } from "../testing/fakes.ts"

const MINER = "127.77.9.1"
const BY_HAND = "set-by-hand-1"
const NEW = "n3w-from-the-page"

/** A collector, a simulated Antminer with a password of its own, and real sockets between them. */
describe("a machine that wants another login", () => {
  let farm: Farm
  let rig: Awaited<ReturnType<typeof collectorRig>>
  beforeAll(async () => {
    forgetRefusedLogins()
    farm = await startFarm(
      { seed: 7, miners: [{ address: MINER, profile: "s19-pro", password: BY_HAND }] },
      { rpcPort: 0, webPort: 0 },
    )
    rig = await collectorRig([farm.target(MINER)])
  })
  afterAll(async () => {
    await rig.end()
    await farm.close()
  })
  const seal = (password: string) =>
    sealTo(rig.keys().publicKey, SEAL_PURPOSES.login, JSON.stringify({ passwords: [password] }))
  const assign = (version: number, credentials: EdgeCredential[]) => {
    const { unchanged: _, ...now } = rig.gateway.state.config as Extract<
      typeof rig.gateway.state.config,
      { unchanged: false }
    >
    rig.gateway.state.config = { unchanged: false, ...configOf({ ...now, version, credentials }) }
  }
  const siteLogin: Omit<EdgeCredential, "sealed"> = {
    id: randomUUID(),
    version: 1,
    scope: "site",
    family: null,
    miner_id: null,
    username: "root",
  }

  it("D19 says so, is well again when it has been given one, keeps it over a start, and takes a new one by command", async () => {
    const first = await rig.sample(MINER)
    await rig.gateway.until(() => rig.gateway.refusedLogins.size === 1)
    expect([...rig.gateway.refusedLogins]).toMatchObject([[first.miner_id, { username: "root" }]])
    expect(first).toMatchObject({ online: true, mac: null })
    const refused = await rig.run(MINER, { type: "LED", parameters: { state: "on" } })
    expect(refused).toMatchObject({ result_code: 3, message: expect.stringContaining("needs login") })

    assign(2, [{ ...siteLogin, sealed: seal(BY_HAND) }])
    await rig.gateway.until(() => rig.gateway.refusedLogins.size === 0)
    const known = await rig.sample(MINER, (sample) => sample.mac !== null)
    expect(known.miner_id).toBe(first.miner_id)
    expect((await rig.run(MINER, { type: "LED", parameters: { state: "on" } })).result_code).toBe(0)

    await rig.restart()
    assign(3, [{ ...siteLogin, sealed: seal(BY_HAND) }])
    const changed = await rig.run(MINER, { type: "SET_LOGIN", parameters: {}, sealed: seal(NEW) })
    expect(changed).toMatchObject({ result_code: 0, ran: "passwd.cgi", after: { username: "root" } })
    expect(farm.miner(MINER).passwordOr("root")).toBe(NEW)
    expect((await rig.run(MINER, { type: "LED", parameters: { state: "off" } })).result_code).toBe(0)
    const again = await rig.run(MINER, { type: "SET_LOGIN", parameters: {}, sealed: seal(NEW) })
    expect(again).toMatchObject({ result_code: 0, already: true, after: { username: "root" } })

    const cache = join(rig.path, "cache")
    for (const name of readdirSync(cache))
      for (const word of [BY_HAND, NEW])
        expect(readFileSync(join(cache, name)).includes(word), `${word} in ${name}`).toBe(false)
    expect(JSON.stringify([rig.gateway.results, rig.gateway.stored(), farm.acts(MINER)])).not.toContain(NEW)
  }, 60_000)
})
