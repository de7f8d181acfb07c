import type { BoardSample } from "#server/contract/telemetry.ts"
import { chipsPerBoard } from "../health.ts"
import type { Mapped } from "../reading.ts"
import { chips, number, positive, powerW, tempC } from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"

const FACTS: readonly [RegExp, { boards: number; chips: number | null }][] = [
  [/^T3H/i, { boards: 3, chips: 114 }],
  [/^A10/i, { boards: 3, chips: null }],
  [/^A11/i, { boards: 4, chips: 8 }],
]
export const innosiliconFacts = (model: string | null) =>
  FACTS.find(([pattern]) => pattern.test(model ?? ""))?.[1] ?? null

/** `Hash Rate H` is H/s, `Hash Rate` MH/s. */
export function rateGhs(row: Row): number | null {
  const hashes = positive(row["Hash Rate H"])
  if (hashes !== null) return hashes / 1e9
  const mhs = positive(row["Hash Rate"])
  return mhs === null ? null : mhs / 1e3
}

/** `getAll.all` of the web with the chips that `stats` counts. Its fans are told in per cent alone. Pure. */
export function mapAll(all: Row, stats: readonly Row[], model: string | null): Mapped {
  const now = rateGhs(objectAt(all, "total_hash"))
  const boards = withChips(
    listAt(all, "chain", 32).map((row, at) => ({
      ...board(idOf(row) ?? at),
      hashrate: rateGhs(row),
      temp: tempC(row["Temp max"]) ?? tempC(row["Temp min"]),
    })),
    stats,
    model,
  )
  return {
    hashrate_5s_ghs: now,
    mining: now === null ? null : now > 0,
    boards,
    boards_total: Math.max(boards.length, innosiliconFacts(model)?.boards ?? 0) || null,
    power_consumption: powerW(all.power),
  }
}

/** Boards as `devs` lists them, where the web is not to be had. */
export function withChips(boards: BoardSample[], stats: readonly Row[], model: string | null): BoardSample[] {
  for (const each of boards) {
    const row = stats.find((one) => "Num active chips" in one && idOf(one) === each.id)
    each.chips_ok = chips(row?.["Num active chips"])
  }
  const total = chipsPerBoard(
    innosiliconFacts(model)?.chips ?? null,
    boards.map((each) => each.chips_ok ?? null),
  )
  for (const each of boards) each.chips_total = total
  return boards.sort((one, other) => one.id - other.id)
}

function idOf(row: Row): number | null {
  const id = number(row.ASC) ?? number(row.STATS)
  return id !== null && Number.isInteger(id) && id >= 0 && id <= 255 ? id : null
}

const board = (id: number): BoardSample => ({
  id,
  hashrate: null,
  temp: null,
  temp_chip_max: null,
  frequency: null,
  voltage: null,
  chips_ok: null,
  chips_total: null,
  serial: null,
})
