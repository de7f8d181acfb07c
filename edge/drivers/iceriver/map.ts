import type { BoardSample, PoolSample } from "#server/contract/telemetry.ts"
import { chipsPerBoard } from "../health.ts"
import type { Mapped } from "../reading.ts"
import {
  boolean,
  chips,
  count,
  ghsFactor,
  mac,
  mhz,
  number,
  positive,
  rpm,
  tempC,
  text,
} from "../transport/coerce.ts"
import { listAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"

/** Boards by model: KS5 and its like, where known. */
const CHIPS: readonly [RegExp, number][] = [
  [/ks5[lm]/i, 18],
  [/ks5/i, 92],
  [/ks(?:2|3m)/i, 18],
  [/al3/i, 156],
]

/** The panel to a reading. Rates carry the letter of their unit, or that of `unit`. Pure. */
export function mapPanel(data: Row, model: string | null): Mapped {
  const now = rate(data.rtpow, data.unit)
  const powered = boolean(data.powstate)
  const rows = listAt(data, "boards", 16)
  const boards = boardsOf(rows, data.unit, model)
  const fans = Array.isArray(data.fans) ? data.fans.slice(0, 8).map(rpm) : []
  const poolRows = listAt(data, "pools", 16)
  return {
    hashrate_5s_ghs: now,
    hashrate_ghs: rate(data.avgpow, data.unit),
    mining: powered === false ? false : now === null ? null : now > 0,
    fan_speeds: fans.length > 0 ? fans : null,
    boards,
    boards_total: boards.length > 0 ? boards.length : null,
    temperature_inlet: hottestAt(rows, "intmp"),
    temperature_outlet: hottestAt(rows, "outtmp"),
    accepted_shares: sum(poolRows, "accepted"),
    rejected_shares: sum(poolRows, "rejected"),
    uptime_seconds: runtime(data.runtime),
    pools: poolsOf(poolRows),
    mac: mac(data.mac),
  }
}

/** `"123G"`, or `123` beside `unit: "G"`. */
export function rate(value: unknown, unit: unknown): number | null {
  const figure = positive(value)
  return figure === null ? null : figure * ghsFactor(letterOf(value) ?? unit)
}

function letterOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined
  const last = value.charAt(value.length - 1)
  if (last >= "0" && last <= "9") return undefined
  return "KMGTP".includes(last) ? last : /[kmgtp](?=h?(?:\/s)?\s*$)/i.exec(value.trim())?.[0]
}

/** `d:h:m:s`. */
export function runtime(value: unknown): number | null {
  const found = /^(\d{1,5}):(\d{1,5}):(\d{1,5}):(\d{1,5})$/.exec(text(value, 32) ?? "")
  return found === null
    ? null
    : ((Number(found[1]) * 24 + Number(found[2])) * 60 + Number(found[3])) * 60 + Number(found[4])
}

function hottestAt(rows: readonly Row[], key: string): number | null {
  let most: number | null = null
  for (const row of rows) most = hotter(most, tempC(row[key]))
  return most
}

const hotter = (one: number | null, other: number | null): number | null =>
  one === null || (other !== null && other > one) ? other : one

function boardsOf(rows: readonly Row[], unit: unknown, model: string | null): BoardSample[] {
  const boards = rows.map((row, at): BoardSample => {
    const id = number(row.no)
    const found = chips(row.chipsuc)
    return {
      id: id !== null && Number.isInteger(id) && id >= 1 && id <= 16 ? id - 1 : at,
      hashrate: rate(row.rtpow, row.unit ?? unit),
      temp: hotter(tempC(row.intmp), tempC(row.outtmp)),
      temp_chip_max: null,
      frequency: mhz(row.freq),
      voltage: null,
      chips_ok: found,
      chips_total: chips(row.chipnum) || null,
      serial: null,
    }
  })
  const catalogue = CHIPS.find(([pattern]) => pattern.test(model ?? ""))?.[1] ?? null
  const total = chipsPerBoard(
    catalogue,
    boards.map((board) => board.chips_total ?? board.chips_ok ?? null),
  )
  for (const board of boards) board.chips_total ??= total
  return boards.sort((one, other) => one.id - other.id)
}

function poolsOf(rows: readonly Row[]): PoolSample[] {
  const pools: PoolSample[] = []
  let active = false
  for (const row of rows) {
    const url = text(row.addr, 512)
    if (url === null) continue
    const connected = boolean(row.connect)
    const working: boolean = connected === true && boolean(row.state) !== false && !active
    active ||= working
    const status = connected === null ? null : connected ? "alive" : "dead"
    pools.push({ url, user: text(row.user, 256), status, active: working })
  }
  return pools
}

/** Over the pools that are set; null unless each of them tells it. */
function sum(rows: readonly Row[], key: string): number | null {
  let total: number | null = null
  for (const row of rows) {
    if (text(row.addr, 512) === null) continue
    const told = count(row[key])
    if (told === null) return null
    total = (total ?? 0) + told
  }
  return count(total)
}
