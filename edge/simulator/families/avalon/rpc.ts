import type { SimulatedMiner } from "../../miner.ts"
import { type Reading, readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, status } from "../../rpc-protocol.ts"
import { switchPool } from "../antminer/rpc.ts"
import { mmText } from "./mm.ts"
import { ascset } from "./options.ts"
import { setPool } from "./pools.ts"
import { deviceRow, poolRow, type Row, statsRows, summaryRow, versionRow } from "./rows.ts"
import { deviceTimeS, takePoolsOver, traitsOf } from "./state.ts"
import { textOf } from "./text.ts"

/** Canaan's cgminer on port 4028: reads for everybody, writes by `ascset` and `setpool`. */
type Report = { code: number; message: string; section: string; rows: Row[] }
type Make = (miner: SimulatedMiner, reading: Reading, parameter: string | null) => Report

const stats: Make = (miner, r) => ({
  code: 70,
  message: "CGMiner stats",
  section: "STATS",
  rows: statsRows(miner, r),
})
const reports: Record<string, Make> = {
  version: (miner) => ({
    code: 22,
    message: "CGMiner versions",
    section: "VERSION",
    rows: [versionRow(miner)],
  }),
  summary: (miner, r) => ({ code: 11, message: "Summary", section: "SUMMARY", rows: [summaryRow(miner, r)] }),
  pools: (miner, r) => ({
    code: 7,
    message: `${r.pools.length} Pool(s)`,
    section: "POOLS",
    rows: r.pools.map((_, at) => poolRow(miner, r, at)),
  }),
  devs: (miner, r) => ({ code: 9, message: "1 ASC(s)", section: "DEVS", rows: [deviceRow(miner, r)] }),
  stats,
  estats: stats,
  litestats: (miner, r) => ({
    code: 70,
    message: "CGMiner stats",
    section: "STATS",
    rows: [{ "MM ID0:Summary": mmText(miner, r) }],
  }),
  devdetails: () => ({
    code: 69,
    message: "Device Details",
    section: "DEVDETAILS",
    rows: [
      { DEVDETAILS: 0, Name: "AVALON", ID: 0, Driver: "avalon", Kernel: "", Model: "", "Device Path": "" },
    ],
  }),
  config: (_miner, r) => ({
    code: 33,
    message: "CGMiner config",
    section: "CONFIG",
    rows: [
      {
        ...{ "ASC Count": 1, "PGA Count": 0, "Pool Count": r.pools.length, Strategy: "Failover" },
        ...{ "Log Interval": 5, "Device Code": "AVALON", OS: "Linux", Hotplug: "None" },
      },
    ],
  }),
  coin: (_miner, r) => ({
    code: 78,
    message: "CGMiner coin",
    section: "COIN",
    rows: [
      {
        ...{ "Hash Method": "sha256", "Current Block Time": r.elapsedS - 404.5, "Current Block Hash": "" },
        ...{ LP: true, "Network Difficulty": 126_271_255_279_306.98 },
      },
    ],
  }),
  check: (_miner, _r, parameter) => {
    const known = parameter !== null && (parameter in reports || WRITES.has(parameter)) ? "Y" : "N"
    return { code: 72, message: "Check command", section: "CHECK", rows: [{ Exists: known, Access: known }] }
  },
}
const HOME_ONLY = new Set(["litestats"])
const WRITES = new Set(["restart", "switchpool", "setpool", "ascset"])

/** Whether this request would change something. `ascset` asks as well as it sets. */
export function isAct(_miner: SimulatedMiner, { command, parameter }: CommandRequest): boolean {
  if (command !== "ascset") return WRITES.has(command)
  const [, option = "help", value] = (parameter ?? "").split(",")
  if (["help", "hashpower", "bootby"].includes(option)) return false
  // The A13 takes these without a time.
  if (option === "softoff" || option === "softon") return true
  return value !== undefined && !/^(?:get|255|1-255)$/.test(value)
}

export function refusal(miner: SimulatedMiner, { command }: CommandRequest): Answer {
  return command === "ascset"
    ? say(miner, "E", 120, "ASC 0 set failed: not now")
    : say(miner, "E", 45, `Access denied to '${command}' command`)
}

export function answerAvalon(miner: SimulatedMiner, request: CommandRequest): Answer {
  const answer = answerOf(miner, request)
  const asText = traitsOf(miner).dialect === "old" || request.form === "text"
  return asText && answer.drop !== true ? { ...answer, text: textOf(answer.body) } : answer
}

function answerOf(miner: SimulatedMiner, { command, parameter }: CommandRequest): Answer {
  switch (command) {
    case "privileged":
      return say(miner, "S", 46, "Privileged access OK")
    case "restart":
      miner.act("reboot-soft", { via: "restart" })
      return { body: { STATUS: "RESTART" }, after: () => restart(miner) }
    case "switchpool":
      return switchPool(miner, parameter, description(miner))
    case "setpool":
      return setPool(miner, parameter, (...words) => say(miner, ...words))
    case "ascset":
      return ascset(miner, parameter, (...words) => say(miner, ...words))
  }
  const known =
    Object.hasOwn(reports, command) && (traitsOf(miner).dialect === "home" || !HOME_ONLY.has(command))
  if (!known) return say(miner, "E", 14, "Invalid command")
  const reading = readMiner(miner)
  const { code, message, section, rows } = reports[command]!(miner, reading, parameter)
  const head = status("S", deviceTimeS(miner), code, message, description(miner))
  const body = { STATUS: head, [section]: rows, id: 1 }
  if (command !== "summary") return { body }
  return { body, summary: { accepted: reading.accepted, elapsed: reading.elapsedS } }
}

function restart(miner: SimulatedMiner): void {
  takePoolsOver(miner)
  miner.restartMining()
}

const description = (miner: SimulatedMiner) =>
  traitsOf(miner).dialect === "old" ? "cgminer 4.10.0" : "cgminer 4.11.1"

function say(miner: SimulatedMiner, severity: "S" | "I" | "W" | "E", code: number, message: string): Answer {
  return { body: { STATUS: status(severity, deviceTimeS(miner), code, message, description(miner)), id: 1 } }
}
export type Say = (severity: "S" | "I" | "W" | "E", code: number, message: string) => Answer
