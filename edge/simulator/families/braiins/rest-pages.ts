import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { hex } from "../../random.ts"
import { type BoardReading, type Reading, readMiner } from "../../reading.ts"
import { powerTargetOf, traitsOf, versionOf } from "./traits.ts"

/** What `GET /api/v1/…` answers: figures wrapped in their units, enumerations as numbers. */
type Page = (miner: SimulatedMiner) => unknown

const ghs = (ths: number) => ({ gigahash_per_second: ths * 1000 })
const celsius = (degree_c: number) => ({ degree_c: Math.round(degree_c * 2) / 2 })
const watt = (value: number) => ({ watt: value })

const STATUS = { notStarted: 1, normal: 2, paused: 3 }
const TUNER_STABLE = 2

const statusOf = (miner: SimulatedMiner) =>
  miner.sleeping
    ? STATUS.paused
    : miner.state() === "reloading" || miner.stuck
      ? STATUS.notStarted
      : STATUS.normal

const windows = (of: (name: string) => number) =>
  Object.fromEntries(
    ["last_5s", "last_15s", "last_30s", "last_1m", "last_5m", "last_15m", "last_30m", "last_1h", "last_24h"]
      .concat("since_restart")
      .map((name) => [name, ghs(of(name))]),
  )

/** Each window of the machine; a day's mean has the hours in it that it did not run. */
const windowThs = (r: Reading, name: string): number =>
  ({
    last_5s: r.ths5s,
    last_15s: r.ths5s,
    last_30s: r.ths1m,
    last_1m: r.ths1m,
    last_5m: r.ths5m,
    last_15m: r.ths15m,
    last_24h: r.thsAvg * 0.8,
    since_restart: r.thsAvg,
  })[name] ?? r.ths30m

const stamp = (atS: number) => ({ nanos: 337_087_672, seconds: Math.floor(atS) })

const poolStats = (r: Reading, of: { accepted: number; rejected: number; stale: number }) => ({
  accepted_shares: of.accepted,
  best_share: r.bestShare,
  generated_work: of.accepted * r.difficulty,
  last_difficulty: r.difficulty,
  last_share_time: stamp(r.atS - (r.lastShareAgoS ?? 0)),
  rejected_shares: of.rejected,
  stale_shares: of.stale,
})

export const restPages: Readonly<Record<string, Page>> = {
  version: () => ({ major: 1, minor: 7, patch: 0 }),
  "miner/details": details,
  "miner/stats": (miner) => {
    const r = readMiner(miner)
    return {
      miner_stats: {
        best_share: r.bestShare,
        error_hashrate: { megahash_per_second: 0 },
        found_blocks: 0,
        nominal_hashrate: ghs(r.idealThs),
        real_hashrate: windows((name) => windowThs(r, name)),
      },
      pool_stats: poolStats(r, r),
      power_stats: {
        approximated_consumption: watt(r.powerW),
        efficiency: { joule_per_terahash: r.ths5m > 0 ? r.powerW / r.ths5m : 0 },
      },
    }
  },
  "miner/hw/hashboards": (miner) => {
    const r = readMiner(miner)
    return { hashboards: r.boards.map((board) => hashboard(miner, r, board)) }
  },
  "miner/errors": (miner) => ({ errors: errorsOf(miner) }),
  "cooling/state": (miner) => {
    const r = readMiner(miner)
    const hottest = Math.max(...r.boards.map((board) => board.chipMaxC))
    return {
      fans: r.fanRpm.map((rpm, position) => ({ position, rpm, target_speed_ratio: r.fanDuty })),
      highest_temperature: { id: null, location: 1, temperature: celsius(hottest) },
    }
  },
  pools: (miner) => {
    const r = readMiner(miner)
    const pools = r.pools.map((pool) => ({
      active: pool.active && pool.alive,
      alive: pool.alive,
      enabled: true,
      stats: poolStats(r, pool),
      uid: hex(miner.seed, 400 + pool.index * 4, 16),
      url: pool.url,
      user: pool.user,
    }))
    return [{ name: "default", pools, strategy: { quota: { value: 1 } } }]
  },
  "configuration/miner": configuration,
  "configuration/constraints": (miner) => {
    const { powerRangeW, powerW } = traitsOf(miner)
    const power_target = { default: watt(powerW), min: watt(powerRangeW[0]), max: watt(powerRangeW[1]) }
    return { tuner_constraints: { power_target } }
  },
  "performance/tuner-state": (miner) => ({
    mode_state: {
      powertargetmodestate: {
        current_target: watt(powerTargetOf(miner)),
        profile: {
          created: stamp(miner.bootedS),
          estimated_power_consumption: watt(readMiner(miner).powerW),
          measured_hashrate: ghs(readMiner(miner).idealThs),
          target: watt(powerTargetOf(miner)),
        },
      },
    },
    overall_tuner_state: TUNER_STABLE,
  }),
  "actions/locate": (miner) => miner.blinking,
  network: (miner) => ({
    default_gateway: miner.address.replace(/\d+$/, "254"),
    dns_servers: ["127.0.0.1"],
    hostname: "Antminer",
    mac_address: macOf(miner).toLowerCase(),
    name: "eth0",
    networks: [{ address: miner.address, netmask: "255.255.255.0" }],
    protocol: 1,
  }),
}

function details(miner: SimulatedMiner): unknown {
  const { model, ths } = traitsOf(miner)
  const r = readMiner(miner)
  return {
    bos_mode: 4,
    bos_version: {
      bos_plus: true,
      current: versionOf(miner),
      major: "2022-09-13-0-11012d53-22.08-plus",
    },
    bosminer_uptime_s: r.elapsedS,
    control_board_soc_family: 3,
    hostname: "Antminer",
    kernel_version: "4.9.113",
    mac_address: macOf(miner).toLowerCase(),
    miner_identity: { brand: 1, miner_model: model, model: 18, name: model },
    platform: 4,
    psu_info: {
      fw_version: null,
      max_voltage: { volt: 15.2 },
      min_voltage: { volt: 11.96 },
      model_name: "APW121215d/e",
      serial_number: null,
      version: 117,
    },
    serial_number: null,
    status: statusOf(miner),
    sticker_hashrate: ghs(ths),
    system_uptime: r.uptimeS,
    system_uptime_s: r.uptimeS,
    uid: hex(miner.seed, 390, 16),
  }
}

function hashboard(miner: SimulatedMiner, r: Reading, board: BoardReading): unknown {
  const { chip } = traitsOf(miner)
  const boardC = Math.max(...board.boardC)
  const share = r.ths5s === 0 ? 0 : board.ths / r.ths5s
  return {
    board_name: "BHB56801",
    board_temp: celsius(boardC),
    chip_type: chip,
    chips_count: miner.sleeping ? board.chips : board.chipsOk,
    current_frequency: { hertz: board.frequencyMhz * 1e6 },
    current_voltage: { volt: board.alive ? 12.938 : 0 },
    enabled: true,
    highest_chip_temp: { id: board.slot + 1, location: 1, temperature: celsius(board.chipMaxC) },
    highest_outlet_temp: celsius(boardC),
    id: String(board.slot + 1),
    lowest_inlet_temp: celsius(r.inletC + (boardC - r.inletC) * 0.5),
    model: "BHB56801",
    serial_number: board.serial,
    stats: {
      best_share: r.bestShare,
      error_hashrate: { megahash_per_second: 0 },
      found_blocks: 0,
      nominal_hashrate: ghs(board.idealThs),
      real_hashrate: windows((name) =>
        name === "since_restart" ? board.thsAvg : windowThs(r, name) * share,
      ),
    },
  }
}

/** One of before its clock was set, and one of the board that is dead. */
function errorsOf(miner: SimulatedMiner): unknown[] {
  const past = {
    components: [],
    error_codes: [],
    message: 'Failed to resolve ("pool.example", 3333)',
    timestamp: "2015-01-01T00:00:37.638808Z",
  }
  const dead = miner.deadBoard()
  if (dead === null) return [past]
  return [
    past,
    {
      components: [{ name: "HASHBOARD", index: dead + 1 }],
      error_codes: [{ code: "V2", reason: "No chips found", hint: "Check the cables" }],
      message: "Hashboard does not answer",
      timestamp: new Date(miner.nowS() * 1000).toISOString(),
    },
  ]
}

function configuration(miner: SimulatedMiner): unknown {
  const { fanManual, fanPwm, immersion, pools } = miner.settings
  const mode = immersion
    ? { immersion: { target_temperature: celsius(60) } }
    : fanManual
      ? { manual: { fan_speed_ratio: fanPwm / 100 } }
      : { auto: { target_temperature: celsius(60), hot_temperature: celsius(75) } }
  return {
    pool_groups: [
      {
        uid: hex(miner.seed, 395, 16),
        name: "default",
        load_balance_strategy: { quota: { value: 1 } },
        pools: pools
          .filter(({ url }) => url !== "")
          .map(({ url, user, pass }, index) => ({
            uid: hex(miner.seed, 400 + index * 4, 16),
            url,
            user,
            password: pass,
            enabled: true,
          })),
      },
    ],
    temperature: mode,
    tuner: {
      enabled: true,
      hashrate_target: null,
      power_target: watt(powerTargetOf(miner)),
      tuner_mode: 1,
    },
  }
}
