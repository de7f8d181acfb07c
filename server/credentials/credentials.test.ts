import { generateKeyPairSync, randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { ROLES } from "#server/contract/permissions.ts"
import { openSealed, SEAL_PURPOSES } from "#server/sealed-box.ts"
import type { DeviceActor, UserActor } from "../access/actor.ts"
import { createEnrollmentCode } from "../collectors/create-enrollment-code.ts"
import { enrollCollector } from "../collectors/enroll-collector.ts"
import { readEdgeConfig } from "../collectors/read-edge-config.ts"
import { revokeCollector } from "../collectors/revoke-collector.ts"
import { DEVICE_KEY, useFarm } from "../commands/test/farm.ts"
import { listMiners } from "../fleet/list-miners.ts"
import { listCredentials, readMinerLogin } from "./list-credentials.ts"
import { recordLogins } from "./record-logins.ts"
import { removeCredential } from "./remove-credential.ts"
import { setCredential } from "./set-credential.ts"
import { tryLoginsAgain } from "./try-logins-again.ts"

const PASSWORD = "f4rm-w1de secret"

describe("logins of machines", () => {
  const farm = useFarm()
  async function setUp() {
    const site = await farm.makeSite()
    return { ...site, admin: await farm.makeUser("admin", site.siteId) }
  }
  const config = async (device: DeviceActor) => {
    const answer = await readEdgeConfig(farm.as(device), { have_version: 999_999 })
    if (answer.unchanged) throw new Error("no configuration")
    return answer
  }
  const set = (actor: UserActor, siteId: number, more: Partial<Parameters<typeof setCredential>[1]> = {}) =>
    setCredential(farm.as(actor), {
      siteId,
      subject: { scope: "site" },
      username: "root",
      password: PASSWORD,
      ...more,
    })
  const open = (sealed: string) => JSON.parse(openSealed(DEVICE_KEY, SEAL_PURPOSES.login, sealed))
  const audit = (siteId: number) =>
    farm.database.sql<{ action: string; after: unknown; details: unknown }[]>`
      select action, after, details from audit_log where site_id = ${siteId} and action like 'login.%' order by id`

  it("decision 29: are handed, sealed, to the collectors; the site's, a family's and one machine's own", async () => {
    const { siteId, device, minerIds, admin } = await setUp()
    const before = (await config(device)).version
    await set(admin, siteId)
    await set(admin, siteId, { subject: { scope: "family", family: "antminer-stock" }, username: "ops" })
    await set(admin, siteId, { subject: { scope: "miner", minerId: minerIds[1]! }, password: "its own" })
    const { version, credentials = [] } = await config(device)
    expect(version).toBe(before + 3)
    expect(credentials.map(({ id: _, sealed, ...rest }) => ({ ...rest, ...open(sealed) }))).toEqual([
      {
        version: 1,
        scope: "family",
        family: "antminer-stock",
        miner_id: null,
        username: "ops",
        passwords: [PASSWORD],
      },
      {
        version: 1,
        scope: "miner",
        family: null,
        miner_id: expect.stringMatching(/-2$/),
        username: "root",
        passwords: ["its own"],
      },
      { version: 1, scope: "site", family: null, miner_id: null, username: "root", passwords: [PASSWORD] },
    ])
  })

  it("decision 22: no password is in the database, the audit or a list in any form that opens there", async () => {
    const { siteId, admin } = await setUp()
    await set(admin, siteId)
    const list = await listCredentials(farm.as(admin), { siteId })
    expect(list.shared).toMatchObject([{ scope: "site", username: "root", version: 1, setByName: "admin" }])
    const rows = await farm.database.sql`
      select c::text from miner_credentials c union all select s::text from miner_credential_seals s
      union all select a::text from audit_log a`
    expect(JSON.stringify([list, rows, await audit(siteId)])).not.toContain(PASSWORD)
    expect(await audit(siteId)).toMatchObject([
      {
        action: "login.set",
        after: { scope: "site", username: "root", version: 1 },
        details: { collectors: 1 },
      },
    ])
  })

  it("a replaced one has a higher version and other texts; a removed one is gone, and told", async () => {
    const { siteId, device, admin } = await setUp()
    const first = await set(admin, siteId)
    const second = await set(admin, siteId, { password: "another" })
    expect(second).toEqual({ id: first.id, version: 2, sealedTo: 1 })
    const { credentials = [], version } = await config(device)
    expect(credentials.map(({ sealed }) => open(sealed).passwords)).toEqual([["another"]])
    await removeCredential(farm.as(admin), { siteId, id: first.id })
    expect(await config(device)).toMatchObject({ version: version + 1, credentials: [] })
    await expect(removeCredential(farm.as(admin), { siteId, id: first.id })).rejects.toMatchObject({
      code: "NOT_FOUND",
    })
    expect((await audit(siteId)).map((row) => row.action)).toEqual([
      "login.set",
      "login.replace",
      "login.remove",
    ])
    const [left] = await farm.database.sql<{ n: number }[]>`
      select count(*)::int as n from miner_credential_seals where site_id = ${siteId}`
    expect(left?.n).toBe(0)
  })

  it("a collector that came later, or anew, has to be given it again", async () => {
    const { siteId, device, admin } = await setUp()
    await set(admin, siteId)
    const enrol = async (deviceId?: number) => {
      const { code } = await createEnrollmentCode(farm.as(admin), {
        siteId,
        deviceName: deviceId === undefined ? "second" : "edge",
        ...(deviceId === undefined ? {} : { deviceId }),
      })
      const key = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }).x as string
      await enrollCollector(farm.as({ kind: "anonymous" }), {
        code,
        instance_id: randomUUID(),
        public_key: key,
        edge_version: "1",
      })
    }
    const collectors = async () => {
      const { shared } = await listCredentials(farm.as(admin), { siteId })
      return [shared[0]?.heldBy.map(({ name }) => name), shared[0]?.missingAt.map(({ name }) => name)]
    }
    expect(await collectors()).toEqual([["edge"], []])
    await enrol()
    expect(await collectors()).toEqual([["edge"], ["second"]])
    await set(admin, siteId)
    expect(await collectors()).toEqual([["edge", "second"], []])
    await enrol(device.deviceId)
    expect(await collectors()).toEqual([["second"], ["edge"]])
    await revokeCollector(farm.as(admin), { deviceId: device.deviceId })
    expect(await collectors()).toEqual([["second"], []])
  })

  it("what a collector cannot open counts as not there, as long as it is that version", async () => {
    const { siteId, device, admin } = await setUp()
    const { id } = await set(admin, siteId)
    await set(admin, siteId)
    const tell = (version: number) =>
      recordLogins(farm.as(device), { instance_id: randomUUID(), miners: [], unopened: [{ id, version }] })
    await farm.database.sql`update edge_devices set instance_id = null where id = ${device.deviceId}`
    await tell(1)
    expect((await listCredentials(farm.as(admin), { siteId })).shared[0]?.heldBy).toHaveLength(1)
    await farm.database.sql`update edge_devices set instance_id = null where id = ${device.deviceId}`
    await tell(2)
    expect((await listCredentials(farm.as(admin), { siteId })).shared[0]?.missingAt).toHaveLength(1)
  })

  it("E18: FULL writes, READ looks, the others and strangers do neither", async () => {
    const { siteId, minerIds, admin } = await setUp()
    const { id } = await set(admin, siteId)
    const actors = new Map<string, UserActor>()
    for (const role of ROLES)
      actors.set(role, await farm.makeUser(role, siteId, role === "client" ? [minerIds[0]!] : []))
    const codes = async (work: (actor: UserActor) => Promise<unknown>) => {
      const found: Record<string, string> = {}
      for (const [role, actor] of actors) {
        found[role] = await work(actor).then(
          () => "ok",
          (error) => error.code,
        )
      }
      return found
    }
    const writes = {
      admin: "ok",
      site_manager: "ok",
      operator: "FORBIDDEN",
      technician: "FORBIDDEN",
      client: "FORBIDDEN",
      auditor: "FORBIDDEN",
    }
    expect(await codes((actor) => set(actor, siteId))).toEqual(writes)
    expect(await codes((actor) => tryLoginsAgain(farm.as(actor), { siteId }))).toEqual(writes)
    expect(await codes((actor) => listCredentials(farm.as(actor), { siteId }))).toEqual({
      ...writes,
      operator: "ok",
      auditor: "ok",
    })
    expect(
      await codes((actor) =>
        readMinerLogin(farm.as(actor), { siteId, id: minerIds[0]! }).then((login) => {
          if (!login) throw Object.assign(new Error(), { code: "null" })
        }),
      ),
    ).toEqual({ ...writes, operator: "ok", auditor: "ok", technician: "null", client: "null" })
    const elsewhere = await farm.makeSite()
    const stranger = await farm.makeUser("site_manager", elsewhere.siteId)
    for (const work of [
      () => set(stranger, siteId),
      () => set(stranger, elsewhere.siteId, { subject: { scope: "miner", minerId: minerIds[0]! } }),
      () => removeCredential(farm.as(stranger), { siteId, id }),
      () => removeCredential(farm.as(stranger), { siteId: elsewhere.siteId, id }),
      () => listCredentials(farm.as(stranger), { siteId }),
      () => tryLoginsAgain(farm.as(stranger), { siteId }),
    ])
      await expect(work()).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(listCredentials(farm.as({ kind: "anonymous" }), { siteId })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    })
  })

  it("refuses what no machine takes, and a site without a collector", async () => {
    const { siteId, device, admin } = await setUp()
    for (const wrong of [
      { password: "" },
      { password: "x".repeat(65) },
      { password: "pässword" },
      { username: "" },
      { subject: { scope: "family" as const, family: "toaster" } },
    ])
      await expect(set(admin, siteId, wrong)).rejects.toMatchObject({ code: "INVALID" })
    await revokeCollector(farm.as(admin), { deviceId: device.deviceId })
    await expect(set(admin, siteId)).rejects.toMatchObject({ code: "CONFLICT" })
  })

  it("D19: a machine that refuses its login is told, found in the list, tried again on a word, and well again", async () => {
    const { siteId, device, minerIds, admin } = await setUp()
    const miners = await farm.database.sql<{ minerId: string }[]>`
      select miner_id as "minerId" from hosting_miners where site_id = ${siteId} order by id`
    const instance_id = randomUUID()
    const since = farm.clock.now.toISOString()
    const tell = (more: Partial<Parameters<typeof recordLogins>[1]>, as = device) =>
      recordLogins(farm.as(as), { instance_id, miners: [], ...more })
    const waiting = async () =>
      (await listMiners(farm.as(admin), { siteId, status: "needs_login" })).rows.map((row) => row.id)
    const refused = miners
      .slice(0, 2)
      .map(({ minerId }) => ({ miner_id: minerId.toUpperCase(), refused: { username: "root", since } }))
    expect(await tell({ miners: [...refused, { miner_id: "unknown", refused: null }] })).toEqual({
      changed: 2,
      unknown: ["unknown"],
    })
    expect(await waiting()).toEqual(minerIds.slice(0, 2))
    const { rows } = await listMiners(farm.as(admin), { siteId })
    expect(rows.map((row) => row.needsLogin)).toEqual([true, true, false, false])
    expect((await listCredentials(farm.as(admin), { siteId })).needLogin).toBe(2)
    farm.clock.advance(60_000)
    await tell({
      miners: [{ ...refused[0]!, refused: { username: "ops", since: farm.clock.now.toISOString() } }],
    })
    const login = await readMinerLogin(farm.as(admin), { siteId, id: minerIds[0]! })
    expect(login?.refusal).toEqual({ username: "ops", since: new Date(since), retryAt: null })

    expect(await tryLoginsAgain(farm.as(admin), { siteId, minerIds: [minerIds[0]!, minerIds[3]!] })).toEqual({
      asked: 1,
    })
    expect((await config(device)).login_retries).toEqual([
      { miner_id: miners[0]!.minerId, at: farm.clock.now.toISOString() },
    ])
    const other = await farm.makeSite()
    expect(await tell({ miners: refused.map((row) => ({ ...row, refused: null })) }, other.device)).toEqual({
      changed: 0,
      unknown: refused.map((row) => row.miner_id),
    })
    expect(await waiting()).toEqual(minerIds.slice(0, 2))
    await tell({ miners: [{ miner_id: miners[0]!.minerId, refused: null }] })
    expect(await waiting()).toEqual([minerIds[1]])
    await tell({ reset: true })
    expect(await waiting()).toEqual([])
    expect((await config(device)).login_retries).toEqual([])
  })
})
