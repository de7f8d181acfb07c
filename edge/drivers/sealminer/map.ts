import type { BoardSample, MinerError } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { boolean, chips, count, mhz, positive, rpm, tempC, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { FIELDS } from "./fields.ts"

export type SealRows = { stats: Row | undefined; summary: Row | undefined; pools: readonly Row[] }
export type PowerMode = "eco" | "normal" | "high"

/** Boards and fans of the A2, of which the catalogue tells. */
const A2 = { boards: 3, chips: 153 }
const MAX_INDEX = 32

/** `stats`, `summary` and `pools` to a reading. Pure. */
export function mapSealminer({ stats, summary, pools }: SealRows, model: string | null): Mapped {
  const fields = readFields(FIELDS, { stats, summary })
  const shares = {
    accepted_shares: fields.accepted_shares ?? sumOverPools(pools, "Accepted"),
    rejected_shares: fields.rejected_shares ?? sumOverPools(pools, "Rejected"),
    stale_shares: fields.stale_shares ?? sumOverPools(pools, "Stale"),
  }
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  if (stats === undefined)
    return { ...fields, ...shares, mining: rate === null ? null : rate > 0, pools: mapPools(pools) }
  const asleep = isAsleep(stats)
  const { boards, fans } = byIndex(stats)
  const known = model !== null && /\bA2\b/i.test(model) ? A2 : null
  return {
    ...fields,
    ...shares,
    mining: asleep ? false : rate === null ? null : rate > 0,
    power_mode: asleep ? "sleep" : powerModeOf(stats["Mining Mode"]),
    fan_speeds: fans,
    boards: boards.map((board) => ({
      ...board,
      chips_total: board.chips_total ?? known?.chips ?? null,
      // Chips of a machine at rest have not been counted.
      chips_ok: asleep && board.chips_ok === 0 ? null : board.chips_ok,
    })),
    boards_total: count(stats["Board Count"]) || Math.max(boards.length, known?.boards ?? 0) || null,
    pools: mapPools(pools),
    errors: errorsOf(stats),
  }
}

/** Put to sleep, in whatever words. */
export function isAsleep(stats: Row): boolean {
  const state = text(stats["PM State"], 32) ?? ""
  return /susp|sleep|stand|pause|stop/i.test(state)
}

export function powerModeOf(value: unknown): PowerMode | null {
  const mode = text(value, 32) ?? ""
  if (/high|perf|turbo/i.test(mode)) return "high"
  if (/low|eco|sav/i.test(mode)) return "eco"
  return /norm|balanc/i.test(mode) ? "normal" : null
}

/** Keys that begin with a number: boards and fans share them (`0 Freq`, `0 Speed`). */
function byIndex(stats: Row): { boards: BoardSample[]; fans: number[] | null } {
  const rows = new Map<number, Row>()
  for (const key in stats) {
    const code = key.charCodeAt(0)
    if (code < 48 || code > 57) continue
    const [, index, name] = /^(\d{1,2}) (.+)$/.exec(key) ?? []
    if (index === undefined || Number(index) > MAX_INDEX) continue
    const row = rows.get(Number(index)) ?? Object.create(null)
    row[name!] = stats[key]
    rows.set(Number(index), row)
  }
  const all = [...rows].sort(([one], [other]) => one - other)
  const boards = all.filter(([, row]) =>
    ["MHS(Sample)", "Chip Count", "MHS(Ideal)"].some((key) => key in row),
  )
  const fans = all.flatMap(([, row]) => ("Speed" in row ? [rpm(row.Speed)] : []))
  // Whether a firmware counts from 0 or 1, its first board says.
  const first = boards[0]?.[0] === 1 ? 1 : 0
  const speeds = fans.filter((speed) => speed !== null)
  return {
    boards: boards.map(([index, row]) => boardOf(row, index - first)),
    fans: fans.length === 0 ? null : speeds,
  }
}

function boardOf(row: Row, slot: number): BoardSample {
  const rate = positive(row["MHS(Sample)"])
  const total = chips(row["Chip Count"])
  const bad = chips(row["Bad Chip Count"]) ?? 0
  const sensors = [0, 1, 2, 3].map((at) => tempC(row[`Temp ${at}`])).filter((temp) => temp !== null)
  const online = boolean(row.Online)
  return {
    id: slot,
    hashrate: rate === null ? null : rate / 1000,
    temp: null,
    temp_chip_max: sensors.length > 0 ? Math.max(...sensors) : null,
    frequency: mhz(row.Freq),
    voltage: null,
    chips_ok: online === false ? 0 : total === null ? null : Math.max(0, total - bad),
    chips_total: total || null,
    serial: text(row.SN, 128),
  }
}

/** The vendor publishes no list of its codes: they are passed on as they are. */
function errorsOf(stats: Row): MinerError[] {
  const errors: MinerError[] = []
  const code = text(stats["Error Code"], 48)
  if (code !== null && !/^(?:0x)?0+$/i.test(code))
    errors.push({ code, message: `The miner reports error ${code}: look at its web page, then reboot it.` })
  const supply = text(stats["PSU Error"], 48)
  if (supply !== null && !/^(?:0x)?0+$/i.test(supply))
    errors.push({
      code: `PSU:${supply}`,
      message: `The power supply reports error ${supply}: check it, its cables and the mains.`,
    })
  return errors
}
