import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import type { Reading } from "../../reading.ts"
import { round2, suffixed } from "../../rpc-protocol.ts"
import { chipMap } from "./chip-map.ts"
import type { AntminerTraits } from "./profiles.ts"

/** The JSON bodies of the Antminer web interface, also served on 4028 with `new_api`. */
type Body = Record<string, unknown>

function traits(miner: SimulatedMiner): Machine & AntminerTraits {
  return miner.profile as Machine & AntminerTraits
}

function head(miner: SimulatedMiner, message: string): Body {
  const { minerVersion, compileTime, model } = traits(miner)
  return {
    STATUS: { STATUS: "S", when: Math.floor(miner.nowS()), Msg: message, api_version: "3.1" },
    INFO: { miner_version: minerVersion, CompileTime: compileTime, type: model },
  }
}

export function webStats(miner: SimulatedMiner, r: Reading, reloading: boolean): Body {
  if (reloading || miner.sleeping) return { ...head(miner, "stats"), STATS: [] }
  const row = {
    ...rates(r),
    chain_num: r.boards.length,
    fan_num: r.fanRpm.length,
    fan: r.fanRpm,
    hwp_total: 0.0001,
    "miner-mode": miner.settings.mode,
    "freq-level": miner.settings.frequencyPercent,
    chain: r.boards.map((board) => ({
      index: board.slot,
      freq_avg: board.frequencyMhz,
      rate_ideal: round2(board.idealThs * 1e3),
      rate_real: round2(board.ths * 1e3),
      asic_num: board.chipsOk,
      asic: chipMap(board.chips, board.alive).trim(),
      temp_pic: board.alive ? board.picC : [0, 0, 0, 0],
      temp_pcb: board.alive ? board.boardC : [0, 0, 0, 0],
      temp_chip: board.alive ? board.chipC : [0, 0, 0, 0],
      hw: board.hwErrors,
      eeprom_loaded: true,
      sn: board.serial,
      hwp: 0.00003,
    })),
  }
  return { ...head(miner, "stats"), STATS: [row] }
}

export function webSummary(miner: SimulatedMiner, r: Reading, reloading: boolean): Body {
  const empty = reloading || miner.sleeping
  const row = { ...rates(r), hw_all: r.hwErrors, bestshare: r.bestShare, status: health(miner, r) }
  const body = { ...head(miner, "summary"), SUMMARY: empty ? [] : [row] }
  if (traits(miner).webStatus === "object") return body
  const when = Math.floor(miner.nowS())
  return { ...body, STATUS: [{ STATUS: "S", When: when, Code: 11, Msg: "Summary", Description: "bmminer" }] }
}

function health(miner: SimulatedMiner, r: Reading): Body[] {
  const hottest = Math.max(...r.boards.map((board) => board.chipMaxC))
  const dead = miner.deadBoard()
  const slow = r.thsAvg > 0 && r.ths5m < r.idealThs * 0.8 && r.elapsedS > 300
  const row = (type: string, bad: string | null, code: number) => ({
    type,
    status: bad === null ? "s" : "e",
    code: bad === null ? 0 : code,
    msg: bad ?? "",
  })
  return [
    row("rate", slow || dead !== null ? "hashrate is low" : null, 1),
    row("network", r.pools.some((pool) => pool.alive) ? null : "no pool is alive", 1),
    row("fans", null, 1),
    row("temp", hottest > 95 ? "temperature is too high" : null, 1),
  ]
}

function rates(r: Reading): Body {
  return {
    elapsed: r.elapsedS,
    rate_5s: round2(r.ths5s * 1e3),
    rate_30m: round2(r.ths30m * 1e3),
    rate_avg: round2(r.thsAvg * 1e3),
    rate_ideal: round2(r.idealThs * 1e3),
    rate_unit: "GH/s",
  }
}

export function webPools(miner: SimulatedMiner, r: Reading): Body {
  return {
    ...head(miner, "pools"),
    POOLS: r.pools.map((pool) => ({
      index: pool.index,
      url: pool.url,
      user: pool.user,
      status: pool.alive ? "Alive" : "Unreachable",
      priority: pool.index,
      getworks: pool.active ? Math.floor(r.elapsedS / 12.8) : 0,
      accepted: pool.accepted,
      rejected: pool.rejected,
      discarded: 0,
      stale: pool.stale,
      diff: pool.active ? suffixed(r.difficulty) : "",
      diff1: 0,
      diffa: pool.accepted * r.difficulty,
      diffr: pool.rejected * r.difficulty,
      diffs: pool.stale * r.difficulty,
      lsdiff: pool.active ? r.difficulty : 0,
      lstime:
        pool.active && r.lastShareAgoS !== null
          ? `0:00:${String(r.lastShareAgoS % 60).padStart(2, "0")}`
          : "0",
    })),
  }
}

export function systemInfo(miner: SimulatedMiner): Body {
  const { model, generation, compileTime, filesystemVersion } = traits(miner)
  const serial = { serinum: `YNAHD${String(miner.seed % 10_000_000).padStart(7, "0")}` }
  return {
    minertype: model,
    nettype: "DHCP",
    netdevice: "eth0",
    macaddr: macOf(miner),
    hostname: "Antminer",
    ipaddress: miner.address,
    netmask: "255.255.255.0",
    gateway: miner.address.replace(/\d+$/, "254"),
    dnsservers: "8.8.8.8",
    system_mode: "GNU/Linux",
    system_kernel_version: generation === "legacy" ? "Linux 3.14.0-xilinx" : "4.6.0",
    system_filesystem_version: miner.firmwareVersion ?? filesystemVersion ?? compileTime,
    firmware_type: "release",
    ...(filesystemVersion === undefined ? {} : serial),
  }
}

export function networkInfo(miner: SimulatedMiner): Body {
  const { nettype, netdevice, macaddr, hostname, ipaddress, netmask, gateway, dnsservers } = systemInfo(miner)
  return {
    ...{ nettype, netdevice, macaddr, hostname, ipaddress, netmask, gateway, dnsservers },
    ...{ conf_nettype: nettype, conf_hostname: hostname, conf_ipaddress: "", conf_netmask: "" },
    ...{ conf_gateway: "", conf_dnsservers: "" },
  }
}

/** Three pool slots always; figures as strings, and the level under another name than it is posted with. */
export function minerConf(miner: SimulatedMiner): Body {
  const { settings, privileged, profile } = miner
  const { generation } = traits(miner)
  const slots = [0, 1, 2].map((i) => settings.pools[i] ?? { url: "", user: "", pass: "" })
  return {
    pools: slots.map(({ url, user, pass }) => ({ url, user, pass })),
    "api-listen": true,
    "api-network": true,
    "api-groups": "A:stats:pools:devs:summary:version",
    "api-allow": privileged ? "W:0/0" : "A:0/0,W:*",
    "bitmain-fan-ctrl": settings.fanManual,
    "bitmain-fan-pwm": String(settings.fanPwm),
    "bitmain-use-vil": true,
    "bitmain-freq": String(profile.frequencyMhz),
    "bitmain-voltage": "1400",
    "bitmain-ccdelay": "0",
    "bitmain-pwth": "0",
    "bitmain-work-mode": String(settings.mode),
    // The older web knows no levels.
    ...(generation === "legacy"
      ? {}
      : {
          "bitmain-hashrate-percent": "0",
          "bitmain-freq-level": settings.frequencyPercent === 100 ? "" : String(settings.frequencyPercent),
        }),
    ...settings.extra,
  }
}
