import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { hex } from "../../random.ts"
import { type Reading, readMiner } from "../../reading.ts"
import {
  type Answer,
  type CommandRequest,
  hostOf,
  percent,
  round2,
  status,
  suffixed,
} from "../../rpc-protocol.ts"
import { chipMap } from "./chip-map.ts"
import type { AntminerTraits } from "./profiles.ts"
import { webPools, webStats, webSummary } from "./web-bodies.ts"

/** Stock bmminer on port 4028, modern and legacy numbering. Key paths as recorded from an S19 Pro. */
const DESCRIPTION = "cgminer 1.0.0"
const READS = ["version", "summary", "stats", "pools", "devs"] as const
const WRITES = new Set(
  "addpool removepool enablepool disablepool switchpool poolpriority poolquota save restart quit ascenable ascdisable ascidentify ascset zero hotplug debug setconfig privileged".split(
    " ",
  ),
)
type AntminerProfile = Machine & AntminerTraits

export function answerAntminer(miner: SimulatedMiner, request: CommandRequest): Answer {
  const profile = miner.profile as AntminerProfile
  const nowS = miner.nowS()
  const { command } = request
  if (WRITES.has(command)) return answerWrite(miner, command, request.parameter)
  if (command === "check") return checkAnswer(miner, request.parameter)
  if (!(READS as readonly string[]).includes(command)) return invalid(nowS)
  if (command === "version")
    return envelope(status("S", nowS, 22, "CGMiner versions", DESCRIPTION), "VERSION", [
      versionRow(profile, true),
    ])
  const reading = readMiner(miner)
  const reloading = miner.state(nowS) === "reloading"
  if (request.newApi && profile.newApi) {
    if (command === "stats") return { body: webStats(miner, reading, reloading) }
    if (command === "summary") return { body: webSummary(miner, reading, reloading) }
    if (command === "pools") return { body: webPools(miner, reading) }
  }
  if (command === "summary") {
    const answer = envelope(
      status("S", nowS, 11, "Summary", DESCRIPTION),
      "SUMMARY",
      reloading ? [] : [summaryRow(reading)],
    )
    return reloading
      ? answer
      : { ...answer, summary: { accepted: reading.accepted, elapsed: reading.elapsedS } }
  }
  if (command === "pools") {
    const rows = reading.pools.map((_, i) => poolRow(reading, i))
    return envelope(status("S", nowS, 7, `${rows.length} Pool(s)`, DESCRIPTION), "POOLS", rows)
  }
  if (command === "devs")
    return envelope(status("S", nowS, 9, "1 ASC(s)", DESCRIPTION), "DEVS", [deviceRow(reading)])
  const empty = reloading || miner.sleeping
  return envelope(
    status("S", nowS, 70, "CGMiner stats", DESCRIPTION),
    "STATS",
    empty ? [] : [versionRow(profile, false), statsRow(miner, profile, reading)],
  )
}

function envelope(head: Record<string, unknown>[], section: string, rows: Record<string, unknown>[]): Answer {
  return { body: { STATUS: head, [section]: rows, id: 1 } }
}

function invalid(nowS: number): Answer {
  return { body: { STATUS: status("E", nowS, 14, "Invalid command", DESCRIPTION), id: 1 } }
}

function answerWrite(miner: SimulatedMiner, command: string, parameter: string | null): Answer {
  const nowS = miner.nowS()
  if (!miner.privileged) {
    if (command !== "privileged") miner.act("refused", { command })
    const message = `Access denied to '${command}' command`
    return { body: { STATUS: status("E", nowS, 45, message, DESCRIPTION), id: 1 } }
  }
  if (command === "privileged")
    return { body: { STATUS: status("S", nowS, 46, "Privileged access OK", DESCRIPTION), id: 1 } }
  if (command === "restart") {
    miner.act("reboot-soft", { via: "restart" })
    return { body: { STATUS: "RESTART" }, after: () => miner.restartMining() }
  }
  if (command === "switchpool") return switchPool(miner, parameter, DESCRIPTION)
  return invalid(nowS)
}

export function switchPool(miner: SimulatedMiner, parameter: string | null, description: string): Answer {
  const nowS = miner.nowS()
  const index = Number(parameter)
  const pool = parameter === null ? undefined : miner.settings.pools[index]
  if (!pool) {
    const [code, message] =
      parameter === null ? [25, "Missing pool id parameter"] : [26, `Invalid pool id ${parameter}`]
    return { body: { STATUS: status("E", nowS, code as number, message as string, description), id: 1 } }
  }
  miner.act("switch-pool", { index })
  miner.switchPool(index)
  const message = `Switching to pool ${index}: '${pool.url}'`
  return { body: { STATUS: status("S", nowS, 27, message, description), id: 1 } }
}

function checkAnswer(miner: SimulatedMiner, parameter: string | null): Answer {
  const nowS = miner.nowS()
  if (parameter === null)
    return { body: { STATUS: status("E", nowS, 71, "Missing check cmd", DESCRIPTION), id: 1 } }
  const write = WRITES.has(parameter)
  const exists = write || (READS as readonly string[]).includes(parameter)
  const access = exists && (!write || miner.privileged)
  return envelope(status("S", nowS, 72, "Check command", DESCRIPTION), "CHECK", [
    { Exists: exists ? "Y" : "N", Access: access ? "Y" : "N" },
  ])
}

function versionRow(profile: AntminerProfile, withApi: boolean): Record<string, unknown> {
  return {
    BMMiner: profile.generation === "legacy" ? "2.0.0" : "1.0.0",
    ...(withApi ? { API: "3.1" } : {}),
    Miner: profile.minerVersion,
    CompileTime: profile.compileTime,
    Type: profile.model,
  }
}

function summaryRow(r: Reading): Record<string, unknown> {
  return {
    Elapsed: r.elapsedS,
    "GHS 5s": round2(r.ths5s * 1e3),
    "GHS av": round2(r.thsAvg * 1e3),
    "GHS 30m": round2(r.ths30m * 1e3),
    "Found Blocks": 0,
    Getwork: Math.floor(r.elapsedS / 12.8),
    Accepted: r.accepted,
    Rejected: r.rejected,
    "Hardware Errors": r.hwErrors,
    Utility: round2(r.sharesPerMinute),
    Discarded: r.elapsedS * 90,
    Stale: r.stale,
    "Get Failures": 1,
    "Local Work": r.elapsedS * 90 + r.accepted,
    "Remote Failures": 0,
    "Network Blocks": Math.floor(r.elapsedS / 600),
    "Total MH": Math.round(r.workThs * 1e6),
    "Work Utility": round2(r.sharesPerMinute * r.difficulty),
    "Difficulty Accepted": r.accepted * r.difficulty,
    "Difficulty Rejected": r.rejected * r.difficulty,
    "Difficulty Stale": r.stale * r.difficulty,
    "Best Share": r.bestShare,
    "Device Hardware%": 0,
    "Device Rejected%": 0,
    "Pool Rejected%": percent(r.rejected, r.accepted),
    "Pool Stale%": percent(r.stale, r.accepted),
    "Last getwork": Math.floor(r.atS),
  }
}

function poolRow(r: Reading, index: number): Record<string, unknown> {
  const pool = r.pools[index]!
  const live = pool.active && r.lastShareAgoS !== null
  return {
    POOL: index,
    URL: pool.url,
    Status: pool.alive ? "Alive" : "Dead",
    Priority: index,
    Quota: 1,
    "Long Poll": "N",
    Getworks: pool.active ? Math.floor(r.elapsedS / 12.8) : 3,
    Accepted: pool.accepted,
    Rejected: pool.rejected,
    Discarded: pool.active ? r.elapsedS * 90 : 0,
    Stale: pool.stale,
    "Get Failures": pool.active ? 1 : 0,
    "Remote Failures": 0,
    User: pool.user,
    "Last Share Time": live ? ago(r.lastShareAgoS!) : "0",
    Diff: pool.active ? suffixed(r.difficulty) : "",
    "Diff1 Shares": 0,
    "Proxy Type": "",
    Proxy: "",
    "Difficulty Accepted": pool.accepted * r.difficulty,
    "Difficulty Rejected": pool.rejected * r.difficulty,
    "Difficulty Stale": pool.stale * r.difficulty,
    "Last Share Difficulty": live ? r.difficulty : 0,
    "Has Stratum": true,
    "Stratum Active": pool.active,
    "Stratum URL": pool.active ? hostOf(pool.url) : "",
    "Has GBT": false,
    "Best Share": pool.active ? r.bestShare : 0,
    "Pool Rejected%": percent(pool.rejected, pool.accepted),
    "Pool Stale%%": percent(pool.stale, pool.accepted),
  }
}

/** One row for the whole machine; its rates are always 0 and the temperature is misspelt. */
function deviceRow(r: Reading): Record<string, unknown> {
  const lastShare = Math.floor(r.atS - (r.lastShareAgoS ?? 0))
  return {
    ASC: 0,
    Name: "BTM_SOC",
    ID: 0,
    Enabled: "Y",
    Status: "Alive",
    Tenperature: 0,
    "MHS av": 0,
    "MHS 5s": 0,
    Accepted: r.accepted,
    Rejected: r.rejected,
    "Hardware Errors": 0,
    Utility: 0,
    "Last Share Pool": 0,
    "Last Share Time": lastShare,
    "Total MH": 0,
    "Diff1 Work": 0,
    "Difficulty Accepted": r.accepted * r.difficulty,
    "Difficulty Rejected": r.rejected * r.difficulty,
    "Last Share Difficulty": lastShare,
    "Last Valid Work": lastShare,
    "Device Hardware%": 0,
    "Device Rejected%": 0,
    "Device Elapsed": r.elapsedS,
  }
}

/** The flat layout: one object with a number behind each board's and fan's keys. */
function statsRow(miner: SimulatedMiner, profile: AntminerProfile, r: Reading): Record<string, unknown> {
  const row: Record<string, unknown> = {
    STATS: 0,
    ID: profile.generation === "legacy" ? "BC50" : "BTM_SOC0",
    Elapsed: r.elapsedS,
    Calls: 0,
    Wait: 0,
    Max: 0,
    Min: 99_999_999,
    "GHS 5s": round2(r.ths5s * 1e3),
    "GHS av": round2(r.thsAvg * 1e3),
    rate_30m: round2(r.ths30m * 1e3),
    Mode: 2,
    miner_count: r.boards.filter((board) => board.alive).length,
    frequency: r.frequencyMhz,
    fan_num: r.fanRpm.length,
  }
  for (const [i, rpm] of r.fanRpm.entries()) row[`fan${profile.firstFan + i}`] = rpm
  row.temp_num = r.boards.length
  // One slot more than there are boards, as the recorded machine has.
  for (let i = 0; i <= r.boards.length; i++) boardKeys(row, profile, r, i)
  return {
    ...row,
    "total rate": round2(r.thsAvg * 1e3),
    total_rateideal: round2(r.idealThs * 1e3),
    total_freqavg: r.frequencyMhz,
    total_acn: r.boards.reduce((sum, board) => sum + board.chips, 0),
    rate_unit: "GH",
    temp_max: 0,
    no_matching_work: r.hwErrors,
    miner_version: profile.minerVersion,
    miner_id: hex(miner.seed, 100, 16),
  }
}

function boardKeys(row: Record<string, unknown>, profile: AntminerProfile, r: Reading, index: number): void {
  const n = profile.firstChain + index
  const board = r.boards[index]
  row[`chain_acn${n}`] = board?.chips ?? 0
  row[`chain_acs${n}`] = board ? chipMap(board.chips, board.alive) : ""
  row[`chain_hw${n}`] = board?.hwErrors ?? 0
  row[`chain_rate${n}`] = board ? (board.ths * 1e3).toFixed(2) : ""
  row[`freq${n}`] = board?.frequencyMhz ?? 0
  const sensors = (values: number[] | undefined) => (board?.alive && values ? values.join("-") : "0-0-0-0")
  row[`temp_pic${n}`] = sensors(board?.picC)
  row[`temp_pcb${n}`] = sensors(board?.boardC)
  row[`temp_chip${n}`] = sensors(board?.chipC)
  if (!board) return
  row[`temp${n}`] = board.alive ? Math.max(...board.boardC) : 0
  row[`temp2_${n}`] = board.alive ? Math.max(...board.chipC) : 0
}

function ago(seconds: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0")
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}
