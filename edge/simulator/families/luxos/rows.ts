import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { BoardReading, Reading } from "../../reading.ts"
import { hostOf, percent, round2, suffixed } from "../../rpc-protocol.ts"
import { presentStep, traitsOf } from "./steps.ts"

type Row = Record<string, unknown>
const MHS = 1e6

export const versionRow = (miner: SimulatedMiner): Row => {
  const { version, model } = traitsOf(miner)
  return {
    API: "3.7",
    CompileTime: "Tue Apr  8 22:05:35 UTC 2025",
    LUXminer: version,
    Miner: version.split("-")[0],
    Type: model,
  }
}

export const summaryRow = (r: Reading): Row => ({
  Elapsed: r.elapsedS,
  Accepted: r.accepted,
  "Best Share": r.bestShare,
  "Device Hardware%": 0,
  "Device Rejected%": 0,
  "Difficulty Accepted": r.accepted * r.difficulty,
  "Difficulty Rejected": r.rejected * r.difficulty,
  "Difficulty Stale": r.stale * r.difficulty,
  Discarded: 0,
  "Found Blocks": 0,
  "GHS 15m": round2(r.ths15m * 1000),
  "GHS 1m": round2(r.ths1m * 1000),
  "GHS 24h": round2(r.thsAvg * 970),
  "GHS 30m": round2(r.ths30m * 1000),
  "GHS 5m": round2(r.ths5m * 1000),
  "GHS 5s": round2(r.ths5s * 1000),
  "GHS av": round2(r.thsAvg * 1000),
  "Get Failures": 0,
  Getworks: Math.floor(r.elapsedS / 5),
  "Hardware Errors": r.hwErrors,
  "Last getwork": Math.floor(r.atS) - 4,
  "Local Work": 0,
  "Network Blocks": 0,
  "Pool Rejected%": percent(r.rejected, r.accepted),
  "Pool Stale%": percent(r.stale, r.accepted),
  Rejected: r.rejected,
  "Remote Failures": 0,
  Stale: r.stale,
  "Total MH": r.workThs * MHS,
  Utility: round2(r.sharesPerMinute),
  "Work Utility": round2(r.sharesPerMinute / 2),
})

/** Bitmain's layout with LuxOS's traps: the mean of a board as the total, slots as chips, one sensor under three names. */
export function statsRows(miner: SimulatedMiner, r: Reading): Row[] {
  const { Miner, Type, CompileTime } = versionRow(miner)
  const mhz = presentStep(miner).mhz
  const slots = [0, 1, 2, 3]
  const each = (make: (board: BoardReading | undefined, at: number) => Row): Row =>
    Object.assign({}, ...slots.map((slot) => make(r.boards[slot], slot + 1)))
  const corners = (board: BoardReading | undefined) =>
    board?.alive ? cornersOf(board, r).join("-") : "0-0-0-0"
  return [
    { CompileTime, Miner, Type },
    {
      STATS: 0,
      Calls: 0,
      Elapsed: r.elapsedS,
      "GHS 5s": round2(r.ths5s * 1000),
      "GHS av": round2(r.thsAvg * 1000),
      ID: "BTM_SOC0",
      Max: 0,
      Min: 99_999_999,
      Mode: 2,
      Wait: 0,
      ...each((board, at) => ({ [`chain_acn${at}`]: board?.chips ?? 0 })),
      ...each((board, at) => ({ [`chain_acs${at}`]: board ? chipMap(board) : "" })),
      ...each((board, at) => ({ [`chain_hw${at}`]: board?.hwErrors ?? 0 })),
      ...each((board, at) => ({ [`chain_rate${at}`]: board ? round2(board.thsAvg * 1000).toFixed(2) : "0" })),
      ...Object.assign({}, ...r.fanRpm.map((rpm, at) => ({ [`fan${at + 1}`]: rpm }))),
      fan_num: r.fanRpm.length,
      ...each((board, at) => ({ [`freq${at}`]: board?.alive ? mhz : 0 })),
      frequency: mhz,
      miner_count: r.boards.length,
      miner_id: macOf(miner).replaceAll(":", "").toLowerCase(),
      miner_version: Miner,
      no_matching_work: r.hwErrors,
      rate_30m: round2(r.ths30m * 1000),
      rate_unit: "GH",
      ...Object.assign({}, ...[1, 2, 3].map((at) => ({ [`temp${at}`]: hottest(r.boards[at - 1], r) }))),
      ...Object.assign({}, ...[1, 2, 3].map((at) => ({ [`temp2_${at}`]: hottest(r.boards[at - 1], r) }))),
      ...each((board, at) => ({ [`temp_chip${at}`]: corners(board) })),
      ...each((board, at) => ({ [`temp_pcb${at}`]: corners(board) })),
      ...each((board, at) => ({ [`temp_pic${at}`]: corners(board) })),
      temp_max: Math.max(...r.boards.map((board) => hottest(board, r))),
      temp_num: r.boards.length,
      "total rate": round2((r.thsAvg * 1000) / r.boards.length),
      total_acn: slots.length,
      total_freqavg: mhz,
      total_rateideal: round2(r.idealThs * 1000),
    },
  ]
}

function chipMap({ chips, chipsOk }: BoardReading): string {
  return Array.from(
    { length: chips },
    (_, at) => `${at % 4 === 0 ? " " : ""}${at < chipsOk ? "o" : "x"}`,
  ).join("")
}

/** Top left, top right, bottom right, bottom left: warm, cold, cold, warm. LuxOS reads boards, not chips. */
export function cornersOf(board: BoardReading, r: Reading): number[] {
  const warm = Math.round(board.boardC[0]!)
  const cold = Math.round(r.inletC + (warm - r.inletC) * 0.3)
  return [warm, cold, cold, warm]
}

const hottest = (board: BoardReading | undefined, r: Reading): number =>
  board ? Math.max(...cornersOf(board, r)) : 0

/** In no order of theirs: the last board first. */
export function deviceRows(miner: SimulatedMiner, r: Reading): Row[] {
  const ramping = miner.state() === "warming"
  const profile = presentStep(miner)
  const rows = r.boards.map((board): Row => {
    const { slot } = board
    const rate = (ths: number) => (board.alive ? ths : 0) * MHS
    const share = r.ths5s === 0 ? 0 : board.ths / r.ths5s
    return {
      ASC: slot,
      Accepted: board.accepted,
      Board: "BHB56903",
      Connector: `J${[7, 9, 8][slot] ?? 7 + slot}`,
      ControllerIPVersionHex: "0x18351835",
      ControllerIPVersionStr: "N/A",
      "Device Elapsed": r.elapsedS,
      "Device Hardware%": 0,
      "Device Rejected%": 0,
      "Diff1 Work": board.accepted * r.difficulty,
      "Difficulty Accepted": board.accepted * r.difficulty,
      "Difficulty Rejected": board.rejected * r.difficulty,
      Enabled: "Y",
      "Hardware Error MHS 15m": 0,
      "Hardware Errors": board.hwErrors,
      ID: slot,
      IsRamping: ramping,
      IsUserShutdown: false,
      "Last Share Difficulty": r.difficulty,
      "Last Share Pool": r.pools.find((pool) => pool.active)?.index ?? 0,
      "Last Share Time": Math.floor(r.atS) - (r.lastShareAgoS ?? 0),
      "Last Valid Work": Math.floor(r.atS) - (r.lastShareAgoS ?? 0),
      "MHS 15m": rate(r.ths15m * share),
      "MHS 1m": rate(board.ths),
      "MHS 30m": rate(r.ths30m * share),
      "MHS 5m": rate(r.ths5m * share),
      "MHS 5s": rate(board.ths),
      "MHS 60m": rate(r.ths30m * share),
      "MHS av": rate(board.thsAvg),
      Name: "",
      "Nominal MHS": board.idealThs * MHS,
      Profile: profile.name,
      Rejected: board.rejected,
      SerialNumber: board.serial,
      Status: board.alive || miner.sleeping ? "Alive" : "Dead",
      Temperature: hottest(board, r),
      "Total MH": rate(board.thsAvg) * r.elapsedS,
      Utility: 0,
    }
  })
  return rows.length < 3 ? rows.reverse() : [rows[2]!, rows[0]!, rows[1]!, ...rows.slice(3)]
}

export function poolRows(r: Reading): Row[] {
  return r.pools.map((pool): Row => {
    const total = pool.accepted
    return {
      POOL: pool.index,
      Accepted: pool.accepted,
      AsicBoost: true,
      "Bad Work": 0,
      "Best Share": pool.active ? r.bestShare : 0,
      "Current Block Height": 0,
      "Current Block Version": 536_870_912,
      Diff: suffixed(r.difficulty),
      "Diff1 Shares": total * r.difficulty,
      "Difficulty Accepted": total * r.difficulty,
      "Difficulty Rejected": pool.rejected * r.difficulty,
      "Difficulty Stale": pool.stale * r.difficulty,
      Discarded: 0,
      GROUP: 0,
      "Get Failures": 0,
      Getworks: 328,
      "Has GBT": false,
      "Has Stratum": true,
      "Has Vmask": true,
      "Last Share Difficulty": pool.active ? r.difficulty : 0,
      "Last Share Time": clockText(r.lastShareAgoS ?? 0),
      "Long Pool": "N",
      "Pool Rejected%": percent(pool.rejected, pool.accepted),
      "Pool Stale%": percent(pool.stale, pool.accepted),
      Priority: pool.index,
      Proxy: "",
      "Proxy Type": "",
      Quota: 1,
      Rejected: pool.rejected,
      "Remote Failures": 0,
      Stale: pool.stale,
      Status: pool.alive ? "Alive" : "Dead",
      "Stratum Active": pool.active && pool.alive,
      "Stratum Difficulty": pool.active ? r.difficulty : 0,
      "Stratum URL": hostOf(pool.url) + (/:\d+$/.exec(pool.url)?.[0] ?? ""),
      URL: pool.url,
      User: pool.user,
      "Work Difficulty": pool.active ? r.difficulty : 0,
      Works: 0,
    }
  })
}

/** How long ago, as `00:00:01`. */
function clockText(agoS: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0")
  return `${two(agoS / 3600)}:${two((agoS / 60) % 60)}:${two(agoS % 60)}`
}
