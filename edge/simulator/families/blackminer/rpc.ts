import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { type Reading, readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, status } from "../../rpc-protocol.ts"
import type { BlackTraits } from "./profiles.ts"

/** ccminer on port 8359: rates in MH/s as texts, four slots of which the third is empty, JSON with a flaw a maker. */
export const traits = (miner: SimulatedMiner) => miner.profile as Machine & BlackTraits
const DESCRIPTION = "ccminer 2.3.3"
const mhs = (ths: number) => (ths * 1e6).toFixed(2)

export function answerBlack(miner: SimulatedMiner, { command }: CommandRequest): Answer {
  const nowS = miner.nowS()
  const head = (code: number, message: string) => status("S", nowS, code, message, DESCRIPTION)
  if (command === "version")
    return {
      body: { STATUS: head(22, "CGMiner versions"), VERSION: [{ ...versionRow(miner), API: "3.1" }], id: 1 },
    }
  const r = readMiner(miner)
  const reloading = miner.state() === "reloading"
  if (command === "summary") {
    const body = { STATUS: head(11, "Summary"), SUMMARY: reloading ? [] : [summaryRow(r)], id: 1 }
    return reloading ? { body } : { body, summary: { accepted: r.accepted, elapsed: r.elapsedS } }
  }
  if (command === "pools") {
    const POOLS = r.pools.map((pool) => ({
      POOL: pool.index,
      URL: pool.url,
      Status: pool.alive ? "Alive" : "Dead",
      Priority: pool.index,
      Accepted: pool.accepted,
      Rejected: pool.rejected,
      Stale: pool.stale,
      User: pool.user,
    }))
    return { body: { STATUS: head(7, `${POOLS.length} Pool(s)`), POOLS, id: 1 } }
  }
  if (command === "stats") return statsAnswer(miner, r, head(70, "CGMiner stats"), reloading)
  return { body: { STATUS: status("E", nowS, 14, "Invalid command", DESCRIPTION), id: 1 } }
}

const versionRow = (miner: SimulatedMiner) => ({
  CGMiner: "2.3.3",
  Miner: traits(miner).minerVersion,
  Type: traits(miner).model,
})

function summaryRow(r: Reading): Record<string, unknown> {
  return {
    Elapsed: r.elapsedS,
    "MHS 5s": mhs(r.ths5s),
    "MHS av": mhs(r.thsAvg),
    Accepted: r.accepted.toFixed(4),
    Rejected: r.rejected.toFixed(4),
    Stale: r.stale,
    "Hardware Errors": r.hwErrors,
  }
}

function statsAnswer(miner: SimulatedMiner, r: Reading, STATUS: unknown, reloading: boolean): Answer {
  const body = { STATUS, STATS: reloading ? [] : [versionRow(miner), statsRow(r)], id: 1 }
  const text = JSON.stringify(body)
  return {
    body,
    text:
      traits(miner).maker === "volcminer"
        ? text.replace('"},{"STATS"', '"}{"STATS"')
        : // Each sensor of a board under the same name.
          text.replace(/"temp(\d)":(\d+)/g, (whole, n: string, hottest: string) => {
            const cooler = [3, 2, 1].map((less) => `"temp${n}":${Math.max(0, Number(hottest) - less)}`)
            return Number(hottest) === 0 ? whole : `${cooler.join(",")},${whole}`
          }),
  }
}

function statsRow(r: Reading): Record<string, unknown> {
  const row: Record<string, unknown> = {
    STATS: 0,
    Elapsed: r.elapsedS,
    "MHS 5s": mhs(r.ths5s),
    "MHS av": mhs(r.thsAvg),
    frequency: String(r.frequencyMhz),
    fan_num: r.fanRpm.length,
  }
  for (const [i, rpm] of r.fanRpm.entries()) row[`fan${i + 1}`] = rpm
  const slots = [r.boards[0], r.boards[1], undefined, r.boards[2]]
  for (const [i, board] of slots.entries()) row[`temp${i + 1}`] = board?.alive ? Math.max(...board.boardC) : 0
  for (const [i, board] of slots.entries()) {
    const n = i + 1
    row[`chain_acn${n}`] = board?.chipsOk ?? 0
    row[`chain_acs${n}`] = board ? "o".repeat(board.chipsOk) : ""
    row[`chain_hw${n}`] = board?.hwErrors ?? 0
    row[`chain_rate${n}`] = board ? mhs(board.ths) : ""
  }
  return row
}
