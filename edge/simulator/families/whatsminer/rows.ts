import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { hex } from "../../random.ts"
import type { BoardReading, Reading } from "../../reading.ts"
import { hostOf, percent, round2 } from "../../rpc-protocol.ts"
import { modeName } from "./mode.ts"
import type { WhatsminerTraits } from "./profiles.ts"

/** The rows of btminer's reports; key paths as recorded from an M20S and an M50S. */
type Row = Record<string, unknown>

export function traits(miner: SimulatedMiner): Machine & WhatsminerTraits {
  return miner.profile as Machine & WhatsminerTraits
}

/** 53n: board n not found; 35n: board n too hot. */
export function errorCodes(miner: SimulatedMiner, r: Reading): string[] {
  const dead = miner.deadBoard()
  const hot = r.boards.findIndex((board) => board.alive && board.chipMaxC > 98)
  return [...(dead === null ? [] : [`53${dead}`]), ...(hot === -1 ? [] : [`35${hot}`])]
}

export function deviceTime(miner: SimulatedMiner): string {
  return new Date(miner.session.startedS * 1000).toISOString().slice(0, 19).replace("T", " ")
}

export function nameplateW(miner: SimulatedMiner): number {
  return Math.ceil(miner.profile.powerW / 100) * 100
}

export function powerLimit(miner: SimulatedMiner): number {
  return miner.settings.powerLimitW ?? nameplateW(miner)
}

export function firmwareOf(miner: SimulatedMiner): string {
  return miner.firmwareVersion ?? traits(miner).firmware
}

/** Per cent above or below the factory's frequency. */
export function frequencyOffset(miner: SimulatedMiner): number {
  return miner.settings.frequencyPercent - 100
}

export function powerFan(r: Reading): number {
  return Math.round((4_500 + r.fanDuty * 5_000) / 60) * 60
}

function fansInOut(r: Reading): Row {
  return { "Fan Speed In": r.fanRpm[0] ?? 0, "Fan Speed Out": r.fanRpm[1] ?? 0 }
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

const POWER_MODES = { low: "Low", normal: "Normal", high: "High" } as const

export function summaryRow(miner: SimulatedMiner, r: Reading): Row {
  const { platform, model } = traits(miner)
  const codes = errorCodes(miner, r)
  const chips = r.boards.filter((board) => board.alive)
  const of = (pick: (board: BoardReading) => number, join: (values: number[]) => number) =>
    round2(chips.length === 0 ? r.inletC : join(chips.map(pick)))
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const max = (values: number[]) => Math.max(...values)
  const tuned = r.elapsedS >= 1_800 || miner.session.ramp(r.atS) >= 1
  return {
    Elapsed: r.elapsedS,
    ...rateKeys(r, 1),
    "HS RT": round2(r.ths1m * 1e6),
    Accepted: r.accepted,
    Rejected: r.rejected,
    "Found Blocks": 0,
    Getworks: Math.floor(r.elapsedS / 11),
    "Hardware Errors": r.hwErrors,
    Utility: round2(r.sharesPerMinute),
    Discarded: r.elapsedS * 60,
    Stale: r.stale,
    "Get Failures": 0,
    "Local Work": r.elapsedS * 7_800,
    "Remote Failures": 0,
    "Network Blocks": Math.floor(r.elapsedS / 600),
    "Total MH": Math.round(r.workThs * 1e6),
    "Work Utility": round2(r.sharesPerMinute * 270),
    "Difficulty Accepted": r.accepted * r.difficulty,
    "Difficulty Rejected": r.rejected * r.difficulty,
    "Difficulty Stale": r.stale * r.difficulty,
    "Best Share": r.bestShare,
    "Device Hardware%": 0.011,
    "Device Rejected%": 0,
    "Pool Rejected%": percent(r.rejected, r.accepted),
    "Pool Stale%": percent(r.stale, r.accepted),
    "Last getwork": 0,
    Temperature: of((board) => Math.max(...board.boardC), max),
    freq_avg: r.frequencyMhz,
    ...fansInOut(r),
    Voltage: 1180,
    Power: r.powerW,
    Power_RT: r.powerW,
    "Power Rate": r.thsAvg === 0 ? 0 : round2(r.powerW / r.thsAvg),
    "Power Fanspeed": powerFan(r),
    "Power Current": Math.round(r.powerW / 13.1),
    "Power Limit": powerLimit(miner),
    "Power Mode": POWER_MODES[modeName(miner)],
    "Env Temp": round2(r.inletC),
    "Chip Temp Min": of(
      (board) => board.chipMinC,
      (all) => Math.min(...all),
    ),
    "Chip Temp Max": of((board) => board.chipMaxC, max),
    "Chip Temp Avg": of((board) => board.chipAvgC, mean),
    "Factory GHS": Math.round(miner.profile.ths * 1e3),
    "Target Freq": r.frequencyMhz,
    "Target MHS": Math.round(r.idealThs * 1e6),
    "Hash Stable": tuned && r.hashing,
    "Hash Stable Cost Seconds": Math.min(r.elapsedS, 1_538),
    "Hash Deviation%": 0.1061,
    "Liquid Cooling": false,
    "Security Mode": 0,
    MAC: macOf(miner),
    "Firmware Version": `'${firmwareOf(miner)}'`,
    "CB Platform": platform,
    "CB Version": "V10",
    "Chip Data": `${model.split("_")[0]}-${hex(miner.seed, 250, 6)}`,
    "Factory Error Code Count": 0,
    "Error Code Count": codes.length,
    ...Object.fromEntries(codes.map((code, i) => [`Error Code ${i}`, Number(code)])),
    Uptime: r.uptimeS,
  }
}

export function poolRow(r: Reading, index: number): Row {
  const pool = r.pools[index]!
  const lastShare = pool.active && r.lastShareAgoS !== null ? Math.floor(r.atS - r.lastShareAgoS) : 0
  return {
    POOL: index + 1,
    URL: pool.url,
    Status: pool.alive ? "Alive" : "Dead",
    Priority: index,
    Quota: 1,
    "Long Poll": "N",
    Getworks: pool.active ? Math.floor(r.elapsedS / 11) : 0,
    Accepted: pool.accepted,
    Rejected: pool.rejected,
    Works: pool.active ? r.elapsedS * 7_900 : 0,
    Discarded: pool.active ? r.elapsedS * 60 : 0,
    Stale: pool.stale,
    "Get Failures": 0,
    "Remote Failures": 0,
    User: pool.user,
    "Last Share Time": lastShare,
    "Diff1 Shares": pool.accepted * 270,
    "Proxy Type": "",
    Proxy: "",
    "Difficulty Accepted": pool.accepted * r.difficulty,
    "Difficulty Rejected": pool.rejected * r.difficulty,
    "Difficulty Stale": pool.stale * r.difficulty,
    "Last Share Difficulty": lastShare === 0 ? 0 : r.difficulty,
    "Work Difficulty": 0,
    "Has Stratum": true,
    "Stratum Active": pool.active,
    "Stratum URL": hostOf(pool.url),
    "Stratum Difficulty": pool.active ? r.difficulty : 0,
    "Has GBT": false,
    "Best Share": pool.active ? r.bestShare : 0,
    "Pool Rejected%": percent(pool.rejected, pool.accepted),
    "Pool Stale%": percent(pool.stale, pool.accepted),
    "Bad Work": 0,
    "Current Block Height": pool.active ? 920_127 : 0,
    "Current Block Version": pool.active ? 536_870_912 : 0,
  }
}

export function deviceRow(miner: SimulatedMiner, r: Reading, board: BoardReading): Row {
  const part = r.thsAvg === 0 ? 0 : board.thsAvg / r.thsAvg
  const lastShare = r.lastShareAgoS === null ? 0 : Math.floor(r.atS - r.lastShareAgoS)
  return {
    ASC: board.slot,
    Name: "SM",
    ID: board.slot,
    Slot: board.slot,
    Enabled: "Y",
    Status: board.alive || miner.sleeping ? "Alive" : "Dead",
    Temperature: Math.max(...board.boardC),
    "Chip Frequency": board.frequencyMhz,
    Frequency: board.frequencyMhz,
    ...fansInOut(r),
    ...rateKeys(r, part),
    Accepted: board.accepted,
    Rejected: board.rejected,
    "Hardware Errors": board.hwErrors,
    Utility: round2(r.sharesPerMinute * part),
    "Last Share Pool": r.pools.find((pool) => pool.active)?.index ?? 0,
    "Last Share Time": lastShare,
    "Total MH": Math.round(r.workThs * 1e6 * part),
    "Diff1 Work": board.accepted * 270,
    "Difficulty Accepted": board.accepted * r.difficulty,
    "Difficulty Rejected": board.rejected * r.difficulty,
    "Last Share Difficulty": lastShare === 0 ? 0 : r.difficulty,
    "Last Valid Work": Math.floor(r.atS),
    "Device Hardware%": 0.0072,
    "Device Rejected%": 0,
    "Device Elapsed": r.elapsedS,
    "Upfreq Complete": board.alive && miner.session.ramp(r.atS) >= 1 ? 1 : 0,
    "Effective Chips": board.chipsOk,
    "Factory GHS": Math.round(board.idealThs * 1e3),
    "PCB SN": board.serial,
    "Chip Temp Min": round2(board.chipMinC),
    "Chip Temp Max": round2(board.chipMaxC),
    "Chip Temp Avg": round2(board.chipAvgC),
  }
}
