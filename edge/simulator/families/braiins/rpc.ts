import type { SimulatedMiner } from "../../miner.ts"
import { type Reading, readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, percent, round2, status } from "../../rpc-protocol.ts"
import { powerTargetOf, set, traitsOf } from "./traits.ts"

/** BOSMiner and BOSer on port 4028: cgminer's reports and a few of their own; `pause` and `resume` are all that is written. */
type Row = Record<string, unknown>
type Section = [code: number, message: string, name: string, rows: Row[]]
const MHS = 1e6

const reads: Readonly<Record<string, (miner: SimulatedMiner) => Section>> = {
  version: (miner) => {
    const [key, version] = traitsOf(miner).boser
    return [22, `${key} versions`, "VERSION", [{ API: "3.7", [key]: version }]]
  },
  summary: (miner) => [11, "Summary", "SUMMARY", [summaryRow(readMiner(miner))]],
  devs: (miner) => {
    const rows = deviceRows(miner, readMiner(miner))
    return [9, `${rows.length} ASC(s)`, "DEVS", rows]
  },
  devdetails: (miner) => [69, "Device Details", "DEVDETAILS", detailRows(miner, readMiner(miner))],
  temps: (miner) => [201, "3 Temp(s)", "TEMPS", tempRows(miner, readMiner(miner))],
  fans: (miner) => [202, "4 Fan(s)", "FANS", fanRows(readMiner(miner))],
  pools: (miner) => {
    const rows = poolRows(readMiner(miner))
    return [7, `${rows.length} Pool(s)`, "POOLS", rows]
  },
  tunerstatus: (miner) => [207, "Tuner Status", "TUNERSTATUS", [tunerRow(miner, readMiner(miner))]],
  config: (miner) => [
    33,
    "BOSminer config",
    "CONFIG",
    [
      {
        "ASC Count": miner.profile.boards,
        "PGA Count": 0,
        "Pool Count": miner.settings.pools.length,
        Strategy: "Failover",
        "Log Interval": 0,
        "Device Code": "",
        OS: "Braiins OS",
        Hotplug: "None",
      },
    ],
  ],
}

export const isWrite = (command: string): boolean => command === "pause" || command === "resume"

export function answerBraiins(miner: SimulatedMiner, { command }: CommandRequest): Answer {
  if (isWrite(command)) {
    set(miner, command, { mode: command === "pause" ? 1 : 0 })
    return { body: { ...said(miner, "S", 210, command), [command.toUpperCase()]: [true], id: 1 } }
  }
  const read = Object.hasOwn(reads, command) ? reads[command] : undefined
  if (!read) return { body: { ...said(miner, "E", 14, "Invalid command"), id: 1 } }
  const [code, message, name, rows] = read(miner)
  const answer: Answer = { body: { ...said(miner, "S", code, message), [name]: rows, id: 1 } }
  const row = name === "SUMMARY" ? rows[0] : undefined
  return row
    ? { ...answer, summary: { accepted: Number(row.Accepted), elapsed: Number(row.Elapsed) } }
    : answer
}

function said(miner: SimulatedMiner, severity: "S" | "E", code: number, message: string): Row {
  const [key, version] = traitsOf(miner).boser
  return { STATUS: status(severity, miner.nowS(), code, message, `${key} ${version}`) }
}

const idOf = (miner: SimulatedMiner, slot: number) => slot + traitsOf(miner).firstBoard

const summaryRow = (r: Reading): Row => ({
  Elapsed: r.elapsedS,
  "MHS 5s": round2(r.ths5s * MHS),
  "MHS 1m": round2(r.ths1m * MHS),
  "MHS 5m": round2(r.ths5m * MHS),
  "MHS 15m": round2(r.ths15m * MHS),
  "MHS 24h": round2(r.thsAvg * MHS * 0.98),
  "MHS av": round2(r.thsAvg * MHS),
  Accepted: r.accepted,
  Rejected: r.rejected,
  Stale: r.stale,
  "Hardware Errors": r.hwErrors,
  "Found Blocks": 0,
  "Best Share": r.bestShare,
  "Pool Rejected%": percent(r.rejected, r.accepted),
  "Pool Stale%": percent(r.stale, r.accepted),
  Utility: round2(r.sharesPerMinute),
})

/** The last board first, as it comes out of a hash map. */
const deviceRows = (miner: SimulatedMiner, r: Reading): Row[] =>
  r.boards
    .map((board): Row => {
      const share = r.ths5s === 0 ? 0 : board.ths / r.ths5s
      return {
        ASC: board.slot,
        ID: idOf(miner, board.slot),
        Name: "",
        Enabled: "Y",
        Status: board.alive || miner.sleeping ? "Alive" : "Dead",
        "Nominal MHS": round2(board.idealThs * MHS),
        "MHS 5s": round2(board.ths * MHS),
        "MHS 1m": round2(r.ths1m * share * MHS),
        "MHS 5m": round2(r.ths5m * share * MHS),
        "MHS 15m": round2(r.ths15m * share * MHS),
        "MHS 24h": round2(board.thsAvg * MHS),
        "MHS av": round2(board.thsAvg * MHS),
        "Hardware Errors": board.hwErrors,
        Accepted: board.accepted,
        Rejected: board.rejected,
        Temperature: 0,
      }
    })
    .reverse()

const detailRows = (miner: SimulatedMiner, r: Reading): Row[] =>
  r.boards.map((board) => ({
    DEVDETAILS: board.slot,
    ID: idOf(miner, board.slot),
    Name: "",
    Driver: "",
    Kernel: "",
    Model: `Bitmain ${traitsOf(miner).model}`,
    Chips: board.alive || miner.sleeping ? board.chips : 0,
    Frequency: board.frequencyMhz * 1e6,
    Voltage: board.alive ? 8.9 : 0,
  }))

const tempRows = (miner: SimulatedMiner, r: Reading): Row[] =>
  r.boards.map((board) => ({
    TEMP: board.slot,
    ID: idOf(miner, board.slot),
    Board: Math.max(...board.boardC),
    Chip: Math.max(...board.chipC),
  }))

/** Four connectors, whatever is plugged in. */
const fanRows = (r: Reading): Row[] =>
  [0, 1, 2, 3].map((at) => ({
    FAN: at,
    ID: at,
    RPM: r.fanRpm[at] ?? 0,
    Speed: Math.round(r.fanDuty * 100),
  }))

const poolRows = (r: Reading): Row[] =>
  r.pools.map((pool) => ({
    POOL: pool.index,
    URL: pool.url,
    User: pool.user,
    Status: pool.alive ? "Alive" : "Dead",
    Priority: pool.index,
    Quota: 1,
    "Stratum Active": pool.active && pool.alive,
    Accepted: pool.accepted,
    Rejected: pool.rejected,
    Stale: pool.stale,
    "Last Share Time": r.lastShareAgoS === null ? 0 : Math.floor(r.atS) - r.lastShareAgoS,
  }))

function tunerRow(miner: SimulatedMiner, r: Reading): Row {
  return {
    ApproximateMinerPowerConsumption: r.powerW,
    ApproximateChainPowerConsumption: Math.round(r.powerW * 0.93),
    PowerLimit: powerTargetOf(miner),
    DynamicPowerScaling: "Disabled",
    TunerChainStatus: r.boards.map((board) => ({
      HashchainIndex: idOf(miner, board.slot),
      Status: board.alive || miner.sleeping ? "Stable" : "Hashchain is not working",
    })),
  }
}
