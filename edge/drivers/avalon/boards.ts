import type { BoardSample } from "#server/contract/telemetry.ts"
import { chipsPerBoard, WARM_UP_SECONDS } from "../health.ts"
import { chips, number, positive, tempC } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { type ChipRow, countWords, figures, readChips, words } from "./mm-text.ts"
import type { ModelFacts } from "./models.ts"

const MAX_BOARDS = 32
/** The keys of each board, written once: they are looked up at every poll. */
const SLOT_KEYS = Array.from({ length: MAX_BOARDS }, (_, slot) => ({
  warm: `PVT_T${slot}`,
  work: `MW${slot}`,
  clocks: `SF${slot}`,
  shares: `PLL${slot}`,
}))
/** Fields with one value a board. */
const PER_BOARD = ["MGHS", "MTmax", "MTavg", "MVavg", "HASHS", "ECHU", "MH"]

/** `coldestC`: of the chips that tell a temperature. */
export type ModuleBoards = { boards: BoardSample[]; chipRows: number; coldestC: number | null }

/** The boards of one module, numbered from `firstSlot`. `idle`: the machine hashes nothing now, whatever its averages say. */
export function boardsOf(mm: Row, facts: ModelFacts | null, idle: boolean, firstSlot: number): ModuleBoards {
  const told =
    typeof mm.SYSTEMSTATU === "string" ? /Hash Board:\s*(\d{1,2})/i.exec(mm.SYSTEMSTATU)?.[1] : null
  let size = told == null ? 0 : Number(told)
  for (const key of PER_BOARD) size = Math.max(size, countWords(mm[key]))
  size = Math.min(MAX_BOARDS, size)
  const rates = figures(mm.MGHS)
  const hottest = figures(mm.MTmax)
  const volts = figures(mm.MVavg)
  const fitted = words(mm.EEPROM)
  let chipRows = 0
  let coldestC: number | null = null
  const alive: ReturnType<typeof chipsAlive>[] = []
  for (let slot = 0; slot < size; slot += 1) {
    const warm = readChips(mm[SLOT_KEYS[slot]!.warm])
    chipRows += warm?.all ?? 0
    const min = warm?.min ?? null
    if (min !== null && (coldestC === null || min < coldestC)) coldestC = min
    alive.push(chipsAlive(mm, warm, slot, size, idle, facts))
  }
  const perBoard = chipsPerBoard(
    facts?.chips ?? null,
    alive.map(({ ok }) => ok),
  )
  const boards = alive.map(({ ok, all }, slot): BoardSample => {
    const millivolts = volts[slot] ?? null
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
  return { boards, chipRows, coldestC }
}

/**
 * Chips that tell a temperature; without those, the machine's count of all chips, and on machines that have neither the
 * chips that found work once the machine has had time to. A machine at rest with cold chips tells nothing.
 */
function chipsAlive(
  mm: Row,
  warm: ChipRow | null,
  slot: number,
  size: number,
  idle: boolean,
  facts: ModelFacts | null,
): { ok: number | null; all: number | null } {
  if (warm !== null && (warm.nonZero > 0 || !idle)) return { ok: warm.nonZero, all: warm.all }
  const all = warm?.all ?? null
  const total = chips(mm.TA)
  if (total !== null && total > 0) {
    if (size === 1) return { ok: total, all }
    if (facts !== null && total === size * facts.chips) return { ok: facts.chips, all }
  }
  const settled = !idle && (number(mm.Elapsed) ?? 0) >= WARM_UP_SECONDS
  const work = settled ? readChips(mm[SLOT_KEYS[slot]!.work]) : null
  return work !== null ? { ok: work.nonZero, all: work.all } : { ok: null, all }
}

/** The mean of a board's four clocks, weighted by how much ran at each. */
function boardMhz(mm: Row, slot: number): number | null {
  const keys = SLOT_KEYS[slot]!
  const clocks = figures(mm[keys.clocks], 8)
  const shares = figures(mm[keys.shares], 8)
  if (clocks.length === 0 || clocks.length !== shares.length) return null
  let sum = 0
  let weight = 0
  for (let at = 0; at < clocks.length; at += 1) {
    const clock = positive(clocks[at])
    const share = positive(shares[at])
    if (clock === null || share === null) return null
    sum += clock * share
    weight += share
  }
  return weight > 0 ? Math.round((sum / weight) * 100) / 100 : null
}
