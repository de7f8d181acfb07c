import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { type BoardReading, type Reading, readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, hostOf, percent, round2, status } from "../../rpc-protocol.ts"
import { switchPool } from "../antminer/rpc.ts"
import type { CgminerTraits } from "./profiles.ts"

/** A machine with plain cgminer, API 3.7: every report of the upstream API, one device row per board. */
const PRIVILEGED = new Set(
  "addpool removepool enablepool disablepool switchpool poolpriority poolquota save restart quit ascenable ascdisable ascidentify ascset zero hotplug debug setconfig failover-only".split(
    " ",
  ),
)
type Row = Record<string, unknown>
type Report = (miner: SimulatedMiner, reading: Reading, parameter: string | null) => Section
type Section =
  | { code: number; message: string; section: string; rows: Row[] }
  | { code: number; refusal: string }

function traits(miner: SimulatedMiner): Machine & CgminerTraits {
  return miner.profile as Machine & CgminerTraits
}
const description = (miner: SimulatedMiner) => `cgminer ${traits(miner).version}`

const devices: Report = (_miner, r) => ({
  code: 9,
  message: `${r.boards.length} ASC(s)`,
  section: "DEVS",
  rows: r.boards.map((board) => deviceRow(r, board, _miner)),
})
const stats: Report = (miner, r) => ({
  code: 70,
  message: "CGMiner stats",
  section: "STATS",
  rows: r.boards.map((board) => statsRow(miner, r, board)),
})

const reports: Record<string, Report> = {
  version: (miner) => ({
    code: 22,
    message: "CGMiner versions",
    section: "VERSION",
    rows: [{ CGMiner: traits(miner).version, API: "3.7" }],
  }),
  config: (miner, r) => ({
    code: 33,
    message: "CGMiner config",
    section: "CONFIG",
    rows: [
      {
        "ASC Count": r.boards.length,
        "PGA Count": 0,
        "Pool Count": r.pools.length,
        Strategy: "Failover",
        "Log Interval": 5,
        "Device Code": `${traits(miner).deviceName} `,
        OS: "Linux",
        Hotplug: "None",
      },
    ],
  }),
  summary: (_miner, r) => ({ code: 11, message: "Summary", section: "SUMMARY", rows: [summaryRow(r)] }),
  pools: (_miner, r) => ({
    code: 7,
    message: `${r.pools.length} Pool(s)`,
    section: "POOLS",
    rows: r.pools.map((_, index) => poolRow(r, index)),
  }),
  devs: devices,
  edevs: devices,
  stats,
  estats: stats,
  devdetails: (miner, r) => ({
    code: 69,
    message: "Device Details",
    section: "DEVDETAILS",
    rows: r.boards.map((board) => ({
      DEVDETAILS: board.slot,
      Name: traits(miner).deviceName,
      ID: board.slot,
      Driver: traits(miner).driver,
      Kernel: "",
      Model: traits(miner).model,
      "Device Path": "",
    })),
  }),
  notify: (miner, r) => ({
    code: 60,
    message: "Notify",
    section: "NOTIFY",
    rows: r.boards.map((board) => ({
      NOTIFY: board.slot,
      Name: traits(miner).deviceName,
      ID: board.slot,
      "Last Well": Math.floor(r.atS),
      "Last Not Well": 0,
      "Reason Not Well": "None",
      "*Thread Fail Init": 0,
      "*Dev Thermal Cutoff": 0,
      "*Dev Comms Error": board.alive ? 0 : 1,
    })),
  }),
  coin: (_miner, r) => ({
    code: 78,
    message: "CGMiner coin",
    section: "COIN",
    rows: [
      {
        "Hash Method": "sha256",
        "Current Block Time": r.atS - (r.atS % 600),
        "Current Block Hash": "",
        LP: true,
        "Network Difficulty": 0,
      },
    ],
  }),
  asccount: (_miner, r) => ({
    code: 104,
    message: "ASC count",
    section: "ASCS",
    rows: [{ Count: r.boards.length }],
  }),
  asc: (miner, r, parameter) => {
    if (parameter === null) return { code: 15, refusal: "Missing device id parameter" }
    const board = r.boards[Number(parameter)]
    if (!board)
      return { code: 107, refusal: `Invalid ASC id ${parameter} - range is 0 - ${r.boards.length - 1}` }
    return { code: 106, message: `ASC${parameter}`, section: "ASC", rows: [deviceRow(r, board, miner)] }
  },
  check: (miner, _r, parameter) => {
    if (parameter === null) return { code: 71, refusal: "Missing check cmd" }
    const exists = parameter in reports || PRIVILEGED.has(parameter)
    const access = exists && (miner.privileged || !PRIVILEGED.has(parameter))
    const row = { Exists: exists ? "Y" : "N", Access: access ? "Y" : "N" }
    return { code: 72, message: "Check command", section: "CHECK", rows: [row] }
  },
}

export function answerCgminer(miner: SimulatedMiner, request: CommandRequest): Answer {
  const nowS = miner.nowS()
  const say = (severity: "S" | "E", code: number, message: string) => ({
    body: { STATUS: status(severity, nowS, code, message, description(miner)), id: 1 },
  })
  const { command, parameter } = request
  if (command === "privileged" && miner.privileged) return say("S", 46, "Privileged access OK")
  if (PRIVILEGED.has(command) || command === "privileged") {
    if (!miner.privileged) {
      if (command !== "privileged") miner.act("refused", { command })
      return say("E", 45, `Access denied to '${command}' command`)
    }
    if (command === "restart") {
      miner.act("reboot-soft", { via: "restart" })
      return { body: { STATUS: "RESTART" }, after: () => miner.restartMining() }
    }
    if (command === "switchpool") return switchPool(miner, parameter, description(miner))
    return say("E", 14, "Invalid command")
  }
  const report = Object.hasOwn(reports, command) ? reports[command] : undefined
  if (!report) return say("E", 14, "Invalid command")
  const reading = readMiner(miner)
  const made = report(miner, reading, parameter)
  if ("refusal" in made) return say("E", made.code, made.refusal)
  const head = status("S", nowS, made.code, made.message, description(miner))
  const body = { STATUS: head, [made.section]: made.rows, id: 1 }
  if (command !== "summary") return { body }
  return { body, summary: { accepted: reading.accepted, elapsed: reading.elapsedS } }
}

function rateKeys(r: Reading, part: number): Row {
  return {
    "MHS av": round2(r.thsAvg * 1e6 * part),
    "MHS 5s": round2(r.ths5s * 1e6 * part),
    "MHS 1m": round2(r.ths1m * 1e6 * part),
    "MHS 5m": round2(r.ths5m * 1e6 * part),
    "MHS 15m": round2(r.ths15m * 1e6 * part),
  }
}

function summaryRow(r: Reading): Row {
  return {
    Elapsed: r.elapsedS,
    ...rateKeys(r, 1),
    "Found Blocks": 0,
    Getworks: Math.floor(r.elapsedS / 30),
    Accepted: r.accepted,
    Rejected: r.rejected,
    "Hardware Errors": r.hwErrors,
    Utility: round2(r.sharesPerMinute),
    Discarded: r.elapsedS * 2,
    Stale: r.stale,
    "Get Failures": 0,
    "Local Work": r.elapsedS * 40,
    "Remote Failures": 0,
    "Network Blocks": Math.floor(r.elapsedS / 600),
    "Total MH": Math.round(r.workThs * 1e6),
    "Work Utility": round2(r.sharesPerMinute * r.difficulty),
    "Difficulty Accepted": r.accepted * r.difficulty,
    "Difficulty Rejected": r.rejected * r.difficulty,
    "Difficulty Stale": r.stale * r.difficulty,
    "Best Share": r.bestShare,
    "Device Hardware%": 0.01,
    "Device Rejected%": percent(r.rejected, r.accepted),
    "Pool Rejected%": percent(r.rejected, r.accepted),
    "Pool Stale%": percent(r.stale, r.accepted),
    "Last getwork": Math.floor(r.atS),
  }
}

function poolRow(r: Reading, index: number): Row {
  const pool = r.pools[index]!
  const lastShare = pool.active && r.lastShareAgoS !== null ? Math.floor(r.atS - r.lastShareAgoS) : 0
  return {
    POOL: index,
    URL: pool.url,
    Status: pool.alive ? "Alive" : "Dead",
    Priority: index,
    Quota: 1,
    "Long Poll": "N",
    Getworks: pool.active ? Math.floor(r.elapsedS / 30) : 0,
    Accepted: pool.accepted,
    Rejected: pool.rejected,
    Works: pool.active ? r.elapsedS * 40 : 0,
    Discarded: pool.active ? r.elapsedS * 2 : 0,
    Stale: pool.stale,
    "Get Failures": 0,
    "Remote Failures": 0,
    User: pool.user,
    "Last Share Time": lastShare,
    "Diff1 Shares": pool.accepted * r.difficulty,
    "Proxy Type": "",
    Proxy: "",
    "Difficulty Accepted": pool.accepted * r.difficulty,
    "Difficulty Rejected": pool.rejected * r.difficulty,
    "Difficulty Stale": pool.stale * r.difficulty,
    "Last Share Difficulty": lastShare === 0 ? 0 : r.difficulty,
    "Work Difficulty": pool.active ? r.difficulty : 0,
    "Has Stratum": true,
    "Stratum Active": pool.active,
    "Stratum URL": pool.active ? hostOf(pool.url) : "",
    "Stratum Difficulty": pool.active ? r.difficulty : 0,
    "Has GBT": false,
    "Best Share": pool.active ? r.bestShare : 0,
    "Pool Rejected%": percent(pool.rejected, pool.accepted),
    "Pool Stale%": percent(pool.stale, pool.accepted),
    "Bad Work": 0,
    "Current Block Height": 0,
    "Current Block Version": 536_870_912,
  }
}

function deviceRow(r: Reading, board: BoardReading, miner: SimulatedMiner): Row {
  const part = r.thsAvg === 0 ? 0 : board.thsAvg / r.thsAvg
  const lastShare = r.lastShareAgoS === null ? 0 : Math.floor(r.atS - r.lastShareAgoS)
  return {
    ASC: board.slot,
    Name: traits(miner).deviceName,
    ID: board.slot,
    Enabled: miner.sleeping ? "N" : "Y",
    Status: board.alive || miner.sleeping ? "Alive" : "Dead",
    Temperature: round2(board.chipMaxC),
    ...rateKeys(r, part),
    Accepted: board.accepted,
    Rejected: board.rejected,
    "Hardware Errors": board.hwErrors,
    Utility: round2(r.sharesPerMinute * part),
    "Last Share Pool": r.pools.find((pool) => pool.active)?.index ?? -1,
    "Last Share Time": lastShare,
    "Total MH": Math.round(r.workThs * 1e6 * part),
    "Diff1 Work": board.accepted * r.difficulty,
    "Difficulty Accepted": board.accepted * r.difficulty,
    "Difficulty Rejected": board.rejected * r.difficulty,
    "Last Share Difficulty": lastShare === 0 ? 0 : r.difficulty,
    "No Device": !board.alive && !miner.sleeping,
    "Last Valid Work": Math.floor(r.atS),
    "Device Hardware%": 0.01,
    "Device Rejected%": percent(board.rejected, board.accepted),
    "Device Elapsed": r.elapsedS,
  }
}

function statsRow(miner: SimulatedMiner, r: Reading, board: BoardReading): Row {
  const fans = Object.fromEntries(r.fanRpm.map((rpm, i) => [`Fan${i + 1}`, rpm]))
  return {
    STATS: board.slot,
    ID: `${traits(miner).deviceName}${board.slot}`,
    Elapsed: r.elapsedS,
    Calls: 0,
    Wait: 0,
    Max: 0,
    Min: 99_999_999,
    Frequency: board.frequencyMhz,
    Chips: board.chipsOk,
    Temp: round2(board.chipMaxC),
    ...fans,
  }
}
