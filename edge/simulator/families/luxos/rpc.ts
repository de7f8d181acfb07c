import type { SimulatedMiner } from "../../miner.ts"
import { readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, status } from "../../rpc-protocol.ts"
import { deviceRows, poolRows, statsRows, summaryRow, versionRow } from "./rows.ts"
import { endSession, logOn, sessionId, use } from "./session.ts"
import { atmRow, configRow, fans, profileRows, tempctrlRow, temps } from "./setting-rows.ts"
import { presentStep, traitsOf } from "./steps.ts"
import { type Done, poolWrites, sessionWrites } from "./writes.ts"

/** LUXminer on port 4028: cgminer's reports, its own beside them, and writes under a session. */
type Row = Record<string, unknown>
type Section = [code: number, message: string, sections: Record<string, Row[]>]

const reads: Readonly<Record<string, (miner: SimulatedMiner) => Section>> = {
  version: (miner) => [22, "LUXminer versions", { VERSION: [versionRow(miner)] }],
  summary: (miner) => [11, "Summary", { SUMMARY: [summaryRow(readMiner(miner))] }],
  stats: (miner) => [70, "LUXminer stats", { STATS: statsRows(miner, readMiner(miner)) }],
  devs: (miner) => {
    const rows = deviceRows(miner, readMiner(miner))
    return [9, `${rows.length} ASC(s)`, { DEVS: rows }]
  },
  pools: (miner) => {
    const rows = poolRows(readMiner(miner))
    return [7, `${rows.length} Pool(s)`, { POOLS: rows }]
  },
  temps: (miner) => {
    const told = temps(readMiner(miner))
    return [201, `${told.TEMPS.length} Temp(s)`, told]
  },
  fans: (miner) => {
    const told = fans(readMiner(miner))
    return [202, `${told.FANS.length} Fan(s)`, told]
  },
  power: (miner) => [
    311,
    "Power usage",
    { POWER: [{ PSU: traitsOf(miner).psuMeasures, Watts: readMiner(miner).powerW }] },
  ],
  config: (miner) => [33, "LUXminer config", { CONFIG: [configRow(miner, readMiner(miner))] }],
  profiles: (miner) => [323, "Profiles", { PROFILES: profileRows(miner) }],
  atm: (miner) => [339, "ATM configuration values", { ATM: [atmRow(miner)] }],
  tempctrl: (miner) => [328, "Temperature control", { TEMPCTRL: [tempctrlRow(miner)] }],
  groups: () => [320, "Groups", { GROUPS: [{ GROUP: 0, Name: "default", Quota: 1 }] }],
  events: (miner) => [357, "Miner Events", { EVENTS: eventRows(miner) }],
  session: (miner) => [319, "Session information", { SESSION: [{ SessionID: sessionId(miner) ?? "" }] }],
}

/** One of a past that a driver must not take for the present, and one of the board that is dead now. */
function eventRows(miner: SimulatedMiner): Row[] {
  const event = (atS: number, Code: string, Description: string, more: Row) => ({
    Code,
    CreatedAt: new Date(atS * 1000).toISOString().replace(/\.\d+Z$/, "+00:00"),
    Description,
    DocUrl: `https://docs.example/${Code.toLowerCase()}`,
    ...more,
  })
  const past = event(miner.bootedS - 86_400, "NOPIC_PROTECTION", "Miner shutdown due to NOPIC protection.", {
    Target: "MINER",
  })
  const dead = miner.deadBoard()
  if (dead === null) return [past]
  const words = "Board reboot due to it not hashing."
  return [past, event(miner.nowS(), "REBOOT_NOT_HASHING", words, { Target: "BOARD", ID: dead })]
}

export const isWrite = (command: string): boolean =>
  Object.hasOwn(sessionWrites, command) || Object.hasOwn(poolWrites, command)

export function answerLuxos(miner: SimulatedMiner, { command, parameter }: CommandRequest): Answer {
  if (command === "logon") return logonAnswer(miner)
  if (command === "logoff" || command === "kill") return logoffAnswer(miner, command, parameter)
  if (isWrite(command)) return writeAnswer(miner, command, partsOf(parameter ?? ""))
  if (command === "voltageget" || command === "frequencyget") return boardAnswer(miner, command, parameter)
  const read = Object.hasOwn(reads, command) ? reads[command] : undefined
  if (!read) return refused(miner, 14, "Invalid command")
  const [code, message, sections] = read(miner)
  const answer: Answer = { body: { ...said(miner, "S", code, message), ...sections, id: 1 } }
  const row = sections.SUMMARY?.[0]
  return row
    ? { ...answer, summary: { accepted: Number(row.Accepted), elapsed: Number(row.Elapsed) } }
    : answer
}

function said(miner: SimulatedMiner, severity: "S" | "E", code: number, message: string): Row {
  return { STATUS: status(severity, miner.nowS(), code, message, `LUXminer ${traitsOf(miner).version}`) }
}

export function refused(miner: SimulatedMiner, code: number, message: string): Answer {
  return { body: { ...said(miner, "E", code, message), id: 1 } }
}

function logonAnswer(miner: SimulatedMiner): Answer {
  const id = logOn(miner)
  if (id === null) return refused(miner, 317, "Another session is active")
  return { body: { ...said(miner, "S", 316, "Session created"), SESSION: [{ SessionID: id }], id: 1 } }
}

function logoffAnswer(miner: SimulatedMiner, command: string, id: string | null): Answer {
  if (command === "logoff" && (id === null || sessionId(miner) !== id))
    return refused(miner, 318, "Invalid session id")
  endSession(miner)
  return { body: { ...said(miner, "S", 315, "Session terminated"), id: 1 } }
}

function writeAnswer(miner: SimulatedMiner, command: string, parts: readonly string[]): Answer {
  const pools = Object.hasOwn(poolWrites, command)
  const withId = parts[0] !== undefined && use(miner, parts[0])
  if (!withId && (!pools || traitsOf(miner).poolsNeedSession)) {
    miner.act("refused", { command, reason: "session" })
    return refused(miner, 318, "Invalid session id")
  }
  const run = pools ? poolWrites[command]! : sessionWrites[command]!
  const done: Done = run(miner, withId ? parts.slice(1) : parts)
  if (!done.ok) {
    miner.act("refused", { command, reason: done.message })
    return refused(miner, done.code, done.message)
  }
  const section = done.section ? { [done.section[0]]: [done.section[1]] } : {}
  const after = () => {
    if (done.drop) endSession(miner)
    done.after?.()
  }
  return {
    body: { ...said(miner, "S", done.code, done.message), ...section, id: 1 },
    ...(done.drop ? { drop: true } : {}),
    after,
  }
}

/** Comma-joined, `\,` for a comma of its own. */
function partsOf(parameter: string): string[] {
  const parts = [""]
  for (let at = 0; at < parameter.length; at += 1) {
    const sign = parameter[at]!
    if (sign === "\\" && at + 1 < parameter.length) {
      at += 1
      parts[parts.length - 1] += parameter[at]!
    } else if (sign === ",") parts.push("")
    else parts[parts.length - 1] += sign
  }
  return parts
}

function boardAnswer(miner: SimulatedMiner, command: string, parameter: string | null): Answer {
  const board = Number(parameter)
  if (!Number.isInteger(board) || board < 0 || board >= miner.profile.boards)
    return refused(miner, 306, "Invalid board")
  const { volts, mhz } = presentStep(miner)
  return command === "voltageget"
    ? {
        body: { ...said(miner, "S", 307, "Get Voltage"), VOLTAGE: [{ Board: board, Voltage: volts }], id: 1 },
      }
    : {
        body: { ...said(miner, "S", 308, "Get Frequency"), FREQS: [{ Board: board, Frequency: mhz }], id: 1 },
      }
}
