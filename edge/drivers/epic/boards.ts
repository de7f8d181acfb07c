import type { BoardSample } from "#server/contract/telemetry.ts"
import type { ModelFacts } from "../antminer/models.ts"
import { chipsPerBoard } from "../health.ts"
import { boolean, mhz, number, positive, tempC, text } from "../transport/coerce.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"

/** Documents beside `summary`; null where they were not told. */
export type EpicDetails = { capabilities: Row | null; hashrate: unknown; chipTemps: unknown }

export type EpicBoards = {
  boards: BoardSample[]
  /** MH/s now and what the boards say they should do. */
  rateMhs: number | null
  idealMhs: number | null
}

/** `HBs` holds the boards that are switched on; `HBStatus` says which others are there. */
export function mapBoards(
  summary: Row,
  details: EpicDetails,
  facts: ModelFacts | null,
  warm: boolean,
): EpicBoards {
  const rows = new Map<number, Row>()
  for (const status of listAt(summary, "HBStatus", 16)) {
    const slot = slotOf(status.Index)
    if (slot !== null && boolean(status.Detected) !== false) rows.set(slot, {})
  }
  for (const [at, row] of listAt(summary, "HBs", 16).entries()) rows.set(slotOf(row.Index) ?? at, row)
  const serials = details.capabilities?.["Board Serial Numbers"]
  let [rateMhs, idealMhs]: [number | null, number | null] = [null, null]
  const boards = [...rows].map(([slot, row]): BoardSample => {
    const [rate, percent] = Array.isArray(row.Hashrate)
      ? [positive(row.Hashrate[0]), positive(row.Hashrate[1])]
      : [positive(row.Hashrate), null]
    if (rate !== null) rateMhs = (rateMhs ?? 0) + rate
    if (rate !== null && percent !== null && percent > 1) idealMhs = (idealMhs ?? 0) + rate / (percent / 100)
    const chips = chipsOf(details.hashrate, slot)
    const counted = chips !== null && (chips.working > 0 || (warm && rate !== null))
    return {
      id: slot,
      hashrate: rate === null ? null : rate / 1000,
      temp: tempC(row.Temperature),
      temp_chip_max: hottestChip(details.chipTemps, slot),
      frequency: mhz(row["Core Clock Avg"]) ?? mhz(row["Core Clock"]),
      voltage: mhz(row["Input Voltage"]),
      chips_ok: counted ? chips.working : null,
      chips_total: chips?.all ?? null,
      serial: Array.isArray(serials) ? text(serials[slot], 128) : null,
    }
  })
  boards.sort((one, other) => one.id - other.id)
  const total = chipsPerBoard(
    facts?.chips ?? null,
    boards.map((board) => board.chips_total ?? null),
  )
  for (const board of boards) board.chips_total = total ?? board.chips_total
  return { boards, rateMhs, idealMhs }
}

function slotOf(index: unknown): number | null {
  const slot = number(index)
  return slot !== null && Number.isInteger(slot) && slot >= 0 && slot <= 255 ? slot : null
}

/** `Data` of one board in a document that lists boards, one row a chip. */
function chipData(list: unknown, slot: number): unknown[] | null {
  if (!Array.isArray(list)) return null
  const row = list.slice(0, 64).find((each) => slotOf((each as Row | null)?.Index) === slot) as
    | Row
    | undefined
  return Array.isArray(row?.Data) && row.Data.length > 0 ? row.Data.slice(0, 2_000) : null
}

/** A chip's row is `[MH/s, per cent of ideal, ratio]`. */
function chipsOf(list: unknown, slot: number): { working: number; all: number } | null {
  const data = chipData(list, slot)
  if (data === null) return null
  const rates = data.map((chip) => positive(Array.isArray(chip) ? chip[0] : chip))
  return { working: rates.filter((rate) => rate !== null && rate > 0).length, all: rates.length }
}

/** Boards without sensors in their chips tell 0 for each. */
function hottestChip(list: unknown, slot: number): number | null {
  const temps = (chipData(list, slot) ?? []).map((chip) => tempC(Array.isArray(chip) ? chip[0] : chip))
  const known = temps.filter((temp) => temp !== null)
  return known.length === 0 ? null : Math.max(...known)
}
