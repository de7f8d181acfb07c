import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { type Reading, readMiner } from "../../reading.ts"
import type { ElphapexTraits } from "./profiles.ts"

/** The JSON of the pages. Rates MH/s, chip temperatures in thousandths as texts, fans as texts. */
type Body = Record<string, unknown>
export const traits = (miner: SimulatedMiner) => miner.profile as Machine & ElphapexTraits

/** Shorter than the board has chips, on every machine that was seen. */
const CHIP_MARKS = "ooooooooo oooooooo oooooooo oooooooo oooo"
const mhs = (ths: number) => Math.round(ths * 1e8) / 100
const version = (miner: SimulatedMiner) => miner.firmwareVersion ?? traits(miner).firmware
const serial = (miner: SimulatedMiner) => `13HY24B${String(miner.seed % 1e8).padStart(8, "0")}C11B`

function head(miner: SimulatedMiner, name: string): Body {
  const now = Math.floor(miner.nowS())
  return {
    STATUS: { STATUS: "S", when: now - 1_740_000_000, timestamp: now, api_version: "1.0.0", Msg: name },
    INFO: {
      miner_version: version(miner),
      CompileTime: "",
      dev_sn: serial(miner),
      type: traits(miner).model,
      hw_version: traits(miner).hardware,
    },
  }
}

const rates = (r: Reading): Body => ({
  rate_unit: "MH/s",
  elapsed: r.elapsedS,
  rate_5s: mhs(r.ths5s),
  rate_15m: mhs(r.ths15m),
  rate_30m: 0,
  rate_avg: mhs(r.thsAvg),
  rate_ideal: mhs(r.idealThs),
})

export function stats(miner: SimulatedMiner): Body {
  if (miner.state() === "reloading") return { ...head(miner, "stats"), STATS: [] }
  const r = readMiner(miner)
  const row = {
    ...rates(r),
    hwp_total: 0.1155,
    chain_num: r.boards.length,
    fan_num: r.fanRpm.length,
    fan: r.fanRpm.map(String),
    chain: r.boards.map((board) => ({
      index: board.slot,
      sn: board.serial,
      asic: CHIP_MARKS,
      asic_num: board.chipsOk,
      // What stands in `hw` is the number of chips.
      hw: board.chipsOk,
      eeprom_loaded: true,
      failrate: 0.02,
      freq_avg: board.alive ? 62_000 : 0,
      hashrate: mhs(board.thsAvg),
      rate_15m: mhs(board.thsAvg),
      rate_ideal: mhs(board.idealThs),
      rate_real: mhs(board.ths),
      temp_chip: board.alive
        ? [...board.chipC.slice(0, 2).map((c) => String(c * 1000 + 125)), "", ""]
        : ["", "", "", ""],
      temp_pcb: board.boardC,
      temp_pic: board.boardC,
    })),
  }
  return { ...head(miner, "stats"), STATS: [row] }
}

export function summary(miner: SimulatedMiner): Body {
  if (miner.state() === "reloading") return { ...head(miner, "summary"), SUMMARY: [] }
  const r = readMiner(miner)
  const state = (type: string, bad: boolean, msg: string) => ({
    type,
    status: bad ? "e" : "s",
    code: bad ? 1 : 0,
    msg: bad ? msg : "",
  })
  const hottest = Math.max(...r.boards.map((board) => board.chipMaxC))
  const status = [
    state("rate", miner.deadBoard() !== null, "low hashrate"),
    state("network", !r.pools.some((pool) => pool.alive), "no pool"),
    state("fans", r.fanRpm.includes(0) && !miner.sleeping, "fan lost"),
    state("temp", hottest > 95, "over temperature"),
  ]
  return {
    ...head(miner, "summary"),
    SUMMARY: [{ ...rates(r), bestshare: 0, hw_all: mhs(r.thsAvg), status }],
  }
}

export function pools(miner: SimulatedMiner): Body {
  const r = readMiner(miner)
  const total = r.accepted + r.rejected
  return {
    ...head(miner, "pools"),
    "Device Total Rejected": r.rejected,
    "Device Rejected%": total === 0 ? 0 : Math.round((r.rejected / total) * 1e4) / 100,
    "Device Total Work": total,
    POOLS: r.pools.map((pool) => ({
      index: pool.index,
      url: pool.url,
      user: pool.user,
      status: pool.alive ? "Alive" : "Unreachable",
      priority: pool.index,
      getworks: pool.accepted,
      accepted: pool.accepted,
      rejected: pool.rejected,
      stale: pool.stale,
      diff: "",
      diff1: 0,
      diffa: pool.accepted * r.difficulty,
      diffr: pool.rejected * r.difficulty,
      diffs: pool.stale * r.difficulty,
      lsdiff: r.difficulty,
      lstime: "00:00:18",
    })),
  }
}

export function systemInfo(miner: SimulatedMiner): Body {
  const { model } = traits(miner)
  return {
    Algorithm: "Scrypt",
    minertype: model,
    nettype: "DHCP",
    netdevice: "eth0",
    macaddr: macOf(miner).toLowerCase(),
    hostname: model,
    ipaddress: miner.address,
    netmask: "255.255.255.0",
    gateway: "",
    dnsservers: "",
    system_mode: "GNU/Linux",
    system_kernel_version: "4.4.194 #1 SMP",
    system_filesystem_version: version(miner),
    firmware_type: "Release",
  }
}

export function networkInfo(miner: SimulatedMiner): Body {
  const { nettype, netdevice, macaddr, hostname, ipaddress, netmask } = systemInfo(miner)
  return {
    ...{ nettype, netdevice, macaddr, ipaddress, netmask },
    ...{ conf_nettype: nettype, conf_hostname: hostname, conf_ipaddress: "", conf_netmask: "" },
    ...{ conf_gateway: "", conf_dnsservers: "" },
  }
}

export function power(miner: SimulatedMiner): Body {
  return {
    power_output: String(readMiner(miner).powerW),
    power_sn: `BC10FP${String(miner.seed % 1e8).padStart(8, "0")}`,
    power_temp: "270",
  }
}

export function minerConf({ settings, profile }: SimulatedMiner): Body {
  return {
    pools: [0, 1, 2].map((slot) => settings.pools[slot] ?? { url: "", user: "", pass: "" }),
    algo: "ltc",
    "fc-fan-ctrl": settings.fanManual,
    "fc-fan-pwm": String(settings.fanPwm),
    "fc-freq": String(profile.frequencyMhz),
    "fc-freq-level": String(settings.frequencyPercent),
    "fc-voltage": "1470",
    "fc-work-mode": settings.mode,
    ...settings.extra,
  }
}
