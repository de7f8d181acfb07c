import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { unit } from "../../random.ts"
import type { Reading } from "../../reading.ts"
import { hostOf, percent, round2 } from "../../rpc-protocol.ts"
import type { AuradineTraits } from "./profiles.ts"

/** Every report of FluxOS: its code, its section and its rows. */
type Row = Record<string, unknown>
export type Report = { code: number; message: string; section: string; rows: Row[] }
export const traitsOf = (miner: SimulatedMiner) => miner.profile as Machine & AuradineTraits
export const LIGHT_LOCATE = 3

/** How the settings' modes are called. */
export const MODE_NAMES: Record<number, string> = { 0: "normal", 2: "turbo", 3: "eco" }
/** A machine that sleeps keeps the mode that it worked in. */
export const KEPT_MODE = "auradine kept mode"
export function awakeMode(miner: SimulatedMiner): number {
  const kept = miner.memory.get(KEPT_MODE)
  return miner.sleeping ? (typeof kept === "number" ? kept : 0) : miner.settings.mode
}

const mhs = (ths: number) => round2(ths * 1e6)
const unitText = (value: number, sign: string) => `${value.toFixed(2)}${sign}`

type Make = (miner: SimulatedMiner, reading: Reading) => Report
const report = (code: number, section: string, rows: Row[]): Report => ({
  code,
  message: `${section} report`,
  section,
  rows,
})

export const cgminerReports: Record<string, Make> = {
  version: (miner) =>
    report(22, "VERSION", [{ GCMiner: "1.4.2", API: "3.7", FluxOS: `FluxOS ${firmwareOf(miner)}` }]),
  devdetails: (miner, r) =>
    report(
      69,
      "DEVDETAILS",
      r.boards.map(({ slot }) => ({
        ...{ DEVDETAILS: slot, ID: slot + 1, Name: "AUR", Driver: "gcminer", Kernel: "" },
        ...{ Model: traitsOf(miner).model, Chips: miner.profile.chipsPerBoard },
      })),
    ),
  summary: (_miner, r) => report(11, "SUMMARY", [summaryRow(r)]),
  devs: (miner, r) =>
    report(
      9,
      "DEVS",
      r.boards.map((_, slot) => deviceRow(miner, r, slot)),
    ),
  pools: (_miner, r) =>
    report(
      7,
      "POOLS",
      r.pools.map((_, at) => poolRow(r, at)),
    ),
}

export const ownReports: Record<string, Make> = {
  psu: (_miner, r) =>
    report(570, "PSU", [
      {
        ...{
          ID: 1,
          PowerIn: unitText(r.powerW, "W"),
          PowerOut: unitText(r.powerW * 0.94, "W"),
          PoutMax: "5000.00W",
        },
        ...{ Vin: "245.00V", Vout: "14.20V", VoutSet: "14.20V", Iin: unitText(r.powerW / 245, "A") },
        ...{
          Iout: unitText((r.powerW * 0.94) / 14.2, "A"),
          FanSpeed1: "4052.00 RPM",
          FanSpeed2: "4061.00 RPM",
        },
      },
    ]),
  fan: (miner, r) =>
    report(
      510,
      "Fan",
      r.fanRpm.map((speed, at) => ({
        ID: at + 1,
        Speed: speed,
        Target: Math.round(miner.profile.maxFanRpm * r.fanDuty),
        Max: miner.profile.maxFanRpm,
      })),
    ),
  temperature: (miner, r) =>
    report(590, "Temperature", [
      { ID: 0, Name: "CB", BoardTemp: [{ ID: 0, Temperature: round2(r.inletC + 12) }], ChipTemp: null },
      ...r.boards.map((board) => ({
        ID: board.slot + 1,
        Name: `HB${board.slot + 1}`,
        BoardTemp: board.boardC.slice(0, 2).map((temp, at) => ({ ID: at, Temperature: temp })),
        ChipTemp: chips(miner, (chip) => ({
          ID: chip,
          Temperature: dead(miner, board.slot)
            ? 0
            : round2(
                board.chipMinC +
                  (board.chipMaxC - board.chipMinC) *
                    (chip === 0 ? 1 : unit(miner.seed, 700 + board.slot * 331 + chip)),
              ),
        })),
      })),
    ]),
  frequency: (miner, r) =>
    report(
      640,
      "Frequency",
      r.boards.map(({ slot }) => ({
        ID: slot + 1,
        ChipFrequency: chips(miner, (chip) => ({
          ID: chip,
          Frequency: dead(miner, slot) ? 0 : r.frequencyMhz,
        })),
      })),
    ),
  mode: (miner, r) =>
    report(540, "Mode", [
      {
        Mode: miner.settings.powerLimitW === null ? MODE_NAMES[awakeMode(miner)] : "custom",
        Power: miner.settings.powerLimitW ?? miner.profile.powerW,
        Ths: round2(r.idealThs),
        Sleep: miner.sleeping ? "on" : "off",
        ...(miner.settings.powerLimitW === null ? {} : { Tune: "power" }),
      },
    ]),
  led: (miner) =>
    report(530, "LED", [
      miner.blinking
        ? { Code: LIGHT_LOCATE, LED1: "blue blink", LED2: "blue blink", Msg: "Locate miner" }
        : miner.hasFault("pool-dead")
          ? { Code: 5, LED1: "red", LED2: "off", Msg: "Pool connection" }
          : { Code: 2, LED1: "green", LED2: "off", Msg: "Normal" },
    ]),
  ipreport: (miner, r) =>
    report(620, "IPReport", [
      {
        ...{ ip: miner.address, mac: macOf(miner).toLowerCase(), hostname: "teraflux" },
        version: `FluxOS ${firmwareOf(miner)}`,
        ...{
          SerialNo: `AUR${String(miner.seed % 1e8).padStart(8, "0")}`,
          CBSerialNo: "CB1",
          ChassisSerialNo: "CH1",
        },
        HBSerialNo: r.boards.map((board) => board.serial),
        ...{ model: traitsOf(miner).model, InternalType: "F0" },
      },
    ]),
}

const firmwareOf = (miner: SimulatedMiner) => miner.firmwareVersion ?? traitsOf(miner).version
const dead = (miner: SimulatedMiner, slot: number) => slot === miner.deadBoard()
const chips = (miner: SimulatedMiner, row: (chip: number) => Row): Row[] =>
  Array.from({ length: miner.profile.chipsPerBoard }, (_, chip) => row(chip))

function summaryRow(r: Reading): Row {
  return {
    ...{ Elapsed: r.elapsedS, "MHS av": mhs(r.thsAvg), "MHS 5s": mhs(r.hashing ? r.ths5s : 0) },
    ...{ "MHS 1m": mhs(r.ths1m), "MHS 5m": mhs(r.ths5m), "MHS 15m": mhs(r.ths15m) },
    ...{ Accepted: r.accepted, Rejected: r.rejected, Stale: r.stale, "Hardware Errors": r.hwErrors },
    ...{ Utility: round2(r.sharesPerMinute), "Best Share": r.bestShare },
    "Pool Rejected%": percent(r.rejected, r.accepted),
  }
}

/** Numbered from 1, and `Enabled` is a JSON boolean. */
function deviceRow(miner: SimulatedMiner, r: Reading, slot: number): Row {
  const board = r.boards[slot]!
  const off = dead(miner, slot)
  return {
    ...{ DEV: slot + 1, ID: slot + 1, Name: "AUR", Enabled: !off, Status: off ? "Dead" : "Alive" },
    Temperature: off ? 0 : round2(board.boardC[0]!),
    ...{ "MHS av": mhs(board.thsAvg), "MHS 5s": mhs(board.ths) },
    ...{ Accepted: board.accepted, Rejected: board.rejected, "Hardware Errors": board.hwErrors },
  }
}

function poolRow(r: Reading, at: number): Row {
  const pool = r.pools[at]!
  return {
    ...{
      POOL: pool.index,
      URL: pool.url,
      Status: pool.alive ? "Alive" : "Dead",
      Priority: pool.index,
      Quota: 1,
    },
    ...{ Accepted: pool.accepted, Rejected: pool.rejected, Stale: pool.stale, User: pool.user },
    "Stratum Active": pool.active,
    "Stratum URL": pool.active ? hostOf(pool.url) : "",
    "Stratum Difficulty": pool.active ? r.difficulty : 0,
    "Best Share": pool.active ? r.bestShare : 0,
  }
}
