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
  const boards = boardsOf(data, model)
  const fans = Array.isArray(data.fans) ? data.fans.slice(0, 8).map(rpm) : []
  const pools = poolsOf(data)
  return {
    hashrate_5s_ghs: now,
    hashrate_ghs: rate(data.avgpow, data.unit),
    mining: powered === false ? false : now === null ? null : now > 0,
    fan_speeds: fans.length > 0 ? fans : null,
    boards,
    boards_total: boards.length > 0 ? boards.length : null,
    temperature_inlet: hottestOf(listAt(data, "boards", 16).map((row) => tempC(row.intmp))),
    temperature_outlet: hottestOf(listAt(data, "boards", 16).map((row) => tempC(row.outtmp))),
    accepted_shares: sum(data, "accepted"),
    rejected_shares: sum(data, "rejected"),
    uptime_seconds: runtime(data.runtime),
    pools,
    mac: mac(data.mac),
  }
}

/** `"123G"`, or `123` beside `unit: "G"`. */
export function rate(value: unknown, unit: unknown): number | null {
  const letter = typeof value === "string" ? /[kmgtp](?=h?(?:\/s)?\s*$)/i.exec(value.trim())?.[0] : undefined
  const figure = positive(value)
  return figure === null ? null : figure * ghsFactor(letter ?? unit)
}

/** `d:h:m:s`. */
export function runtime(value: unknown): number | null {
  const parts = text(value, 32)?.split(":") ?? []
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,5}$/.test(part))) return null
  const [days, hours, minutes, seconds] = parts.map(Number)
  return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!
}

function hottestOf(temps: (number | null)[]): number | null {
  const known = temps.filter((temp) => temp !== null)
  return known.length === 0 ? null : Math.max(...known)
}

function boardsOf(data: Row, model: string | null): BoardSample[] {
  const boards = listAt(data, "boards", 16).map((row, at): BoardSample => {
    const id = number(row.no)
    const found = chips(row.chipsuc)
    return {
      id: id !== null && Number.isInteger(id) && id >= 1 && id <= 16 ? id - 1 : at,
      hashrate: rate(row.rtpow, row.unit ?? data.unit),
      temp: hottestOf([tempC(row.intmp), tempC(row.outtmp)]),
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

function poolsOf(data: Row): PoolSample[] {
  let active = false
  return listAt(data, "pools", 16).flatMap((row) => {
    const url = text(row.addr, 512)
    if (url === null) return []
    const connected = boolean(row.connect)
    const working = connected === true && boolean(row.state) !== false && !active
    active ||= working
    const status = connected === null ? null : connected ? "alive" : "dead"
    return [{ url, user: text(row.user, 256), status, active: working }]
  })
}

function sum(data: Row, key: string): number | null {
  const each = listAt(data, "pools", 16)
    .filter((row) => text(row.addr, 512) !== null)
    .map((row) => count(row[key]))
  return each.length === 0 || each.includes(null)
    ? null
    : count(each.reduce((total, one) => total! + one!, 0))
}
