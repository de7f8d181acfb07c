import type { BoardSample, MinerError } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { positive, powerW, rpm, tempC, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { boardsOf } from "./boards.ts"
import { mapErrors } from "./errors.ts"
import { FIELDS } from "./fields.ts"
import { chipTemps, figures, parseMmText, words } from "./mm-text.ts"
import { avalonFacts, generationOf, isHome, type ModelFacts } from "./models.ts"
import { powerModeOf, workStateOf } from "./state.ts"

export type AvalonRows = { summary: Row | undefined; stats: readonly Row[]; pools: readonly Row[] }

const MAX_MODULES = 8
const FAN_KEYS = [1, 2, 3, 4, 5, 6, 7, 8].map((fan) => `Fan${fan}`)
const MAX_CHIP_TEMPS = 256
/** More than any machine draws; beyond it a power supply's figure is noise. */
const MAX_POWER_W = 50_000

/** The vendor's strings of all modules in their order: most machines have one, the oldest may have several on a line. */
export function modulesOf(stats: readonly Row[]): Row[] {
  const modules: [at: number, row: Row][] = []
  for (const row of stats)
    for (const key in row) {
      if (!key.startsWith("MM ID")) continue
      const at = isDigit(key.charCodeAt(5)) ? Number.parseInt(key.slice(5, 8), 10) : null
      const value = row[key]
      if (at === null || typeof value !== "string") continue
      const mm = parseMmText(value)
      if (typeof row.HBinfo === "string") Object.assign(mm, parseMmText(row.HBinfo))
      modules.push([at, mm])
    }
  if (modules.length === 1) return [modules[0]![1]]
  return modules
    .sort(([one], [other]) => one - other)
    .slice(0, MAX_MODULES)
    .map(([, row]) => row)
}

const isDigit = (code: number) => code >= 48 && code <= 57

/** `summary`, `estats` and `pools` to a reading. Pure. */
export function mapAvalon(rows: AvalonRows, model: string | null): Mapped {
  const modules = modulesOf(rows.stats)
  const mm = modules[0]
  const fields = readFields(FIELDS, { summary: rows.summary, mm })
  if (modules.length > 1) Object.assign(fields, overModules(modules))
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  fields.accepted_shares ??= sumOverPools(rows.pools, "Accepted")
  fields.rejected_shares ??= sumOverPools(rows.pools, "Rejected")
  fields.stale_shares ??= sumOverPools(rows.pools, "Stale")
  const pools = mapPools(rows.pools)
  if (mm === undefined) return { ...fields, mining: rate === null ? null : rate > 0, pools }

  const facts = avalonFacts(model)
  const state = workStateOf(mm, rate)
  const mining = state === "unknown" ? null : state === "mining"
  const idle = mining === false && (fields.hashrate_5s_ghs ?? 0) === 0
  const perModule = facts?.boards ?? 0
  const boards: BoardSample[] = []
  const errors: MinerError[] = []
  let chipRows = 0
  let coldestC: number | null = null
  for (let at = 0; at < modules.length; at += 1) {
    const module = modules[at]!
    for (const error of mapErrors(module, mining === true)) errors.push(error)
    const own = boardsOf(module, facts, idle, Math.max(boards.length, at * perModule))
    for (const board of own.boards) boards.push(board)
    chipRows += own.chipRows
    if (own.coldestC !== null) coldestC = Math.min(coldestC ?? own.coldestC, own.coldestC)
  }
  const tellsChips = !idle && chipRows > 0 && chipRows <= MAX_CHIP_TEMPS
  const drawn = power(modules, mining === true)
  return {
    ...fields,
    temperature_min: idle ? null : coldestC,
    temperature_chips: tellsChips
      ? modules.flatMap((module) => boards.flatMap((_, slot) => chipTemps(module[`PVT_T${slot}`])))
      : null,
    temperature_outlet: tempC(mm.HBOTemp) ?? tempC(mm.OTemp),
    fan_speeds: fanSpeeds(mm, facts),
    voltage_avg: isHome(generationOf(model)) ? null : boardVolts(mm),
    power_consumption: drawn?.watts ?? null,
    power_estimated: drawn?.estimated === true ? true : null,
    power_mode: powerModeOf(mm, state, model),
    mining,
    pools,
    pool_latency_ms: mining === true ? positive(mm.PING) : null,
    boards,
    boards_total: Math.max(boards.length, perModule * modules.length) || null,
    errors,
  }
}

/** `DNA`, where it is one: some firmware writes raw bytes there. */
export const serialOf = (mm: Row): string | null => text(mm.DNA, 128)?.match(/^[0-9a-f]{8,64}$/i)?.[0] ?? null

/** Rates add up over modules, of temperatures the hottest counts. */
function overModules(modules: readonly Row[]) {
  const all = (key: string, as: (value: unknown) => number | null) => {
    const told = modules.map((module) => as(module[key]))
    return told.every((each) => each !== null) ? (told as number[]) : null
  }
  const sum = (values: number[] | null) => values?.reduce((total, each) => total + each, 0)
  const [now, ideal, hottest] = [all("GHSspd", positive), all("GHSmm", positive), all("TMax", tempC)]
  return {
    ...(now === null ? {} : { hashrate_5s_ghs: sum(now)! }),
    ...(ideal === null ? {} : { hashrate_expected_ghs: sum(ideal)! }),
    ...(hottest === null ? {} : { temperature_max: Math.max(...hottest) }),
  }
}

/** Firmware lists four fans on machines that have one: those behind the model's own that stand still are not there. */
function fanSpeeds(mm: Row, facts: ModelFacts | null): number[] | null {
  const speeds: number[] = []
  for (let at = 0; at < FAN_KEYS.length; at += 1) {
    const speed = rpm(mm[FAN_KEYS[at]!])
    if (speed === null) break
    speeds.push(speed)
  }
  const only = speeds.length === 0 ? rpm(mm.Fan) : null
  if (only !== null) speeds.push(only)
  if (speeds.length === 0) return facts?.fans === 0 ? [] : null
  if (facts !== null) while (speeds.length > facts.fans && speeds.at(-1) === 0) speeds.pop()
  return speeds
}

/** The third value of an A-series' power supply is the boards' voltage in 0.01 V. */
function boardVolts(mm: Row): number | null {
  const hundredths = figures(mm.PS, 9)[2] ?? null
  return hundredths !== null && hundredths >= 500 && hundredths <= 6_000 ? hundredths / 100 : null
}

type Drawn = { watts: number; estimated: boolean }

/** Of all modules; null unless each tells it. */
function power(modules: readonly Row[], mining: boolean): Drawn | null {
  let watts = 0
  let estimated = false
  for (const module of modules) {
    const told = powerOf(module, mining)
    if (told === null) return null
    watts += told.watts
    estimated ||= told.estimated
  }
  return { watts, estimated }
}

/**
 * What the wall gives: `WALLPOWER`, or the input side of the power supply (value 6). Its output side (value 4) and the
 * target of the tuning are less than that, so they count as estimates.
 */
function powerOf(mm: Row, mining: boolean): Drawn | null {
  const wall = watts(mm.WALLPOWER)
  if (wall !== null) return { watts: wall, estimated: false }
  const supply = figures(mm.PS, 9)
  const output = watts(supply[4])
  const input = watts(supply[6])
  if (input !== null && input >= (output ?? 0)) return { watts: input, estimated: false }
  if (output !== null) return { watts: output, estimated: true }
  const target = mining ? watts(words(mm.ATA0, 1)[0]?.split("-")[0]) : null
  return target === null ? null : { watts: target, estimated: true }
}

function watts(value: unknown): number | null {
  const told = powerW(value)
  return told !== null && told <= MAX_POWER_W ? told : null
}
