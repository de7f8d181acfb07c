import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { hex } from "../../random.ts"
import { type Reading, readMiner } from "../../reading.ts"
import { round2 } from "../../rpc-protocol.ts"
import { frameSalt, isFrameApiOn } from "./frame-writes.ts"
import type { FrameAnswer, FrameRequest } from "./frames.ts"
import { type MODES, modeName } from "./mode.ts"
import { deviceTime, errorCodes, firmwareOf, frequencyOffset, powerFan, powerLimit, traits } from "./rows.ts"

/** The reads of API v3; key paths as recorded from an M60S, and what the vendor's description adds to them. */
type Row = Record<string, unknown>

const POWER_NUMBERS = { low: "0", normal: "1", high: "2" } as const satisfies Record<
  keyof typeof MODES,
  string
>

export function answerFrameRead(miner: SimulatedMiner, { cmd, param }: FrameRequest): FrameAnswer {
  if (cmd === "get.device.info") return deviceInfo(miner, param)
  if (cmd === "get.miner.status") return minerStatus(miner, param)
  const read = Object.hasOwn(settings, cmd) ? settings[cmd] : undefined
  return read ? { code: 0, msg: read(miner) } : { code: -2, msg: "invalid command" }
}

function deviceInfo(miner: SimulatedMiner, param: unknown): FrameAnswer {
  const all = infoOf(miner)
  if (param === null || param === "") return { code: 0, msg: all }
  return typeof param === "string" && param in all
    ? { code: 0, msg: { [param]: all[param] } }
    : { code: -1, msg: "param error" }
}

function infoOf(miner: SimulatedMiner): Row {
  const { platform, psu, model, frameApi } = traits(miner)
  const reading = readMiner(miner)
  const { boards } = reading
  const perBoard = (name: string, value: (slot: number) => string) =>
    Object.fromEntries(boards.map(({ slot }) => [`${name}${slot}`, value(slot)]))
  return {
    network: {
      ip: miner.address,
      proto: "dhcp",
      netmask: "255.255.255.0",
      dns: "8.8.8.8",
      mac: macOf(miner),
      gateway: miner.address.replace(/\d+$/, "254"),
      hostname: "WhatsMiner",
    },
    miner: {
      working: String(!miner.sleeping),
      type: model,
      "hash-board": model.split("_")[1]?.slice(1) ?? "",
      "detect-hash-rate": boards.map(({ idealThs }) => Math.round(idealThs * 1e3)).join(":"),
      "pool-strategy": "FAILOVER",
      "hash-percent": "0",
      "fast-boot": "disable",
      "board-num": String(miner.profile.boards),
      ...perBoard("chipdata", (slot) => `K8EC${hex(miner.seed, 250 + slot, 3)}-2426 BINVE6-197806A`),
      ...perBoard("pcbsn", (slot) => boards[slot]!.serial),
      "miner-sn": `HTM${hex(miner.seed, 210, 12).toUpperCase()}`,
    },
    system: {
      api: frameApi,
      platform,
      fwversion: firmwareOf(miner),
      "control-board-version": "CB6V10",
      apiswitch: isFrameApiOn(miner) ? "1" : "0",
      ledstatus: miner.blinking ? "red:200:100:0" : "auto",
    },
    power: {
      type: psu,
      mode: POWER_NUMBERS[modeName(miner)],
      hwversion: "RT0159",
      swversion: "230224.220429",
      model: psu,
      fanspeed: powerFan(reading),
      sn: `PSU${hex(miner.seed, 220, 10).toUpperCase()}`,
      vendor: "1",
    },
    salt: frameSalt(miner),
    "error-code": errorCodes(miner, reading).map((code) => ({
      [code]: deviceTime(miner),
      reason: `Error ${code}.`,
    })),
  }
}

function minerStatus(miner: SimulatedMiner, param: unknown): FrameAnswer {
  if (typeof param !== "string") return { code: -3, msg: "invalid json item" }
  const reading = readMiner(miner)
  const parts: Row = {
    summary: summaryOf(miner, reading),
    edevs: reading.boards
      .filter(({ alive }) => alive || miner.sleeping)
      .map((board) => boardOf(reading, board)),
    pools: reading.pools.map((pool) => ({
      url: pool.url,
      account: pool.user,
      status: pool.alive ? "alive" : "dead",
      "stratum-active": pool.active,
      "pool-priority": pool.index,
    })),
  }
  const wanted = param.split("+")
  if (wanted.some((name) => !(name in parts))) return { code: -1, msg: "param error" }
  return { code: 0, msg: Object.fromEntries(wanted.map((name) => [name, parts[name]])) }
}

function summaryOf(miner: SimulatedMiner, r: Reading): Row {
  const alive = r.boards.filter((board) => board.alive)
  const chip = (join: (...all: number[]) => number, pick: (board: (typeof alive)[number]) => number) =>
    round2(alive.length === 0 ? r.inletC : join(...alive.map(pick)))
  const mean = (...all: number[]) => all.reduce((a, b) => a + b, 0) / all.length
  return {
    Debug: "",
    elapsed: r.elapsedS,
    "bootup-time": r.uptimeS,
    "freq-avg": r.hashing ? r.frequencyMhz : 0,
    "target-freq": frequencyOffset(miner) === 0 ? 0 : r.frequencyMhz,
    "factory-hash": miner.profile.ths,
    "hash-average": thousandths(r.thsAvg),
    "hash-1min": thousandths(r.ths1m),
    "hash-15min": thousandths(r.ths15m),
    "hash-realtime": thousandths(r.ths5s),
    "power-rate": r.thsAvg === 0 ? 0 : round2(r.powerW / r.thsAvg),
    "power-5min": r.powerW,
    "power-realtime": r.powerW,
    "environment-temperature": round2(r.inletC),
    "board-temperature": r.boards.map(({ boardC }) => Math.max(...boardC)),
    "chip-temp-min": chip(Math.min, (board) => board.chipMinC),
    "chip-temp-avg": chip(mean, (board) => board.chipAvgC),
    "chip-temp-max": chip(Math.max, (board) => board.chipMaxC),
    "power-limit": powerLimit(miner),
    "up-freq-finish": r.hashing && miner.session.ramp(r.atS) >= 1 ? 1 : 0,
    "fan-speed-in": r.fanRpm[0] ?? 0,
    "fan-speed-out": r.fanRpm[1] ?? 0,
  }
}

function boardOf(r: Reading, board: Reading["boards"][number]): Row {
  return {
    id: board.slot,
    status: board.alive ? "alive" : "dead",
    "hash-average": thousandths(board.thsAvg),
    "hash-realtime": thousandths(board.ths),
    "factory-hash": thousandths(board.idealThs),
    freq: r.hashing ? board.frequencyMhz : 0,
    "effective-chips": board.chipsOk,
    "chip-temp-min": round2(board.chipMinC),
    "chip-temp-avg": round2(board.chipAvgC),
    "chip-temp-max": round2(board.chipMaxC),
  }
}

const thousandths = (ths: number) => Math.round(ths * 1e3) / 1e3

const settings: Record<string, (miner: SimulatedMiner) => Row> = {
  "get.miner.setting": (miner) => ({
    "power-limit": powerLimit(miner),
    "upfreq-speed": 0,
    "power-mode": modeName(miner),
    "fast-boot": "disable",
    "fast-hash": "disable",
    "target-freq": frequencyOffset(miner),
    power: 0,
    "power-percent": 100,
  }),
  "get.fan.setting": (miner) => ({
    "fan-poweroff-cool": 0,
    "fan-zero-speed": miner.settings.immersion ? 1 : 0,
    "fan-temp-offset": 0,
  }),
  "get.system.setting": () => ({
    "web-pool": 1,
    timezone: "CST-8",
    zonename: "Asia/Shanghai",
    hostname: "WhatsMiner",
    "ntp-server": ["0.pool.ntp.org"],
    "time-randomized": { start: 0, stop: 0 },
    "log-upload": { ip: "", port: "", proto: "" },
  }),
}
