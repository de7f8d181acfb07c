import type { SimulatedMiner } from "../../miner.ts"
import { unit } from "../../random.ts"
import type { Reading } from "../../reading.ts"
import { deviceTimeS, scheduledS, serialOf, traitsOf, workMode } from "./state.ts"

/** The vendor's string: `Key[value] Key[value] …`, in the order that recorded machines have. */
type Field = readonly [key: string, value: string | number]
const render = (fields: readonly Field[]) => fields.map(([key, value]) => `${key}[${value}]`).join(" ")

const SPREAD = [0.91, 0.965, 1.03, 1.095]
const two = (value: number) => value.toFixed(2)
const each = (reading: Reading, show: (slot: number) => string | number) =>
  reading.boards.map((board) => show(board.slot)).join(" ")

/** A chip's temperature between its board's coldest and hottest; a dead board's chips tell 0. */
function chipRow(miner: SimulatedMiner, reading: Reading, slot: number): number[] {
  const board = reading.boards[slot]!
  const dead = slot === miner.deadBoard()
  const spread = board.chipMaxC - board.chipMinC
  return Array.from({ length: board.chips }, (_, chip) =>
    dead
      ? 0
      : Math.round(board.chipMinC + spread * (chip === 0 ? 1 : unit(miner.seed, 5_000 + slot * 997 + chip))),
  )
}

function chips(miner: SimulatedMiner, reading: Reading, volts: boolean): Field[] {
  const rows = reading.boards.map(({ slot }) => [slot, chipRow(miner, reading, slot)] as const)
  const work = (slot: number, row: readonly number[]) =>
    row.map((temp, chip) =>
      temp === 0
        ? 0
        : 1 +
          Math.floor(reading.workThs / 400 / row.length + 8 * unit(miner.seed, 9_000 + slot * 997 + chip)),
    )
  return [
    ...rows.map(
      ([slot, row]): Field => [`PVT_T${slot}`, row.map((temp) => String(temp).padStart(3)).join(" ")],
    ),
    ...(volts
      ? rows.map(
          ([slot, row]): Field => [
            `PVT_V${slot}`,
            row.map((temp) => (temp === 0 ? 0 : 310 - (temp >> 1))).join(" "),
          ],
        )
      : []),
    ...rows.map(([slot, row]): Field => [`MW${slot}`, work(slot, row).join(" ")]),
  ]
}

/** `'HB0':{PVT_T0[…] …}`, beside the summary of a home model. */
export const boardInfo = (miner: SimulatedMiner, reading: Reading): string =>
  `'HB0':{${render(chips(miner, reading, true))}}`

export function mmText(miner: SimulatedMiner, reading: Reading): string {
  const { dialect } = traitsOf(miner)
  if (dialect === "home") return `'STATS':{${render(homeFields(miner, reading))}}`
  return render(dialect === "old" ? oldFields(miner, reading) : aFields(miner, reading))
}

function working(miner: SimulatedMiner, reading: Reading): string {
  const work = miner.sleeping ? "In Idle" : reading.hashing ? "In Work" : "In Init"
  return `Work: ${work}, Hash Board: ${reading.boards.length}${traitsOf(miner).dialect === "home" ? "" : " "}`
}

const hottest = (reading: Reading) => Math.max(...reading.boards.map((board) => board.chipMaxC))
const average = (reading: Reading) =>
  reading.boards.reduce((sum, board) => sum + board.chipAvgC, 0) / reading.boards.length
const clocks = (miner: SimulatedMiner) =>
  SPREAD.map((part) =>
    Math.round((miner.profile.frequencyMhz * part * miner.settings.frequencyPercent) / 100),
  ).join(" ")
const alive = (miner: SimulatedMiner, reading: Reading) =>
  reading.boards.length * miner.profile.chipsPerBoard -
  (miner.deadBoard() === null ? 0 : miner.profile.chipsPerBoard)
const nowGhs = (miner: SimulatedMiner, reading: Reading) => two(miner.sleeping ? 0 : reading.ths5s * 1e3)
const fans = (reading: Reading, count: number): Field[] =>
  Array.from({ length: count }, (_, at): Field => [`Fan${at + 1}`, reading.fanRpm[at] ?? 0])
const firmware = (miner: SimulatedMiner) => miner.firmwareVersion ?? traitsOf(miner).version

function aFields(miner: SimulatedMiner, r: Reading): Field[] {
  const dead = miner.deadBoard()
  const { model, wallPower, schedules, fans: fitted } = traitsOf(miner)
  const output = Math.round(r.powerW * 0.945)
  const pll = "3346 2549 4722 13703"
  return [
    ["Ver", `${model}-${firmware(miner)}`],
    ["DNA", serialOf(miner)],
    ["MEMFREE", "1392832.1381104"],
    ["NETFAIL", "0 0 0 0 0 0 0 0"],
    ["SYSTEMSTATU", working(miner, r)],
    ["Elapsed", r.elapsedS],
    ["BOOTBY", "0x04.00000000"],
    ["LW", r.elapsedS * 700],
    ["MH", each(r, () => 0)],
    ["DHW", 0],
    ["HW", 0],
    ["DH", "1.299%"],
    ["Temp", Math.round(r.inletC)],
    ["TMax", Math.round(hottest(r))],
    ["TAvg", Math.round(average(r))],
    ...fans(r, fitted),
    ["FanR", `${Math.round(r.fanDuty * 100)}%`],
    ["Vo", 296],
    ["PS", `0 1209 1187 ${Math.round(output / 11.87)} ${output} 1188 ${r.powerW}`],
    ...(wallPower ? ([["WALLPOWER", r.powerW]] as const) : []),
    ...r.boards.map(({ slot }): Field => [`PLL${slot}`, pll]),
    ["GHSspd", nowGhs(miner, r)],
    ["DHspd", "1.299%"],
    ["GHSmm", two(r.idealThs * 1e3)],
    ["GHSavg", two(r.thsAvg * 1e3)],
    ["WU", two(r.sharesPerMinute * r.difficulty)],
    ["Freq", two(r.frequencyMhz)],
    ["Led", miner.blinking ? 1 : 0],
    ["MGHS", each(r, (slot) => two(r.boards[slot]!.thsAvg * 1e3))],
    ["MTmax", each(r, (slot) => Math.round(r.boards[slot]!.chipMaxC))],
    ["MTavg", each(r, (slot) => Math.round(r.boards[slot]!.chipAvgC))],
    ["MVavg", each(r, (slot) => (285.7 + slot / 10).toFixed(1))],
    ["TA", alive(miner, r)],
    ["Core", "A3197S"],
    ["PING", 24 + (miner.seed % 40)],
    ["POWS", 0],
    ["EEPROM", each(r, () => miner.profile.chipsPerBoard)],
    ["HASHS", each(r, (slot) => (slot === dead ? 1 : 0))],
    ["POOLS", 0],
    ["SoftOFF", miner.sleeping ? 2 : 0],
    ...(schedules
      ? ([
          ["SoftOffTime", scheduledS(miner, true)],
          ["SoftOnTime", scheduledS(miner, false)],
        ] as const)
      : []),
    ["ECHU", each(r, (slot) => (slot === dead ? 512 : 0))],
    ["ECMM", 0],
    ...r.boards.map(({ slot }): Field => [`SF${slot}`, clocks(miner)]),
    ...chips(miner, r, true),
    ["CRC", each(r, () => 0)],
    ["COMCRC", each(r, () => 0)],
    ...r.boards.map(({ slot }): Field => [`FACOPTS${slot}`, ""]),
    ["ADJ", 1],
    ["MPO", Math.round(miner.profile.powerW * 0.96)],
    ["WORKMODE", workMode(miner)],
  ]
}

function homeFields(miner: SimulatedMiner, r: Reading): Field[] {
  const version = firmware(miner)
  const { model, fans: fitted } = traitsOf(miner)
  const small = r.boards[0]!.chips < 100
  const standbyW = Math.round(miner.profile.powerW * 0.09)
  const watts = miner.sleeping ? standbyW : r.powerW
  return [
    ["Ver", `${model}-${version}`],
    ["LVer", version],
    ["BVer", version],
    ["CPU", "K230"],
    ["FW", "Release"],
    ["DNA", serialOf(miner)],
    ["STATE", miner.sleeping ? 2 : 1],
    ["MEMFREE", 67_896],
    ["NETFAIL", "0 0 0 0 0 0 0 0"],
    // A name that its owner chose.
    ["SSID", "attic]net"],
    ["RSSI", 0],
    ["NetDevType", 0],
    ["SYSTEMSTATU", working(miner, r)],
    ["Elapsed", r.elapsedS],
    ["BOOTBY", "0x01.00000000"],
    ["LW", r.elapsedS * 450],
    ["MH", 0],
    ["DHW", 0],
    ["HW", 0],
    ["DH", "2.449%"],
    ["ITemp", Math.round(r.inletC)],
    ["HBITemp", Math.round(r.inletC + 6)],
    [small ? "OTemp" : "HBOTemp", Math.round(r.inletC + 14)],
    ["TMax", miner.sleeping ? 0 : Math.round(hottest(r))],
    ["TAvg", miner.sleeping ? 0 : Math.round(average(r))],
    ["TarT", 65],
    // All of them have four plugs.
    ...fans(r, Math.max(4, fitted)),
    ["FanR", `${Math.round(r.fanDuty * 100)}%`],
    ["SoftOffTime", scheduledS(miner, true)],
    ["SoftOnTime", scheduledS(miner, false)],
    ["Filter", Math.floor(r.elapsedS / 60)],
    ["FanErr", miner.hasFault("fan-failure") ? 1 : 0],
    ["SoloAllowed", 1],
    ["PS", small ? `0 0 27535 4 0 3626 ${watts}` : `0 1221 ${miner.sleeping ? 4 : 2245} 0 0 2245 ${watts}`],
    ["PCOMM_E", 0],
    ["GHSspd", nowGhs(miner, r)],
    ["DHspd", "0.000%"],
    ["GHSmm", two(r.idealThs * 1e3)],
    ["GHSavg", two(r.thsAvg * 1e3)],
    ["WU", two(r.sharesPerMinute * r.difficulty)],
    ["Freq", two(r.frequencyMhz)],
    ["MGHS", two(r.thsAvg * 1e3)],
    ["TA", alive(miner, r)],
    ["Core", "A3197S"],
    ["BIN", 36],
    ["PING", 17],
    ["SoftOFF", miner.sleeping ? 4 : 0],
    ["ECHU", miner.deadBoard() === null ? 0 : 131_584],
    ["ECMM", 0],
    ["PLL0", "8843 5769 5098 4610"],
    ["SF0", clocks(miner)],
    ["CRC", 0],
    ["COMCRC", 0],
    ["ATA0", `${Math.round(miner.profile.powerW * 0.96)}-65-2264-258-20`],
    ["LcdOnoff", 1],
    ["Activation", 0],
    ["WORKMODE", workMode(miner)],
    ["WORKLEVEL", 0],
    ["MPO", Math.round(miner.profile.powerW * 0.96)],
    ["CALIALL", 7],
    ["ADJ", 1],
    ["Nonce Mask", 25],
  ]
}

/** No rate, no power supply, no state: chips found by the work they did. */
function oldFields(miner: SimulatedMiner, r: Reading): Field[] {
  const dead = miner.deadBoard()
  return [
    ["Ver", firmware(miner)],
    ["DNA", serialOf(miner)],
    ["Elapsed", r.elapsedS],
    ["LW", r.elapsedS * 90],
    ["MH", each(r, () => 0)],
    ["HW", each(r, () => 0)],
    ["DH", "0.891%"],
    ["Temp", Math.round(r.inletC)],
    ["TMax", Math.round(hottest(r))],
    ["Fan1", r.fanRpm[0] ?? 0],
    ["FanR", `${Math.round(r.fanDuty * 100)}%`],
    ["Vo", 4_415],
    ...r.boards.map(({ slot }): Field => [`PLL${slot}`, "12 40 210 3820"]),
    ["GHSmm", two(r.idealThs * 1e3)],
    ["WU", two(r.sharesPerMinute * r.difficulty)],
    ["Freq", two(r.frequencyMhz)],
    ["Led", 0],
    ...chips(miner, r, false).filter(([key]) => key.startsWith("MW")),
    ["TA", alive(miner, r)],
    ["ECHU", each(r, (slot) => (slot === dead ? 512 : 0))],
    ["ECMM", 0],
    ...r.boards.map(({ slot }): Field => [`SF${slot}`, clocks(miner)]),
    ["CRC", each(r, () => 0)],
    ["Time", `${deviceTimeS(miner)}, by NTP`],
  ]
}
