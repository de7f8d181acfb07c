import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { type BoardReading, type Reading, readMiner } from "../../reading.ts"
import type { GpuTraits } from "./profiles.ts"

/** What each program answers, by its path. Fans are per cent but for SRBMiner. */
type Row = Record<string, unknown>
export const traits = (miner: SimulatedMiner) => miner.profile as Machine & GpuTraits
const hs = (ths: number) => Math.round(ths * 1e12)
const poolOf = (r: Reading) => r.pools.find((pool) => pool.active) ?? r.pools[0]
const cardW = (r: Reading) => Math.round(r.powerW / r.boards.length)
const fanPct = (r: Reading) => Math.round(r.fanDuty * 100)
const core = (board: BoardReading) => Math.round(board.chipMaxC)

type Program = { path: string; answer: (miner: SimulatedMiner, r: Reading) => Row }

export const programs: Record<Exclude<GpuTraits["program"], "teamredminer">, Program> = {
  trex: {
    path: "/summary",
    answer: (miner, r) => ({
      name: "t-rex",
      version: traits(miner).version,
      algorithm: "kawpow",
      uptime: r.elapsedS,
      hashrate: hs(r.ths5s),
      accepted_count: r.accepted,
      rejected_count: r.rejected,
      invalid_count: r.hwErrors,
      paused: miner.sleeping,
      gpu_total: r.boards.length,
      active_pool: { url: poolOf(r)?.url, user: poolOf(r)?.user, ping: 31 },
      gpus: r.boards.map((board) => ({
        device_id: board.slot,
        gpu_id: board.slot,
        name: traits(miner).device,
        hashrate: hs(board.ths),
        temperature: core(board),
        fan_speed: fanPct(r),
        power: cardW(r),
        cclock: board.frequencyMhz,
        uuid: board.serial,
        paused: false,
      })),
    }),
  },
  "lolminer-old": {
    path: "/",
    answer: (miner, r) => ({
      Software: `lolMiner ${traits(miner).version}`,
      Mining: { Algorithm: "Ethash" },
      Session: {
        Uptime: r.elapsedS,
        Performance_Summary: r.ths5s * 1e6,
        Performance_Unit: "mh/s",
        Accepted: r.accepted,
        Submitted: r.accepted + r.rejected,
      },
      Stratum: { Current_Pool: poolOf(r)?.url, Current_User: poolOf(r)?.user },
      GPUs: r.boards.map((board) => ({
        Index: board.slot,
        Name: traits(miner).device,
        Performance: board.ths * 1e6,
        "Temp (deg C)": core(board),
        "Fan Speed (%)": fanPct(r),
        "Power (W)": cardW(r),
      })),
    }),
  },
  lolminer: {
    path: "/",
    answer: (miner, r) => ({
      Software: `lolMiner ${traits(miner).version}`,
      Session: { Startup: "x", Uptime: r.elapsedS },
      Num_Workers: r.boards.length,
      Workers: r.boards.map((board) => ({
        Index: board.slot,
        Name: traits(miner).device,
        Power: cardW(r),
        CCLK: board.frequencyMhz,
        Core_Temp: core(board),
        Fan_Speed: fanPct(r),
        PCIE_Address: `${board.slot + 1}:0`,
      })),
      Algorithms: [
        {
          Algorithm: "Ethash",
          Pool: poolOf(r)?.url,
          User: poolOf(r)?.user,
          Performance_Unit: "Mh/s",
          Performance_Factor: 1_000_000,
          Total_Performance: r.ths5s * 1e6,
          Total_Accepted: r.accepted,
          Total_Rejected: r.rejected,
          Total_Stales: r.stale,
          Worker_Performance: r.boards.map((board) => board.ths * 1e6),
        },
      ],
    }),
  },
  gminer: {
    path: "/stat",
    answer: (miner, r) => ({
      miner: `GMiner ${traits(miner).version}`,
      algorithm: "Ethash",
      uptime: r.elapsedS,
      server: poolOf(r)?.url,
      user: poolOf(r)?.user,
      total_accepted_shares: r.accepted,
      total_rejected_shares: r.rejected,
      total_stale_shares: r.stale,
      total_invalid_shares: r.hwErrors,
      speed_unit: "H/s",
      devices: r.boards.map((board) => ({
        gpu_id: board.slot,
        name: traits(miner).device,
        speed: hs(board.ths),
        temperature: core(board),
        fan: fanPct(r),
        power_usage: cardW(r),
        core_clock: board.frequencyMhz,
        bus_id: `0000:0${board.slot + 1}:00.0`,
      })),
    }),
  },
  nbminer: {
    path: "/api/v1/status",
    answer: (miner, r) => ({
      version: traits(miner).version,
      start_time: Math.floor(miner.session.startedS),
      miner: {
        total_hashrate_raw: String(hs(r.ths5s)),
        total_power_consume: r.powerW,
        devices: r.boards.map((board) => ({
          id: board.slot,
          info: traits(miner).device,
          hashrate_raw: String(hs(board.ths)),
          temperature: core(board),
          fan: fanPct(r),
          power: cardW(r),
          core_clock: board.frequencyMhz,
        })),
      },
      stratum: {
        algorithm: "ethash",
        url: poolOf(r)?.url,
        user: poolOf(r)?.user,
        accepted_shares: r.accepted,
        rejected_shares: r.rejected,
        invalid_shares: r.hwErrors,
      },
    }),
  },
  xmrig: {
    path: "/2/summary",
    answer: (miner, r) => ({
      id: "a1b2c3",
      worker_id: "rig",
      version: traits(miner).version,
      kind: "miner",
      algo: "rx/0",
      uptime: r.elapsedS,
      restricted: miner.memory.get("restricted") === true,
      paused: miner.sleeping,
      cpu: { brand: traits(miner).device },
      connection: { pool: poolOf(r)?.url, user: poolOf(r)?.user, ping: 27, failures: 0, uptime: r.elapsedS },
      // A window that it has not filled yet is null.
      hashrate: {
        total: [hs(r.ths5s), r.elapsedS < 60 ? null : hs(r.ths1m), r.elapsedS < 900 ? null : hs(r.ths15m)],
      },
      results: { shares_good: r.accepted, shares_total: r.accepted + r.rejected },
    }),
  },
  srbminer: {
    path: "/",
    answer: (miner, r) => ({
      rig_name: "rig",
      miner_version: traits(miner).version,
      mining_time: r.elapsedS,
      gpu_devices: r.boards.map((board) => ({
        id: board.slot,
        device: `gpu${board.slot}`,
        model: traits(miner).device,
        temperature: core(board),
        asic_power: cardW(r),
        core_clock: board.frequencyMhz,
        fan_speed_rpm: r.fanRpm[board.slot],
      })),
      algorithms: [
        {
          id: 0,
          name: "autolykos2",
          pool: { pool: poolOf(r)?.url, wallet: poolOf(r)?.user },
          shares: { accepted: r.accepted, rejected: r.rejected },
          hashrate: {
            gpu: {
              total: hs(r.ths5s),
              ...Object.fromEntries(r.boards.map((board) => [`gpu${board.slot}`, hs(board.ths)])),
            },
          },
        },
      ],
    }),
  },
  bzminer: {
    path: "/status",
    answer: (miner, r) => ({
      method: "fullstatus",
      bzminer_version: traits(miner).version,
      rig_name: "rig",
      uptime_s: r.elapsedS,
      pools: [
        {
          id: 0,
          algorithm: "kawpow",
          current_url: poolOf(r)?.url,
          wallet: poolOf(r)?.user,
          status: 1,
          valid_solutions: r.accepted,
          rejected_solutions: r.rejected,
          stale_solutions: r.stale,
        },
      ],
      devices: r.boards.map((board) => ({
        id: board.slot,
        name: traits(miner).device,
        pool: [0],
        hashrate: [hs(board.ths)],
        core_temp: core(board),
        fan: fanPct(r),
        power: cardW(r),
        core_clock: board.frequencyMhz,
      })),
    }),
  },
}

export function programAnswer(miner: SimulatedMiner): { path: string; body: Row } | null {
  const { program } = traits(miner)
  if (program === "teamredminer") return null
  const { path, answer } = programs[program]
  return { path, body: answer(miner, readMiner(miner)) }
}
