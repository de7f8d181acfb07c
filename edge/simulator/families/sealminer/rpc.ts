import { macOf } from "../../identity.ts"
import type { SimulatedMiner } from "../../miner.ts"
import type { Machine } from "../../profile.ts"
import { type Reading, readMiner } from "../../reading.ts"
import { type Answer, type CommandRequest, hostOf, percent, round2, status } from "../../rpc-protocol.ts"
import type { SealminerTraits } from "./profiles.ts"

/** bdminer on port 4028: one flat row of statistics, its keys numbered by board and fan. */
type Row = Record<string, unknown>
export const traitsOf = (miner: SimulatedMiner) => miner.profile as Machine & SealminerTraits
const DESCRIPTION = "bdminer 1.0.0"
export const MODE_NAMES: Record<number, string> = { 0: "Normal", 2: "High Performance", 3: "Low Power" }
const WRITES = new Set(["ascset", "updatepools", "restart"])
export const isAct = (_miner: SimulatedMiner, { command, parameter }: CommandRequest): boolean =>
  WRITES.has(command) && !(command === "ascset" && /^0,help$/.test(parameter ?? ""))

/** Pools and limits that wait for a reboot. */
const WAITING = "sealminer waiting settings"
type Waiting = Partial<SimulatedMiner["settings"]>

/** What was written counts from now; a machine that reboots is awake. */
export function takeOver(miner: SimulatedMiner): void {
  const waiting = (miner.memory.get(WAITING) as Waiting | undefined) ?? {}
  miner.settings = { ...miner.settings, ...(miner.sleeping ? { mode: 0 } : {}), ...waiting }
  miner.memory.delete(WAITING)
}
const wait = (miner: SimulatedMiner, settings: Waiting) =>
  miner.memory.set(WAITING, { ...(miner.memory.get(WAITING) as Waiting | undefined), ...settings })

export function answerSealminer(miner: SimulatedMiner, { command, parameter }: CommandRequest): Answer {
  const say = (severity: "S" | "I" | "W" | "E", code: number, message: string): Answer => ({
    body: { STATUS: status(severity, miner.nowS(), code, message, DESCRIPTION), id: 1 },
  })
  const list = (code: number, message: string, section: string, rows: Row[]): Answer => ({
    body: { STATUS: status("S", miner.nowS(), code, message, DESCRIPTION), [section]: rows, id: 1 },
  })
  switch (command) {
    case "version":
      return list(22, "BDMiner versions", "VERSION", [
        { BDMiner: "1.0.0", API: "3.7", Miner: traitsOf(miner).version },
      ])
    case "devdetails":
      return list(69, "Device Details", "DEVDETAILS", [
        { DEVDETAILS: 0, Name: "BDM", ID: 0, Driver: "bdminer", Model: traitsOf(miner).model },
      ])
    case "updatepools":
      return updatePools(miner, parameter, say)
    case "ascset":
      return ascset(miner, parameter ?? "", say)
    case "restart":
      miner.act("reboot-soft", { via: "restart" })
      return {
        body: { STATUS: "RESTART" },
        after: () => {
          if (miner.sleeping) miner.settings = { ...miner.settings, mode: 0 }
          miner.restartMining()
        },
      }
  }
  const reading = readMiner(miner)
  if (command === "stats" || command === "estats")
    return list(70, "BDMiner stats", "STATS", [statsRow(miner, reading)])
  if (command === "pools")
    return list(
      7,
      `${reading.pools.length} Pool(s)`,
      "POOLS",
      reading.pools.map((_, at) => poolRow(reading, at)),
    )
  if (command !== "summary") return say("E", 14, "Invalid command")
  const answer = list(11, "Summary", "SUMMARY", [summaryRow(miner, reading)])
  return { ...answer, summary: { accepted: reading.accepted, elapsed: reading.elapsedS } }
}

type Say = (severity: "S" | "I" | "W" | "E", code: number, message: string) => Answer

function updatePools(miner: SimulatedMiner, parameter: string | null, say: Say): Answer {
  let given: unknown
  try {
    given = JSON.parse(parameter ?? "")
  } catch {
    given = null // not JSON: refused below
  }
  const list = (given as { pools?: unknown } | null)?.pools
  const pools = Array.isArray(list) ? list : []
  const isPool = (pool: unknown) =>
    typeof pool === "object" &&
    pool !== null &&
    ["url", "user", "pass"].every((key) => typeof (pool as Row)[key] === "string")
  if (pools.length === 0 || pools.length > 3 || !pools.every(isPool)) {
    miner.act("refused", { command: "updatepools" })
    return say("E", 53, "Invalid addpool details")
  }
  wait(miner, { pools: pools.map(({ url, user, pass }) => ({ url, user, pass })) })
  miner.act("conf", { pools: pools.map(({ url, user }) => ({ url, user })) })
  return say("S", 55, "Pools updated")
}

function ascset(miner: SimulatedMiner, parameter: string, say: Say): Answer {
  const limit = /^0,powerlimit,\{"value":"(\d+)"\}$/.exec(parameter)?.[1]
  if (parameter === "0,suspend") {
    miner.act("conf", { option: "suspend" })
    return { ...say("S", 119, "ASC 0 set OK"), after: () => miner.adjust({ ...miner.settings, mode: 1 }) }
  }
  if (limit !== undefined && Number(limit) >= 1_000 && Number(limit) <= 5_000) {
    wait(miner, { powerLimitW: Number(limit) })
    miner.act("conf", { option: "powerlimit", watts: Number(limit) })
    return say("S", 119, "ASC 0 set OK")
  }
  miner.act("refused", { command: "ascset" })
  return say("E", 120, "ASC 0 set failed: invalid option or value")
}

const mhs = (ths: number) => round2(ths * 1e6)

function summaryRow(miner: SimulatedMiner, r: Reading): Row {
  // Follows single shares, so it jumps.
  const shares = miner.sleeping ? 0 : r.ths5s * (r.accepted % 2 === 0 ? 1.7 : 0.4)
  return {
    ...{ Elapsed: r.elapsedS, "MHS av": mhs(r.thsAvg), "MHS 5s": mhs(shares), "MHS 1m": mhs(r.ths1m) },
    ...{ "MHS 5m": mhs(r.ths5m), "MHS 15m": mhs(r.ths15m), "Found Blocks": 0 },
    ...{ Accepted: r.accepted, Rejected: r.rejected, Stale: r.stale, "Hardware Errors": r.hwErrors },
    "Pool Rejected%": percent(r.rejected, r.accepted),
    "Best Share": r.bestShare,
  }
}

function statsRow(miner: SimulatedMiner, r: Reading): Row {
  const { model, version, powerW, boards, fans } = traitsOf(miner)
  const asleep = miner.sleeping
  const row: Row = { STATS: 0, ID: "BDM0", Elapsed: r.elapsedS }
  for (const board of r.boards) {
    const dead = board.slot === miner.deadBoard()
    const at = (name: string) => `${board.slot} ${name}`
    row[at("SN")] = board.serial
    row[at("Online")] = dead ? 0 : 1
    row[at("Tune Status")] = "Done"
    row[at("MHS(Sample)")] = mhs(asleep ? 0 : board.ths)
    row[at("MHS(Ideal)")] = mhs(board.idealThs)
    row[at("Freq")] = r.frequencyMhz
    row[at("Chip Count")] = board.chips
    row[at("Bad Chip Count")] = dead ? board.chips : 0
    for (const [sensor, offset] of [-20, -18, -1, 0].entries())
      row[at(`Temp ${sensor}`)] = dead ? 0 : round2(Math.max(r.inletC, board.chipMaxC + offset))
  }
  for (const [fan, rpm] of r.fanRpm.entries()) {
    row[`${fan} Speed`] = rpm
    row[`${fan} PWM`] = Math.round(r.fanDuty * 100)
  }
  const total = boards * miner.profile.chipsPerBoard
  return {
    ...row,
    ...{ "MHS(Sample)": mhs(asleep ? 0 : r.ths5s), "MHS(30s)": mhs(r.ths1m), "MHS(1m)": mhs(r.ths1m) },
    ...{ "MHS(5m)": mhs(r.ths5m), "MHS(15m)": mhs(r.ths15m), "MHS(30m)": mhs(r.ths30m) },
    ...{ "MHS(Avg)": mhs(r.thsAvg), "MHS(Ideal)": mhs(r.idealThs), "MHS(Rated)": mhs(miner.profile.ths) },
    Freq: r.frequencyMhz,
    "Chip Count": total,
    "Bad Chip Count": miner.deadBoard() === null ? 0 : miner.profile.chipsPerBoard,
    ...{ "Board Count": boards, "Fan Count": fans },
    "PSU Input Power": r.powerW,
    "PSU Output Power": Math.round(r.powerW * 0.94),
    ...{
      "PSU Input Voltage": 231.5,
      "PSU Output Voltage": 13.9,
      "PSU Efficiency": 94,
      "PSU Temp AMB": Math.round(r.inletC + 8),
    },
    "PSU Fan Speed": 5_400,
    "PSU SN": `PSU${miner.seed % 1_000_000}`,
    "Power Limit": miner.settings.powerLimitW ?? powerW,
    "Mining Mode": MODE_NAMES[miner.settings.mode] ?? "Normal",
    "PM State": asleep ? "Suspended" : "Running",
    ...{ "Error Code": miner.hasFault("fan-failure") ? "F1" : "", "PSU Error": "0x00000000" },
    MAC: macOf(miner),
    Firmware: miner.firmwareVersion ?? version,
    Model: model,
    "Ctrl Board SN": `A2CB${String(miner.seed % 10_000_000).padStart(7, "0")}`,
    "Boot Time": Math.floor(miner.bootedS),
    "System Uptime": r.uptimeS,
  }
}

function poolRow(r: Reading, at: number): Row {
  const pool = r.pools[at]!
  return {
    ...{
      POOL: pool.index,
      URL: pool.url,
      Status: pool.alive ? "Alive" : "Dead",
      Priority: pool.index,
      Quota: 1,
    },
    ...{ Accepted: pool.accepted, Rejected: pool.rejected, Stale: pool.stale, User: pool.user },
    "Stratum Active": pool.active,
    "Stratum URL": pool.active ? hostOf(pool.url) : "",
    "Stratum Difficulty": pool.active ? r.difficulty : 0,
    "Best Share": pool.active ? r.bestShare : 0,
  }
}
