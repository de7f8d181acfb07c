import { randomUUID } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type {
  ActOutcome,
  Credentials,
  Driver,
  DriverAction,
  DriverContext,
  Identity,
} from "#edge/drivers/driver.ts"
import { fault, ok } from "#server/contract/driver-faults.ts"
import { credentialChooser, type EdgeCredential } from "#server/contract/miner-credentials.ts"
import { silentLog } from "#server/log.ts"
import { SEAL_PURPOSES, sealTo } from "#server/sealed-box.ts"
import { GatewayError } from "../client/gateway-error.ts"
import { createIdentityMap } from "../poll/identity-map.ts"
import { type CacheDir, openCacheDir } from "../state/cache-dir.ts"
import { fakeGateway, identityOf, newKeys } from "../testing/fakes.ts"
import { openAtRest } from "./at-rest.ts"
import { openLoginStore } from "./login-store.ts"
import { createLogins } from "./logins.ts"
import { createLoginSender } from "./send-logins.ts"
import { driversWithLogins } from "./with-logins.ts"

const SECRET = "s1te-wide-word"
const NEXT = "n3xt-word"
const ADDRESS = { host: "10.0.0.1", rpcPort: 4028, webPort: 80 }
const MINER = "SN-1"

/** A machine with one password, which a test may change behind the collector's back. */
function fakeMachine() {
  const machine = {
    password: "factory",
    /** What becomes of a SET_LOGIN. */
    change: "done" as "done" | "refused" | "lost" | "lost-and-done",
    tried: [] as string[],
  }
  const logIn = ({ credentials, loginRefused, loginAccepted }: DriverContext): Credentials | null => {
    for (const login of [credentials, { username: "root", password: "factory" }]) {
      if (login === null) continue
      machine.tried.push(login.password)
      if (login.password === machine.password) {
        loginAccepted?.()
        return login
      }
      loginRefused?.(login.username)
    }
    return null
  }
  const driver: Driver = {
    family: "fake",
    make: "Fake",
    factoryUser: "root",
    identify: async (context) => {
      logIn(context)
      return ok(identityOf(MINER))
    },
    read: async () => ok({ online: true } as never),
    capabilities: () => ({ can: () => ok(true) }),
    act: async (context, _identity, action): Promise<ActOutcome> => {
      if (logIn(context) === null) return { ...fault("auth", "needs a login"), sent: false }
      const { password } = (action as Extract<DriverAction, { type: "SET_LOGIN" }>).parameters
      if (machine.change === "refused") return { ...fault("refused", "no"), sent: false }
      if (machine.change !== "lost") machine.password = password
      if (machine.change !== "done") return { ...fault("timeout", "no answer"), sent: true }
      return {
        ok: true,
        value: { ran: "set", message: "Set.", verified: true, username: "root", before: null, after: {} },
      }
    },
  }
  return { machine, driver }
}

describe("logins of machines at the collector", () => {
  const keys = newKeys()
  let path: string
  let dir: CacheDir
  let ended: (() => void)[]
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "lamproom-logins-"))
    dir = openCacheDir(join(path, "cache"))
    ended = []
  })
  afterEach(() => {
    for (const end of ended) end()
    dir.release()
    rmSync(path, { recursive: true, force: true })
  })

  const sealed = (more: Partial<EdgeCredential>, password = SECRET): EdgeCredential => ({
    id: randomUUID(),
    version: 1,
    scope: "site",
    family: null,
    miner_id: null,
    username: "root",
    sealed: sealTo(keys.publicKey, SEAL_PURPOSES.login, JSON.stringify({ passwords: [password] })),
    ...more,
  })
  function boot() {
    const { store, unreadable } = openLoginStore(dir.file("logins.db"), openAtRest(dir))
    const close = () => store.close()
    ended.push(close)
    const { identities } = createIdentityMap(
      () => {},
      () => "x",
    )
    const miner = identities.file(ADDRESS, identityOf(MINER))
    const clock = { nowMs: 1_000_000 }
    const again: string[] = []
    const { machine, driver } = fakeMachine()
    const logins = createLogins({
      store,
      keys,
      log: silentLog,
      nowMs: () => clock.nowMs,
      familyOf: () => "fake",
      tryAgain: (minerId) => void again.push(minerId),
      forgetAddress: () => {},
      onNews: () => {},
    })
    const drivers = driversWithLogins(
      { identify: (context) => driver.identify(context), driverOf: () => driver },
      { logins, identities },
    )
    const context: DriverContext = {
      address: ADDRESS,
      credentials: null,
      limits: { chipWarningC: 85, chipCriticalC: 95, boardWarningC: 70, boardCriticalC: 80 },
      signal: new AbortController().signal,
    }
    const wrapped = drivers.driverOf("fake") as Driver
    return {
      store,
      unreadable,
      logins,
      machine,
      clock,
      again,
      minerId: miner.minerId,
      shut: () => {
        store.close()
        ended = ended.filter((one) => one !== close)
      },
      identify: () => drivers.identify(context, null),
      read: () => wrapped.read(context, identityOf(MINER) as Identity),
      set: (password: string) =>
        wrapped.act(context, identityOf(MINER), { type: "SET_LOGIN", parameters: { password } }),
      password: () => logins.of(MINER, "fake")?.password ?? null,
    }
  }

  it("decision 29: the machine's own counts before its family's, that before the site's, and none is the factory's", () => {
    const list = [
      { scope: "site", family: null, miner_id: null, name: "site" },
      { scope: "family", family: "antminer-stock", miner_id: null, name: "family" },
      { scope: "miner", family: null, miner_id: "SN-1", name: "own" },
    ] as const
    const cases: [scopes: string, minerId: string | null, family: string | null, wins: string | null][] = [
      ["site family miner", "sn-1", "antminer-stock", "own"],
      ["site family miner", "sn-1", null, "own"],
      ["site family miner", "SN-2", "antminer-stock", "family"],
      ["site family miner", "SN-2", "avalon", "site"],
      ["site family miner", null, null, "site"],
      ["site family", "SN-1", "antminer-stock", "family"],
      ["family miner", "SN-2", "avalon", null],
      ["site", null, "avalon", "site"],
      ["", "SN-1", "antminer-stock", null],
    ]
    for (const [scopes, minerId, family, wins] of cases) {
      const choose = credentialChooser(list.filter(({ scope }) => scopes.split(" ").includes(scope)))
      expect(choose({ minerId, family })?.name ?? null, `${scopes} for ${minerId} ${family}`).toBe(wins)
    }
  })

  it("C15: are opened here, kept enciphered in files of mode 0600, and there again after a start without uplink", () => {
    const first = boot()
    first.logins.take({
      credentials: [sealed({}), sealed({ scope: "miner", miner_id: "sn-1" }, "its-own-word")],
    })
    first.logins.beginChange("SN-9", { username: "root", password: NEXT })
    expect(first.password()).toBe("its-own-word")
    first.shut()
    const files = readdirSync(dir.path).filter((name) => name.startsWith("login"))
    expect(files).toEqual(expect.arrayContaining(["login-key", "logins.db"]))
    for (const name of readdirSync(dir.path)) {
      const bytes = readFileSync(dir.file(name))
      for (const word of [SECRET, "its-own-word", NEXT])
        for (const text of [word, Buffer.from(word).toString("base64"), Buffer.from(word).toString("hex")])
          expect(bytes.includes(text), `${word} in ${name}`).toBe(false)
    }
    const again = boot()
    for (const name of readdirSync(dir.path).filter((name) => name.startsWith("login")))
      expect(statSync(dir.file(name)).mode & 0o777, name).toBe(0o600)
    expect(again.password()).toBe("its-own-word")
    expect(again.logins.of("SN-2", "fake")?.password).toBe(SECRET)
    again.shut()
    rmSync(dir.file("login-key"))
    const lost = boot()
    expect(lost.unreadable).toBe(3)
    expect(lost.password()).toBeNull()
  })

  it("follow the server's list: replaced by version, gone when removed; what is sealed to another key is told", () => {
    const it = boot()
    const one = sealed({})
    it.logins.take({ credentials: [one] })
    it.logins.take({ credentials: [{ ...one, version: 2, sealed: sealed({}, "second").sealed }] })
    expect(it.password()).toBe("second")
    const foreign = sealTo(newKeys().publicKey, SEAL_PURPOSES.login, JSON.stringify({ passwords: ["x"] }))
    it.logins.take({ credentials: [{ ...one, version: 3, sealed: foreign }] })
    expect(it.password()).toBeNull()
    expect(it.logins.unopened()).toEqual([{ id: one.id, version: 3 }])
    it.logins.take({})
    expect(it.logins.unopened()).toHaveLength(1)
    it.logins.take({ credentials: [] })
    expect(it.logins.unopened()).toEqual([])
  })

  it("a refused one marks the machine until it takes one; a changed one is tried at once, others are not", async () => {
    const it = boot()
    it.machine.password = "by hand"
    await it.identify()
    expect(it.logins.refusals.untold()).toMatchObject([
      { minerId: it.minerId, username: "root", sinceMs: 1_000_000 },
    ])
    it.clock.nowMs += 5_000
    await it.identify()
    await it.read()
    expect(it.logins.refusals.untold()).toMatchObject([{ sinceMs: 1_000_000 }])
    it.logins.take({ credentials: [sealed({ scope: "miner", miner_id: "SN-2" })] })
    expect(it.again).toEqual([])
    const own = sealed({ scope: "miner", miner_id: "SN-1" }, "by hand")
    it.logins.take({ credentials: [own] })
    expect(it.again).toEqual([it.minerId])
    await it.identify()
    expect(it.logins.refusals.waiting()).toEqual([])
    it.logins.take({ credentials: [own], login_retries: [{ miner_id: "SN-1", at: "2026-01-01T00:00:00Z" }] })
    it.logins.take({ credentials: [own], login_retries: [{ miner_id: "SN-1", at: "2026-01-01T00:00:00Z" }] })
    expect(it.again).toEqual([it.minerId, "SN-1"])
  })

  it("tell the server each change once it hears, all anew after the store was lost, and nothing twice", async () => {
    const it = boot()
    const gateway = fakeGateway()
    let calls = 0
    const sender = createLoginSender({
      logins: it.logins,
      store: it.store,
      gateway: () => ({
        logins: async (told) => {
          calls += 1
          if (calls === 2) throw new GatewayError("UNREACHABLE", "no line")
          // Its first sample is still on its way.
          if (calls === 3) return { changed: 0, unknown: [it.minerId] }
          return gateway.api.logins(told)
        },
      }),
      log: silentLog,
      iso: (ms) => new Date(ms).toISOString(),
      monotonicMs: () => it.clock.nowMs,
      random: () => 1,
    })
    gateway.refusedLogins.set("of-before", { username: "x", since: new Date(0).toISOString() })
    await sender.flush()
    expect([calls, gateway.refusedLogins.size]).toEqual([1, 0])
    it.machine.password = "by hand"
    await it.identify()
    await sender.flush()
    await sender.flush()
    expect([calls, gateway.refusedLogins.size]).toEqual([2, 0])
    it.clock.nowMs += 60_000
    await sender.flush()
    expect([calls, gateway.refusedLogins.size]).toEqual([3, 0])
    await sender.flush()
    await sender.flush()
    expect(calls).toBe(4)
    expect([...gateway.refusedLogins]).toEqual([
      [it.minerId, { username: "root", since: new Date(1_000_000).toISOString() }],
    ])
    it.machine.password = "factory"
    await it.identify()
    await sender.flush()
    expect([calls, gateway.refusedLogins.size]).toEqual([5, 0])
  })

  it("a password that SET_LOGIN gave is used at once, and is the server's business when its list has it", async () => {
    const it = boot()
    const outcome = await it.set(NEXT)
    expect(outcome).toMatchObject({ ok: true, value: { after: { username: "root" } } })
    expect(it.password()).toBe(NEXT)
    it.logins.take({ credentials: [sealed({})] })
    expect(it.password()).toBe(NEXT)
    it.logins.take({ credentials: [sealed({ scope: "miner", miner_id: "SN-1" }, NEXT)] })
    expect(it.store.owns().size).toBe(0)
    expect(it.password()).toBe(NEXT)
    it.machine.change = "refused"
    expect(await it.set("other")).toMatchObject({ ok: false })
    expect(it.password()).toBe(NEXT)
    expect(it.store.owns().size).toBe(0)
  })

  it.each([
    "lost",
    "lost-and-done",
  ] as const)("while nobody knows whether it took effect (%s) both are kept over a restart, and logging in tells which", async (change) => {
    const first = boot()
    first.logins.take({ credentials: [sealed({})] })
    first.machine.password = SECRET
    first.machine.change = change
    expect(await first.set(NEXT)).toMatchObject({ ok: false, sent: true })
    first.shut()
    const it = boot()
    it.machine.password = first.machine.password
    const right = change === "lost" ? SECRET : NEXT
    await it.identify()
    await it.identify()
    expect(it.password()).toBe(right)
    expect(it.logins.refusals.waiting()).toEqual([])
    // A change that comes late is found all the same, and after ten minutes one of them is left.
    it.machine.password = NEXT
    await it.identify()
    await it.identify()
    expect(it.password()).toBe(NEXT)
    it.clock.nowMs += 11 * 60_000
    await it.identify()
    expect([...it.store.owns().values()]).toMatchObject([{ candidates: [{ password: NEXT }] }])
  })

  it("a machine that takes none of them keeps all until somebody says which", async () => {
    const it = boot()
    it.machine.change = "lost"
    await it.set(NEXT)
    it.machine.password = "a third"
    for (let n = 0; n < 5; n += 1) await it.identify()
    expect(it.logins.refusals.waiting()).toEqual([it.minerId])
    expect([...it.store.owns().values()][0]?.candidates).toHaveLength(2)
    it.logins.take({ credentials: [sealed({ scope: "miner", miner_id: "SN-1" }, "a third")] })
    expect(it.again).toEqual([it.minerId])
    await it.identify()
    expect(it.logins.refusals.waiting()).toEqual([])
    expect(it.password()).toBe("a third")
  })
})
