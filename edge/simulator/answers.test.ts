import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { ActLog } from "./acts.ts"
import { ManualClock } from "./clock.ts"
import { answerAntminerWeb } from "./families/antminer/web.ts"
import { graphqlTree } from "./families/braiins/graphql-tree.ts"
import { restPages } from "./families/braiins/rest-pages.ts"
import { answerFrame } from "./families/whatsminer/frames.ts"
import { doorsOf } from "./families.ts"
import { keyPaths } from "./key-paths.ts"
import { SimulatedMiner } from "./miner.ts"
import type { ProfileName } from "./profiles.ts"
import recordedKeys from "./recorded-keys.json" with { type: "json" }
import { parseRequest, renderText } from "./rpc-protocol.ts"
import { answerRpc } from "./rpc-server.ts"

/**
 * Key paths and types of the simulated answers against those of recorded machines. `recorded-keys.json` holds
 * the paths alone, so that a bare clone compares too; where the captures lie beside the checkout, they are
 * read as well and must still have these paths.
 */
const captures = resolve(import.meta.dirname, "../../../shared/captures")

const VOLC_HEAD = ["STATUS[].Code number", "STATUS[].When number"]

/** What we say more than the recording does; each has its source in the protocol papers. */
const additions: Record<string, string[]> = {
  "s19 web:stats": [
    ...["asic string", "eeprom_loaded boolean"].map((path) => `STATS[].chain[].${path}`),
    ...["STATS[].freq-level number", "STATS[].miner-mode number"],
  ],
  "m20s summary": ["Env Temp", "Power Rate"].map((name) => `SUMMARY[].${name} number`),
  // The configuration that was recorded is bare; its members stand in the vendor's protocol buffers.
  "bos-s19-xp rest:configuration/miner": [
    ...["load_balance_strategy object", "load_balance_strategy.quota object", "name string", "pools array"],
    ...["load_balance_strategy.quota.value number", "pools[].enabled boolean", "pools[].password string"],
    ...["pools[].uid string", "pools[].url string", "pools[].user string", "uid string"],
  ]
    .map((path) => `pool_groups[].${path}`)
    .concat(
      ["temperature object", "temperature.auto object"],
      ["hot", "target"].flatMap((limit) => [
        `temperature.auto.${limit}_temperature object`,
        `temperature.auto.${limit}_temperature.degree_c number`,
      ]),
    ),
  "m20s devs": ["Factory GHS", "Frequency"].map((name) => `DEVS[].${name} number`),
  "m50s get_miner_info": ["ip", "proto", "netmask", "gateway", "dns", "minersn", "powersn"].map(
    (name) => `Msg.${name} string`,
  ),
  // The recording was shortened by its source: heads and counters are those of the common protocol.
  "volcminer-d1 version": VOLC_HEAD,
  "volcminer-d1 summary": [
    ...VOLC_HEAD,
    ...["Accepted string", "Rejected string", "Stale number", "Hardware Errors number"].map(
      (path) => `SUMMARY[].${path}`,
    ),
  ],
  "volcminer-d1 stats": [
    ...VOLC_HEAD,
    ...["Elapsed number", "MHS av string", "fan_num number"].map((path) => `STATS[].${path}`),
    ...[1, 2, 3, 4].map((slot) => `STATS[].chain_hw${slot} number`),
  ],
  "volcminer-d1 pools": [...VOLC_HEAD, "POOLS[].Priority number", "POOLS[].Stale number"],
  // What goes wrong is listed there; the recorded machine left the empty list out.
  "m60s frame:get.device.info": ["msg.error-code array"],
  "m60s frame:get.miner.status|summary": ["msg.summary.target-freq number"],
}

function makeMiner(profile: ProfileName, clock = new ManualClock()): SimulatedMiner {
  const acts = new ActLog(() => clock.nowMs())
  const context = { clock, speed: 1, acts, gate: () => {} }
  const pools = [3333, 3334, 3335].map((port) => `stratum+tcp://pool.example:${port}`)
  return new SimulatedMiner({ address: "127.1.0.1", profile, pools }, { seed: 1 }, context)
}

function ask(miner: SimulatedMiner, text: string): Record<string, unknown> {
  return answerRpc(miner, parseRequest(text, true)!).body
}

const get = (url: string) => ({ method: "GET", url, headers: {}, body: "", upload: null })

function answerOf(name: string): unknown {
  const [profile, command] = name.split(" ") as [ProfileName, string]
  const miner = makeMiner(profile)
  if (command.startsWith("http:")) {
    const door = doorsOf(miner.profile).find((each) => each.kind === "web")!
    return door.answer(miner, get(command.slice(5))).body
  }
  if (command.startsWith("rest:")) return restPages[command.slice(5)]!(miner)
  // A recorded query was cut down to what it asked for: the whole tree has it all.
  if (command.startsWith("graphql:")) return { data: graphqlTree(miner) }
  if (command.startsWith("frame:")) {
    const [cmd, param] = command.slice(6).split("|")
    return answerFrame(miner, cmd!, param ?? null)
  }
  if (!command.startsWith("web:")) return ask(miner, `{"command":"${command}"}`)
  return answerAntminerWeb(miner, get(`/cgi-bin/${command.slice(4)}.cgi`)).body
}

/** The M50S recording was shortened by its source: what the same family's whole recording has is allowed. */
function alsoRecorded(name: string): string[] {
  if (!name.startsWith("m50s ")) return []
  return recordedKeys.find((entry) => entry.answer === name.replace("m50s", "m20s"))?.keys ?? []
}

describe("answers have the shape of recorded ones", () => {
  it.each(recordedKeys.map((entry) => [entry.answer, entry.keys] as const))("%s", (name, recorded) => {
    const own = keyPaths(answerOf(name))
    expect(recorded.filter((path) => !own.includes(path))).toEqual([])
    const allowed = new Set([
      ...recorded,
      ...alsoRecorded(name),
      ...(additions[name] ?? []),
      ...(additions[name.replace("m50s", "m20s")] ?? []),
    ])
    if (name.includes(" graphql:")) return
    expect(own.filter((path) => !allowed.has(path))).toEqual([])
  })

  it.runIf(existsSync(captures))("the captures still have the listed paths", () => {
    for (const entry of recordedKeys)
      expect(keyPaths(JSON.parse(readFileSync(resolve(captures, entry.capture), "utf8")))).toEqual(entry.keys)
  })
})

describe("request forms", () => {
  const code = (body: Record<string, unknown>) => (body.STATUS as { Code: number }[])[0]!.Code

  it("refuses joined commands and writes on a modern Antminer", () => {
    const miner = makeMiner("s19-pro")
    expect(code(ask(miner, '{"command":"summary+pools"}'))).toBe(14)
    expect(code(ask(miner, '{"command":"restart"}'))).toBe(45)
    expect(code(ask(miner, '{"command":"privileged"}'))).toBe(45)
    expect(code(ask(miner, '{"command":"nonsense"}'))).toBe(14)
    expect(code(ask(miner, '{"parameter":"0"}'))).toBe(24)
    expect(code(ask(miner, '{"command":'))).toBe(23)
    miner.joins = true
    expect(Object.keys(ask(miner, '{"command":"summary+pools"}'))).toEqual(["summary", "pools", "id"])
    miner.privileged = true
    expect(code(ask(miner, '{"command":"privileged"}'))).toBe(46)
  })

  it("numbers an S9 from 6 and lets it join", () => {
    const miner = makeMiner("s9")
    const joined = ask(miner, '{"command":"summary+stats"}') as {
      stats: { STATS: Record<string, unknown>[] }[]
    }
    const row = joined.stats[0]!.STATS[1]!
    expect([row.chain_acn6, row.chain_acn7, row.chain_acn8, row.chain_acn1]).toEqual([63, 63, 63, undefined])
    expect([row.fan5, row.fan6]).toEqual([expect.any(Number), expect.any(Number)])
  })

  it("answers stats with new_api in the layout of the web", () => {
    const rows = ask(makeMiner("s21"), '{"command":"stats","new_api":true}').STATS as { chain: unknown[] }[]
    expect(rows[0]!.chain).toHaveLength(3)
    const legacy = ask(makeMiner("s9"), '{"command":"stats","new_api":true}').STATS as unknown[]
    expect(legacy).toHaveLength(2)
  })

  it("renders text replies", () => {
    const body = { STATUS: [{ STATUS: "S", Code: 7 }], POOLS: [{ POOL: 0, URL: "a|b,c=d" }], id: 1 }
    expect(renderText(body)).toBe("STATUS=S,Code=7|POOL=0,URL=a\\|b\\,c\\=d|")
    expect(renderText({ STATUS: "RESTART" })).toBe("RESTART")
  })

  it("joins only the reports of cgminer on a WhatsMiner, and refuses plain writes", () => {
    const miner = makeMiner("m50s")
    expect(Object.keys(ask(miner, '{"cmd":"summary+pools+edevs"}'))).toEqual([
      "summary",
      "pools",
      "edevs",
      "id",
    ])
    expect(ask(miner, '{"cmd":"summary+status"}')).toMatchObject({ STATUS: "E", Code: 14 })
    expect(ask(miner, '{"cmd":"power_off"}')).toMatchObject({ STATUS: "E", Code: 23 })
    expect(ask(makeMiner("m20s"), '{"cmd":"reboot"}')).toMatchObject({ STATUS: "E", Code: 45 })
    expect(ask(miner, '{"cmd":"get_token"}')).toMatchObject({ STATUS: "S", Code: 134 })
  })
})

describe("a sick machine says so", () => {
  const stats = (miner: SimulatedMiner) =>
    (ask(miner, '{"command":"stats"}').STATS as Record<string, unknown>[])[1]!

  it("dead board: its chips are bad and its rate is nil, the others go on", () => {
    const miner = makeMiner("s19-pro")
    miner.setFault("dead-board")
    const rows = stats(miner)
    const rates = [1, 2, 3].map((n) => Number(rows[`chain_rate${n}`]))
    expect(rates.filter((rate) => rate === 0)).toHaveLength(1)
    expect(rates.filter((rate) => rate > 30_000)).toHaveLength(2)
  })

  it("hot: chips pass 95 °C after a while, and the fans run fast", () => {
    const clock = new ManualClock()
    const miner = makeMiner("s19-pro", clock)
    const hottest = () => Math.max(...[1, 2, 3].map((n) => Number(stats(miner)[`temp2_${n}`])))
    expect(hottest()).toBeLessThan(85)
    miner.setFault("hot")
    expect(hottest()).toBeLessThan(85)
    clock.advance(600_000)
    expect(hottest()).toBeGreaterThan(95)
    miner.clearFaults()
    clock.advance(600_000)
    expect(hottest()).toBeLessThan(85)
  })

  it("asleep: no statistics, mode 1, and it wakes on clear", () => {
    const clock = new ManualClock()
    const miner = makeMiner("s19", clock)
    miner.setFault("asleep")
    expect(answerAntminerWeb(miner, get("/cgi-bin/stats.cgi")).body).toMatchObject({ STATS: [] })
    expect(answerAntminerWeb(miner, get("/cgi-bin/get_miner_conf.cgi")).body).toMatchObject({
      "bitmain-work-mode": "1",
    })
    miner.clearFaults()
    clock.advance(200_000)
    expect(Number(stats(miner)["GHS 5s"])).toBeGreaterThan(80_000)
  })

  it("wrong pool and dead pool show in pools", () => {
    const miner = makeMiner("s19-pro")
    const pools = () =>
      ask(miner, '{"command":"pools"}').POOLS as { URL: string; Status: string; "Stratum Active": boolean }[]
    miner.setFault("wrong-pool")
    expect(pools()[0]!.URL).toContain("elsewhere")
    miner.clearFaults()
    miner.setFault("pool-dead")
    expect(pools().map((pool) => [pool.Status, pool["Stratum Active"]])).toEqual([
      ["Dead", false],
      ["Alive", true],
      ["Alive", false],
    ])
  })
})

describe("counters", () => {
  it("only grow, whatever happens short of a restart, and do not depend on how often they are read", () => {
    const clock = new ManualClock()
    const other = new ManualClock()
    const often = makeMiner("m30s", clock)
    const rarely = makeMiner("m30s", other)
    const row = (miner: SimulatedMiner) =>
      (ask(miner, '{"cmd":"summary"}').SUMMARY as Record<string, number>[])[0]!
    const names = ["Elapsed", "Accepted", "Rejected", "Stale", "Hardware Errors", "Best Share", "Total MH"]
    let before = row(often)
    for (let minute = 0; minute < 240; minute++) {
      if (minute === 60) for (const miner of [often, rarely]) miner.setFault("hashrate-drop")
      if (minute === 120) for (const miner of [often, rarely]) miner.setFault("dead-board")
      clock.advance(60_000)
      other.advance(60_000)
      const now = row(often)
      for (const name of names) expect(now[name]).toBeGreaterThanOrEqual(before[name]!)
      before = now
    }
    expect(row(rarely)).toEqual(before)
  })
})
