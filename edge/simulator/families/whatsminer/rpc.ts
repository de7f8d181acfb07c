import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { hex } from "../../random.ts"
import { type Reading, readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, status } from "../../rpc-protocol.ts"
import { flat } from "./flat.ts"
import { modeName } from "./mode.ts"
import {
  deviceRow,
  deviceTime,
  errorCodes,
  firmwareOf,
  frequencyOffset,
  poolRow,
  powerFan,
  powerLimit,
  summaryRow,
  traits,
} from "./rows.ts"
import { answerToken, answerWrite, isWrite } from "./writes.ts"

/**
 * btminer on port 4028, API v1 and v2: the reports of cgminer in its envelope, everything else in the flat one. Writes come
 * sealed (`writes.ts`); plain ones are answered as real machines do.
 */
const CGMINER_DESCRIPTION = "cgminer 4.9.2"
export const JOINABLE = ["summary", "pools", "devs", "edevs", "devdetails"]
type Row = Record<string, unknown>

export function answerWhatsminer(miner: SimulatedMiner, request: CommandRequest): Answer {
  const { command } = request
  if (isWrite(command)) return answerWrite(miner, request)
  const own = Object.hasOwn(flatReads, command) ? flatReads[command] : undefined
  if (command === "get_token") return answerToken(miner)
  if (own) return flat(miner, "S", 131, own(miner, request.info))
  const reading = readMiner(miner)
  const section = sectionOf(miner, reading, command)
  if (!section) return flat(miner, "E", 14, "invalid cmd")
  const [code, message, name, rows] = section
  const body = { STATUS: status("S", miner.nowS(), code, message, CGMINER_DESCRIPTION), [name]: rows, id: 1 }
  if (command !== "summary") return { body }
  return { body, summary: { accepted: reading.accepted, elapsed: reading.elapsedS } }
}

function sectionOf(
  miner: SimulatedMiner,
  r: Reading,
  command: string,
): [code: number, message: string, section: string, rows: Row[]] | null {
  if (command === "summary") return [11, "Summary", "SUMMARY", [summaryRow(miner, r)]]
  if (command === "pools")
    return [7, `${r.pools.length} Pool(s)`, "POOLS", r.pools.map((_, index) => poolRow(r, index))]
  if (command === "devs" || command === "edevs") {
    const boards = command === "edevs" ? r.boards.filter((board) => board.alive || miner.sleeping) : r.boards
    return [9, `${boards.length} ASC(s)`, "DEVS", boards.map((board) => deviceRow(miner, r, board))]
  }
  if (command === "devdetails")
    return [
      69,
      "Device Details",
      "DEVDETAILS",
      r.boards.map(({ slot }) => ({
        DEVDETAILS: slot,
        Name: "SM",
        ID: slot,
        Driver: "bitmicro",
        Kernel: "",
        Model: traits(miner).model,
      })),
    ]
  return null
}

const flatReads: Record<string, (miner: SimulatedMiner, info: string | null) => string | Row> = {
  get_version: (miner) => {
    const { api, apiVersion, platform } = traits(miner)
    return { api_ver: apiVersion, fw_ver: firmwareOf(miner), ...(api === "v1" ? {} : { platform }) }
  },
  get_psu: (miner) => {
    const { api, psu } = traits(miner)
    const name = psu.split("-")[0]
    const common = { name, hw_version: "", sw_version: "230208.220429", model: psu }
    return api === "v1" ? common : { ...common, fan_speed: String(powerFan(readMiner(miner))) }
  },
  status: (miner) => {
    const { api } = traits(miner)
    const firmware = firmwareOf(miner)
    const off = String(miner.sleeping)
    if (api === "v1") return { "Firmware Version": `'${firmware}'`, btmineroff: off }
    return {
      FirmwareVersion: firmware,
      mineroff: off,
      mineroff_reason: miner.sleeping ? "power off by api" : "",
      mineroff_time: "",
      power_mode: modeName(miner),
      hash_percent: String(frequencyOffset(miner)),
      power_limit_set: String(powerLimit(miner)),
    }
  },
  get_miner_info: (miner, info) => {
    const all: Row = {
      hostname: "WhatsMiner",
      mac: macOf(miner),
      ledstat: miner.blinking ? "red" : "auto",
      ip: miner.address,
      proto: "dhcp",
      netmask: "255.255.255.0",
      gateway: miner.address.replace(/\d+$/, "254"),
      dns: "8.8.8.8",
      minersn: `HTM${hex(miner.seed, 210, 12).toUpperCase()}`,
      powersn: `PSU${hex(miner.seed, 220, 10).toUpperCase()}`,
    }
    if (info === null) return all
    return Object.fromEntries(info.split(",").flatMap((name) => (name in all ? [[name, all[name]]] : [])))
  },
  get_error_code: (miner) => ({
    error_code: errorCodes(miner, readMiner(miner)).map((code) => ({ [code]: deviceTime(miner) })),
  }),
}
