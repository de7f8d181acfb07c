import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { type BoardReading, type Reading, readMiner } from "../../reading.ts"
import { round2 } from "../../rpc-protocol.ts"
import type { EpicTraits } from "./profiles.ts"

/** ePIC's documents, as the papers describe them. */
type Body = Record<string, unknown>
export const traits = (miner: SimulatedMiner) => miner.profile as Machine & EpicTraits

/** Target of the tuner in TH/s; null where it keeps to watts. */
export const TARGET_THS = "epic.target"

function operatingState(miner: SimulatedMiner): string {
  if (miner.sleeping) return "Idling"
  const state = miner.state()
  if (state === "not-hashing") return "Error"
  return state === "reloading" ? "Initializing" : "Mining"
}

const enabled = (r: Reading) => r.boards.filter((board) => board.alive)

export function summary(miner: SimulatedMiner): Body {
  const r = readMiner(miner)
  const { software } = traits(miner)
  const { settings } = miner
  const active = r.pools.find((pool) => pool.active) ?? r.pools[0]
  const name = software.split(" ")[0]
  return {
    Software: miner.firmwareVersion === null ? software : `${name} ${miner.firmwareVersion}`,
    Hostname: "epic",
    Mining: { Coin: "Btc", Algorithm: "SHA256" },
    Stratum: {
      "Current Pool": active?.url ?? "",
      "Current User": active?.user ?? "",
      IsPoolConnected: (active?.alive ?? false) && !miner.sleeping,
      "Average Latency": 24.5,
    },
    StratumConfigs: settings.pools
      .filter((pool) => pool.url !== "")
      .map((pool) => ({ pool: pool.url, login: pool.user })),
    Session: {
      Uptime: r.elapsedS,
      "Active HBs": enabled(r).length,
      "Average MHs": round2(r.thsAvg * 1e6),
      LastAverageMHs: round2(r.ths1m * 1e6),
      Accepted: r.accepted,
      Rejected: r.rejected,
      Submitted: r.accepted + r.rejected,
      Difficulty: r.difficulty,
      WorkReceived: Math.floor(r.elapsedS / 12),
      "Last Accepted Share Timestamp": Math.floor(r.atS - (r.lastShareAgoS ?? 0)),
    },
    HBs: miner.sleeping ? [] : enabled(r).map(hashBoard),
    HBStatus: r.boards.map((board) => ({ Index: board.slot, Detected: true, Enabled: board.alive })),
    Fans: { "Fans Speed": Math.round(r.fanDuty * 100), "Fan Mode": fanMode(miner) },
    "Fans Rpm": fansRpm(r),
    "Power Supply Stats": { "Input Power": r.powerW, "Input Voltage": 231.5, "Output Power": r.powerW - 160 },
    Status: { "Operating State": operatingState(miner), "Last Error": miner.stuck ? "No hashboards" : null },
    PerpetualTune: {
      Running: settings.powerLimitW !== null || miner.memory.has(TARGET_THS),
      Algorithm: algorithm(miner),
    },
    PresetInfo: { "Target Power": settings.powerLimitW },
    HwConfig: {
      "Boards Target Clock": r.boards.map((board) => ({ Index: board.slot, Data: r.frequencyMhz })),
    },
    Misc: { "Locate Miner State": miner.blinking, "Shutdown Temp": 90, "Critical Temp": 80 },
  }
}

function hashBoard(board: BoardReading): Body {
  return {
    Index: board.slot,
    "Input Voltage": 13.6,
    "Input Current": 70.1,
    "Input Power": 0,
    "Output Voltage": 13.6,
    "Output Current": 70.1,
    "Output Power": 953,
    Temperature: Math.max(...board.boardC),
    "Core Clock": board.frequencyMhz,
    "Core Clock Avg": board.frequencyMhz,
    Hashrate: [round2(board.ths * 1e6), round2((board.ths / board.idealThs) * 100), 1],
  }
}

/** Twelve headers in no order; null where no fan is. */
function fansRpm(r: Reading): Body {
  const order = [3, 1, 12, 2, 4, 5, 6, 7, 8, 9, 10, 11]
  return Object.fromEntries(order.map((n) => [`Fans Speed ${n}`, r.fanRpm[n - 1] ?? null]))
}

function fanMode(miner: SimulatedMiner): unknown {
  const { fanManual, fanPwm } = miner.settings
  if (!fanManual) return { Auto: { "Idle Speed": 20, "Target Temperature": 60 } }
  return traits(miner).manualFigure ? { Manual: fanPwm } : "Manual"
}

function algorithm(miner: SimulatedMiner): Body {
  const { powerLimitW } = miner.settings
  if (powerLimitW !== null)
    return {
      PowerTune: { Target: powerLimitW, Unit: "W", Optimized: true, "Min Throttle Target": powerLimitW },
    }
  const target = miner.memory.get(TARGET_THS) ?? Math.round(miner.profile.ths)
  return { VoltageOptimizer: { Target: target, Unit: "TH/s", Optimized: true } }
}

export function capabilities(miner: SimulatedMiner): Body {
  const { modelName, subtype, chipsPerBoard, boards } = traits(miner)
  return {
    Model: modelName,
    ...(subtype === null ? {} : { "Model Subtype": subtype }),
    "Default Hashrate": Math.round(miner.profile.ths),
    "Board Serial Numbers": readMiner(miner).boards.map((board) => board.serial),
    "Performance Estimator": { "Chip Count": chipsPerBoard * boards },
    Presets: [],
    Coins: ["Btc", "Bch"],
    "Max HBs": boards,
    PerpetualTune: { Algos: ["PowerTune", "VoltageOptimizer", "ChipTune", "BoardTune"] },
  }
}

export const network = (miner: SimulatedMiner): Body => ({
  dhcp: {
    address: miner.address,
    netmask: "255.255.255.0",
    gateway: miner.address.replace(/\d+$/, "254"),
    dns: "8.8.8.8",
    mac_address: macOf(miner),
  },
})

export function chipRates(miner: SimulatedMiner): Body[] {
  const r = readMiner(miner)
  return enabled(r).map((board) => {
    const mhs = round2((board.ths * 1e6) / board.chips)
    return {
      Index: board.slot,
      Data: Array.from({ length: board.chips }, () => [mhs, 100, 1]),
      Total: round2(board.ths * 1e6),
    }
  })
}

/** Converted Antminers have no sensors in their chips. */
export function chipTemps(miner: SimulatedMiner): Body[] {
  const own = traits(miner).modelName.startsWith("BLOCKMINER")
  return enabled(readMiner(miner)).map((board) => ({
    Index: board.slot,
    Data: Array.from({ length: board.chips }, (_, chip) => (own ? (board.chipC[chip % 4] ?? 0) : 0)),
  }))
}

export const boardTemps = (miner: SimulatedMiner): Body[] =>
  enabled(readMiner(miner)).map((board) => ({ Index: board.slot, Data: [board.picC[0], board.boardC[0]] }))
