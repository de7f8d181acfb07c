import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { readMiner } from "../../reading.ts"
import { hostOf, round2, suffixed } from "../../rpc-protocol.ts"
import { globals, minerState, presetName, presetWatts, traits } from "./state.ts"

/** The pages of VNish's REST API, as the papers describe them. */
type Body = Record<string, unknown>

export const fullName = (miner: SimulatedMiner) =>
  `${miner.profile.model} (Vnish ${miner.firmwareVersion ?? traits(miner).vnishVersion})`

const upFor = (seconds: number) => {
  const days = Math.floor(seconds / 86_400)
  const clock = `${Math.floor((seconds % 86_400) / 3600)}:${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")}`
  return days === 0 ? clock : `${days} ${days === 1 ? "day" : "days"}, ${clock}`
}

export function info(miner: SimulatedMiner): Body {
  const { model, platform, vnishVersion } = traits(miner)
  return {
    miner: model,
    model: model.replace("Antminer ", "").replaceAll(" ", "").toLowerCase(),
    fw_name: "Vnish",
    fw_version: miner.firmwareVersion ?? vnishVersion,
    build_uuid: "0f2c1f6e-5d8e-4b5e-9d5a-8f2b7d9c0a11",
    build_name: "release",
    platform,
    install_type: "nand",
    build_time: "2025-09-01 10:00:00",
    algorithm: "sha256d",
    hr_measure: "GH/s",
    serial: "N/A",
    system: {
      os: "GNU/Linux",
      miner_name: "Antminer",
      mem_total: 242_716,
      mem_free: 120_000,
      mem_free_percent: 49,
      uptime: upFor(readMiner(miner).uptimeS),
      network_status: {
        mac: macOf(miner),
        dhcp: true,
        ip: miner.address,
        netmask: "255.255.255.0",
        gateway: miner.address.replace(/\d+$/, "254"),
        dns: ["8.8.8.8"],
        hostname: "Antminer",
      },
    },
  }
}

export function model(miner: SimulatedMiner): Body {
  const { chipsPerBoard, boards, minFanPwm } = traits(miner)
  return {
    chain: { chips_per_chain: chipsPerBoard, num_chains: boards, topology: { num_cols: 5, num_rows: 13 } },
    cooling: { min_fan_pwm: minFanPwm, min_target_temp: 40, max_target_temp: 80, fan_min_count: 4 },
    overclock: {
      min_voltage: 1150,
      max_voltage: 1500,
      default_voltage: 1350,
      min_freq: 100,
      max_freq: 800,
      default_freq: miner.profile.frequencyMhz,
    },
  }
}

export function status(miner: SimulatedMiner): Body {
  return {
    ...minerStatus(miner),
    find_miner: miner.blinking,
    restart_required: false,
    reboot_required: false,
    unlocked: false,
  }
}

function minerStatus(miner: SimulatedMiner): Body {
  const state = minerState(miner)
  const ageS = Math.max(0, Math.floor(miner.nowS() - miner.session.startedS))
  return {
    miner_state: state,
    miner_state_time: ageS,
    ...(state === "failure" ? { description: "hashboards were not found", failure_code: 1001 } : {}),
    ...(traits(miner).strictPresets && state === "mining" ? { throttled: 100 } : {}),
  }
}

export function summary(miner: SimulatedMiner): Body {
  const r = readMiner(miner)
  const chips = r.boards.flatMap((board) => board.chipC)
  const boards = r.boards.flatMap((board) => board.boardC)
  const edges = (temps: number[]) => ({ min: Math.min(...temps), max: Math.max(...temps) })
  return {
    miner: {
      miner_status: minerStatus(miner),
      miner_type: fullName(miner),
      hr_stock: round2(miner.profile.ths * 1e3),
      hr_realtime: round2(r.ths5s * 1e3),
      hr_nominal: round2(r.idealThs * 1e3),
      hr_average: round2(r.thsAvg * 1e3),
      average_hashrate: r.thsAvg,
      instant_hashrate: r.ths5s,
      pcb_temp: edges(boards),
      chip_temp: edges(chips),
      power_consumption: r.powerW,
      power_usage: r.powerW,
      power_efficiency: r.ths5s > 0 ? round2(r.powerW / r.ths5s) : 0,
      hw_errors: r.hwErrors,
      hw_errors_percent: 0.01,
      hr_error: 0.2,
      devfee_percent: 2,
      devfee: round2(r.thsAvg * 20),
      pools: pools(miner),
      cooling: {
        fan_num: r.fanRpm.length,
        fans: r.fanRpm.map((rpm, id) => ({
          id,
          rpm,
          status: rpm > 0 ? "ok" : "lost",
          max_rpm: miner.profile.maxFanRpm,
        })),
        settings: { mode: coolingMode(miner) },
        fan_duty: Math.round(r.fanDuty * 100),
      },
      chains: chains(miner),
      found_blocks: 0,
      best_share: r.bestShare,
      psu: { temps: { ambient: 40 }, psu_power_metering: traits(miner).meteredPsu },
    },
  }
}

function pools(miner: SimulatedMiner): Body[] {
  const r = readMiner(miner)
  const own = r.pools.map((pool) => ({
    id: pool.index,
    url: hostAndPort(pool.url),
    pool_type: "UserPool",
    user: pool.user,
    status: pool.active ? "active" : pool.alive ? "working" : "offline",
    asic_boost: true,
    diff: suffixed(r.difficulty),
    accepted: pool.accepted,
    rejected: pool.rejected,
    stale: pool.stale,
    ls_diff: r.difficulty,
    ls_time: "0:00:04",
    diffa: pool.accepted * r.difficulty,
    ping: 31,
  }))
  const fee = {
    ...own[0],
    id: own.length,
    url: "DevFee",
    pool_type: "DevFee",
    user: "DevFee",
    status: "working",
  }
  return [...own, { ...fee, accepted: 7, rejected: 0, stale: 0 }]
}

/** The API keeps `stratum+tcp` to itself. */
const hostAndPort = (url: string) =>
  url.startsWith("stratum+tcp://") ? `${hostOf(url)}:${/:(\d+)/.exec(url.slice(14))?.[1] ?? ""}` : url

function chains(miner: SimulatedMiner): Body[] {
  const r = readMiner(miner)
  return r.boards.map((board) => ({
    id: board.slot + 1,
    frequency: board.frequencyMhz,
    voltage: globals(miner).volt * 10,
    power_consumption: board.alive ? Math.round(r.powerW / r.boards.length) : 0,
    hashrate_ideal: round2(board.idealThs * 1e3),
    hashrate_rt: round2(board.ths * 1e3),
    hashrate_percentage: board.idealThs > 0 ? round2((board.ths / board.idealThs) * 100) : 0,
    hr_error: 0.1,
    hw_errors: board.hwErrors,
    pcb_temp: { min: Math.min(...board.boardC), max: Math.max(...board.boardC) },
    chip_temp: { min: Math.min(...board.chipC), max: Math.max(...board.chipC) },
    chip_statuses: {
      red: miner.sleeping ? 0 : board.chips - board.chipsOk,
      orange: board.alive ? 2 : 0,
      grey: board.alive ? board.chipsOk - 2 : 0,
    },
    status:
      board.alive || miner.sleeping ? { state: "mining" } : { state: "failure", description: "no chips" },
  }))
}

export function factoryInfo(miner: SimulatedMiner): Body {
  const chains = readMiner(miner).boards.map(({ slot, serial }) => ({ id: slot + 1, serial }))
  return {
    hr_stock: round2(miner.profile.ths * 1e3),
    has_pics: true,
    psu_model: null,
    psu_serial: null,
    chains,
  }
}

export const coolingMode = ({ settings }: SimulatedMiner): Body =>
  settings.immersion
    ? { name: "immers" }
    : settings.fanManual
      ? { name: "manual", param: settings.fanPwm }
      : { name: "auto", param: 60 }

export function perfSummary(miner: SimulatedMiner): Body {
  const name = presetName(miner)
  const preset = presets(miner).find((each) => each.name === name)
  return {
    current_preset: { ...preset, globals: globals(miner) },
    preset_switcher: { enabled: false, top_preset: null, min_preset: null, check_time: 300, power_delta: 0 },
  }
}

export function presets(miner: SimulatedMiner): Body[] {
  const { ths, powerW } = miner.profile
  const watts = presetWatts(miner).map((each, at) => ({
    name: String(each),
    pretty: `${each} watt ~ ${Math.round((ths * each) / powerW)} TH`,
    status: at % 2 === 0 ? "tuned" : "untuned",
    modded_psu_required: each > powerW * 1.1,
  }))
  const none = { name: "disabled", pretty: "Disabled", status: "untuned", modded_psu_required: false }
  return [none, ...watts]
}

export function settingsPage(miner: SimulatedMiner): Body {
  const { pools: slots, extra } = miner.settings
  return {
    miner: {
      pools: slots
        .filter((pool) => pool.url !== "")
        .map((pool, order) => ({ url: pool.url, user: pool.user, pass: pool.pass, order })),
      cooling: { mode: coolingMode(miner), fan_min_count: 4, fan_min_duty: 10, fan_max_duty: 100 },
      overclock: { modded_psu: false, preset: presetName(miner), globals: globals(miner), chains: [] },
      misc: { asic_boost: true, restart_hashrate: 0, ...extra },
    },
    network: { dhcp: true, hostname: "Antminer", ipaddress: "", netmask: "", gateway: "", dnsservers: [] },
    regional: { timezone: { current: "GMT" } },
    ui: { theme: "auto" },
  }
}
