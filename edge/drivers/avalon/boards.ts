import type { BoardSample } from "#server/contract/telemetry.ts"
import { chipsPerBoard, WARM_UP_SECONDS } from "../health.ts"
import { chips, number, positive, tempC } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { tally, words } from "./mm-text.ts"
import type { ModelFacts } from "./models.ts"

const MAX_BOARDS = 32
/** Fields with one value a board. */
const PER_BOARD = ["MGHS", "MTmax", "MTavg", "MVavg", "HASHS", "ECHU", "MH"]

/** The boards of one module, numbered from `firstSlot`. `idle`: the machine hashes nothing now, whatever its averages say. */
export function boardsOf(mm: Row, facts: ModelFacts | null, idle: boolean, firstSlot: number): BoardSample[] {
  const told = /Hash Board:\s*(\d{1,2})/i.exec(String(mm.SYSTEMSTATU ?? ""))?.[1]
  const lists = PER_BOARD.map((key) => words(mm[key], MAX_BOARDS).length)
  const size = Math.min(MAX_BOARDS, Math.max(Number(told ?? 0), ...lists))
  const list = (key: string) => words(mm[key], MAX_BOARDS)
  const [rates, hottest, volts, fitted] = [list("MGHS"), list("MTmax"), list("MVavg"), list("EEPROM")]
  const rows = Array.from({ length: size }, (_, slot) => chipsAlive(mm, slot, size, idle, facts))
  const perBoard = chipsPerBoard(
    facts?.chips ?? null,
    rows.map((row) => row.ok),
  )
  return rows.map(({ ok, all }, slot): BoardSample => {
    const millivolts = number(volts[slot])
    return {
      id: firstSlot + slot,
      hashrate: idle ? 0 : positive(rates[slot]),
      temp: size === 1 ? tempC(mm.HBTemp) : null,
      temp_chip_max: tempC(hottest[slot]) ?? (size === 1 ? tempC(mm.TMax) : null),
      frequency: boardMhz(mm, slot),
      voltage: millivolts !== null && millivolts > 0 ? Math.round(millivolts * 10) / 10_000 : null,
      chips_ok: ok,
      chips_total: perBoard ?? all ?? chips(fitted[slot]),
      serial: null,
    }
  })
}

/**
 * Chips that tell a temperature; without those, the machine's count of all chips, and on machines that have neither the
 * chips that found work once the machine has had time to. A machine at rest with cold chips tells nothing.
 */
function chipsAlive(
  mm: Row,
  slot: number,
  size: number,
  idle: boolean,
  facts: ModelFacts | null,
): { ok: number | null; all: number | null } {
  const warm = tally(mm[`PVT_T${slot}`])
  if (warm !== null && (warm.nonZero > 0 || !idle)) return { ok: warm.nonZero, all: warm.all }
  const all = warm?.all ?? null
  const total = chips(mm.TA)
  if (total !== null && total > 0) {
    if (size === 1) return { ok: total, all }
    if (facts !== null && total === size * facts.chips) return { ok: facts.chips, all }
  }
  const work = tally(mm[`MW${slot}`])
  const settled = (number(mm.Elapsed) ?? 0) >= WARM_UP_SECONDS
  return work !== null && !idle && settled ? { ok: work.nonZero, all: work.all } : { ok: null, all }
}

/** The mean of a board's four clocks, weighted by how much ran at each. */
function boardMhz(mm: Row, slot: number): number | null {
  const clocks = words(mm[`SF${slot}`], 8).map(positive)
  const weights = words(mm[`PLL${slot}`], 8).map(positive)
  if (clocks.length === 0 || clocks.length !== weights.length) return null
  let [sum, weight] = [0, 0]
  for (const [at, clock] of clocks.entries()) {
    const share = weights[at]!
    if (clock === null || share === null) return null
    sum += clock * share
    weight += share
  }
  return weight > 0 ? Math.round((sum / weight) * 100) / 100 : null
}
