import type { SimulatedMiner } from "../../miner.ts"
import { hex } from "../../random.ts"
import { type BoardReading, type Reading, readMiner } from "../../reading.ts"
import { powerTargetOf, traitsOf, versionOf } from "./traits.ts"

/** Everything that can be asked for. A member that is not here is an unknown field of this release. */
const MHS = 1e6

export function graphqlTree(miner: SimulatedMiner): unknown {
  const r = readMiner(miner)
  const { powerRangeW, powerW } = traitsOf(miner)
  return {
    bos: {
      hostname: `miner-${hex(miner.seed, 380, 6)}`,
      faultLight: miner.blinking,
      info: { version: { full: versionOf(miner) } },
      uptime: { durationS: r.uptimeS },
    },
    bosminer: {
      info: miner.sleeping ? null : info(miner, r),
      config: {
        groups: [{ id: "0", strategy: { quota: 1 } }],
        autotuning: { hashrateTarget: null, mode: "POWER_TARGET", powerTarget: powerTargetOf(miner) },
        metadata: {
          autotuning: { powerTarget: { default: powerW, min: powerRangeW[0], max: powerRangeW[1] } },
        },
      },
    },
    events: { appeals: [] },
  }
}

function info(miner: SimulatedMiner, r: Reading): unknown {
  const { model } = traitsOf(miner)
  return {
    modelName: model,
    workSolver: {
      nominalMhs: r.idealThs * MHS,
      realHashrate: {
        mhs5S: r.ths5s * MHS,
        mhs1M: r.ths1m * MHS,
        mhs15M: r.ths15m * MHS,
        mhs24H: r.thsAvg * MHS,
      },
      childSolvers: r.boards.map((board) => child(miner, r, board)),
    },
    fans: [0, 1, 2, 3].map((at) => ({
      name: String(at),
      rpm: r.fanRpm[at] ?? 0,
      speed: Math.round(r.fanDuty * 100),
    })),
    summary: { power: { approxConsumptionW: r.powerW, limitW: powerTargetOf(miner) } },
    poolGroups: [
      {
        name: "default",
        pools: r.pools.map((pool) => ({
          url: pool.url,
          user: pool.user,
          status: pool.alive ? "ALIVE" : "DEAD",
          active: pool.active && pool.alive,
          shares: { acceptedSolutions: pool.accepted, rejectedSolutions: pool.rejected },
        })),
      },
    ],
  }
}

function child(miner: SimulatedMiner, r: Reading, board: BoardReading): unknown {
  const { firstBoard, newSensors } = traitsOf(miner)
  const boardC = Math.max(...board.boardC)
  const chipC = Math.max(...board.chipC)
  const sensors: [string, number][] = newSensors
    ? [
        ["MAX_BOARD", boardC],
        ["MAX_CHIP", chipC],
        ["INLET", r.inletC + 8],
        ["OUTLET", boardC],
      ]
    : [
        ["Board", boardC],
        ["Chip", chipC],
      ]
  return {
    name: String(board.slot + firstBoard),
    nominalMhs: board.idealThs * MHS,
    realHashrate: { mhs5S: board.ths * MHS },
    hwDetails: {
      chips: board.chipsOk,
      frequencyMhz: board.frequencyMhz,
      voltageV: board.alive ? 8.9 : 0,
      ...(newSensors ? { hbSerialNumber: board.serial } : {}),
    },
    temperatures: sensors.map(([name, degreesC]) => ({ name, degreesC })),
  }
}
