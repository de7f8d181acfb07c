import type { SimulatedMiner } from "../../miner.ts"
import { readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, status } from "../../rpc-protocol.ts"
import { answerAntminer } from "../antminer/rpc.ts"
import { fullName } from "./bodies.ts"
import { globals, minerState } from "./state.ts"

/** Port 4028, read only: `version` is refused, `stats` has the firmware's own keys among bmminer's. */
const READS = new Set(["summary", "stats", "pools", "devdetails"])

export function answerVnish(miner: SimulatedMiner, request: CommandRequest): Answer {
  const nowS = miner.nowS()
  if (!READS.has(request.command))
    return { body: { STATUS: status("E", nowS, 14, "Invalid command", "cgminer 1.0.0"), id: 1 } }
  if (request.command === "devdetails") {
    const DEVDETAILS = [{ DEVDETAILS: 0, Name: "BMM", ID: 0, Driver: "bitmain", Kernel: "", Model: "" }]
    return { body: { STATUS: status("S", nowS, 69, "Device Details", "cgminer 1.0.0"), DEVDETAILS, id: 1 } }
  }
  const answer = answerAntminer(miner, request)
  const { STATS, POOLS } = answer.body as Record<string, Record<string, unknown>[] | undefined>
  if (STATS?.[0]) STATS[0].Type = fullName(miner)
  const flat = STATS?.[1]
  if (flat) addOwnKeys(miner, flat)
  for (const pool of POOLS ?? []) {
    pool.URL = String(pool.URL).replace(/^stratum\+tcp:\/\//, "")
    pool.Type = 0
  }
  return answer
}

function addOwnKeys(miner: SimulatedMiner, row: Record<string, unknown>): void {
  const r = readMiner(miner)
  row["GHS 5s"] = String(row["GHS 5s"])
  row.state = minerState(miner)
  row.fan_pwm = Math.round(r.fanDuty * 100)
  row.fan_mode = miner.settings.fanManual ? "manual" : "auto"
  for (const board of r.boards) {
    const n = board.slot + 1
    row[`chain_consumption${n}`] = board.alive ? Math.round(r.powerW / r.boards.length) : 0
    row[`chain_vol${n}`] = globals(miner).volt * 10
    row[`freq_avg${n}`] = board.frequencyMhz
    row[`chain_state${n}`] = "mining"
  }
}
