import { digestRefusal } from "../../digest.ts"
import { html, json, type WebAnswer, type WebRequest } from "../../door.ts"
import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { readMiner } from "../../reading.ts"
import { round2 } from "../../rpc-protocol.ts"
import { minerConfig, readPosted, traits } from "./config.ts"

type Row = Record<string, unknown>
const API = "/kaonsu/v1/"

const reads: Record<string, (miner: SimulatedMiner) => unknown> = {
  brief,
  overview: (miner) => ({
    mac: macOf(miner),
    version_firmware: miner.firmwareVersion ?? traits(miner).kaonsuVersion,
    control_board: "Xilinx",
    model: miner.profile.model,
  }),
  hashboards: (miner) => boards(miner, "hashrate_avg"),
  details: (miner) => boards(miner, "hashrate_average"),
  fans: (miner) => ({ fans: readMiner(miner).fanRpm.map((rpm) => ({ current_speed: rpm })) }),
  pools: (miner) =>
    readMiner(miner).pools.map((pool) => ({
      index: pool.index,
      url: pool.url,
      user: pool.user,
      status: pool.alive ? "Alive" : "Dead",
      priority: pool.index,
      accepted: pool.accepted,
      rejected: pool.rejected,
      stale: pool.stale,
    })),
  network_config: (miner) => ({
    dhcp: true,
    hostname: "Antminer",
    ipaddress: miner.address,
    netmask: "255.255.255.0",
    gateway: miner.address.replace(/\d+$/, "254"),
    dns: ["8.8.8.8"],
  }),
  locate_miner: (miner) => ({ blinking: miner.blinking }),
  event_chart: (miner) => ({
    event_flags: miner.stuck
      ? [{ level: "error", message: "no hashboards found", timestamp: Math.floor(miner.nowS()) }]
      : [{ level: "info", message: "mining started", timestamp: Math.floor(miner.session.startedS) }],
  }),
  miner_config: minerConfig,
}

function brief(miner: SimulatedMiner): Row {
  const r = readMiner(miner)
  const starting = miner.state() === "reloading"
  return {
    hashrate_realtime: round2(r.ths5s * (traits(miner).briefInGhs ? 1e3 : 1)),
    hashrate_ideal: round2(r.idealThs * 1e3),
    power_consumption_estimated: r.powerW,
    elapsed: r.elapsedS,
    status: miner.sleeping ? "Sleeping" : starting ? "Initializing" : miner.stuck ? "Failure" : "Mining",
  }
}

function boards(miner: SimulatedMiner, rateKey: string): Row {
  const r = readMiner(miner)
  return {
    hashboard_infos: r.boards.map((board) => ({
      index: board.slot,
      [rateKey]: round2(board.thsAvg * 1e3),
      hashrate_ideal: round2(board.idealThs * 1e3),
      asic_num: board.chipsOk,
      serial_number: board.serial,
      voltage: 13.5,
      frequency_avg: board.frequencyMhz,
      asic_infos: [],
    })),
    hb_temps: r.boards.map((board) => ({
      temperature_pcb: board.alive ? board.boardC : [],
      temperature_raw: board.alive ? board.picC : [],
      temperature_chip: board.alive ? board.chipC : [],
    })),
  }
}

const writes: Record<string, (miner: SimulatedMiner, body: Row) => WebAnswer> = {
  miner_config: (miner, body) => {
    const verdict = readPosted(miner, body)
    if ("refused" in verdict) return refuse(miner, "miner_config", verdict.refused)
    const { mode, pools, fanManual, fanPwm, powerLimitW } = verdict.settings
    const changed = Object.keys(body).filter(
      (key) => JSON.stringify(body[key]) !== JSON.stringify(minerConfig(miner)[key]),
    )
    const named = pools.map(({ url, user }) => ({ url, user }))
    miner.act("conf", {
      changed,
      mode,
      pools: named,
      fan: { manual: fanManual, pwm: fanPwm },
      limit: powerLimitW,
    })
    return { ...json({ error: false }), after: () => miner.adjust(verdict.settings) }
  },
  locate_miner: (miner, { blinking }) => {
    if (typeof blinking !== "boolean") return refuse(miner, "locate_miner", "blinking must be a bool")
    miner.act("blink", { on: blinking })
    miner.blinking = blinking
    return json({ blinking })
  },
  maintenance: (miner, { type }) => {
    if (type !== "reboot" && type !== "reload") return refuse(miner, "maintenance", "unknown type")
    miner.act(type === "reboot" ? "reboot-hard" : "reboot-soft", { via: `maintenance ${type}` })
    return {
      ...json({ error: false }),
      after: () => (type === "reboot" ? miner.rebootHard() : miner.restartMining()),
    }
  },
}

function refuse(miner: SimulatedMiner, command: string, reason: string): WebAnswer {
  miner.act("refused", { command, reason })
  return json({ error: true, msg: reason })
}

const pathOf = (url: string) => {
  const path = url.split("?")[0]!
  return path.startsWith(API) ? path.slice(API.length) : null
}

export const admit = (miner: SimulatedMiner, request: WebRequest): WebAnswer | null =>
  digestRefusal(miner, request, { realm: traits(miner).realm, user: "root", password: "root" })

export function actOf({ method, url }: WebRequest): { name: string; refusal: WebAnswer } | null {
  const path = pathOf(url)
  if (method !== "POST" || path === null || !Object.hasOwn(writes, path)) return null
  return { name: path, refusal: json({ error: true, msg: "refused" }) }
}

export function answerWeb(miner: SimulatedMiner, { method, url, body }: WebRequest): WebAnswer {
  const path = pathOf(url)
  if (url === "/") return html("<html><head><title>Miner</title></head></html>")
  if (path === null) return html("404 - Not Found", 404)
  if (method === "POST" && Object.hasOwn(writes, path)) {
    const posted = parsed(body)
    return posted === null ? refuse(miner, path, "not JSON") : writes[path]!(miner, posted)
  }
  const other = path === "hashboards" || path === "details" ? path !== traits(miner).boardsPage : false
  if (method !== "GET" || other || !Object.hasOwn(reads, path)) return html("404 - Not Found", 404)
  miner.countRead(`web:${path}`)
  return json(reads[path]!(miner))
}

function parsed(body: string): Row | null {
  try {
    return JSON.parse(body) as Row
  } catch {
    return null
  }
}
