import { type Door, html } from "../../door.ts"
import type { SimulatedMiner } from "../../miner.ts"
import { readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, status } from "../../rpc-protocol.ts"
import { actOf, admit, answer } from "./api.ts"
import { cgminerReports, ownReports, traitsOf } from "./reports.ts"

const DESCRIPTION = "GCMiner 1.4.2"
const WRITES = new Set(
  "addpool removepool enablepool disablepool switchpool restart quit ascset updatepools".split(" "),
)

/** The command port only reads; writes are the API's. */
function answerRpc(miner: SimulatedMiner, { command }: CommandRequest): Answer {
  const say = (code: number, message: string): Answer => ({
    body: { STATUS: status("E", miner.nowS(), code, message, DESCRIPTION), id: 1 },
  })
  if (WRITES.has(command)) {
    miner.act("refused", { command })
    return say(45, `Access denied to '${command}' command`)
  }
  const own = traitsOf(miner).allOnRpc && Object.hasOwn(ownReports, command) ? ownReports[command] : undefined
  const make = own ?? (Object.hasOwn(cgminerReports, command) ? cgminerReports[command] : undefined)
  if (make === undefined) return say(14, "Invalid command")
  const reading = readMiner(miner)
  const { code, message, section, rows } = make(miner, reading)
  const body = { STATUS: status("S", miner.nowS(), code, message, DESCRIPTION), [section]: rows, id: 1 }
  return command === "summary"
    ? { body, summary: { accepted: reading.accepted, elapsed: reading.elapsedS } }
    : { body }
}

export const auradineDoors: readonly Door[] = [
  {
    kind: "rpc",
    port: 4028,
    answer: answerRpc,
    mayJoin: (miner) => miner.joins ?? true,
    nulTerminated: true,
    isAct: () => false,
  },
  { kind: "web", port: 8080, admit, answer, actOf, server: "FluxOS" },
  {
    kind: "web",
    port: 80,
    answer: () => html("<!doctype html><html><head><title>Miner UI</title></head><body></body></html>"),
    actOf: () => null,
  },
]
