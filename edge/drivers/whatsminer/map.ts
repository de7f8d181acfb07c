import type { BoardSample, MinerError } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard, WARM_UP_SECONDS } from "../health.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { boolean, chips, count, mhz, number, positive, rpm, tempC, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { errorMeaning } from "./error-codes.ts"
import { SUMMARY_FIELDS } from "./fields.ts"
import type { ModelFacts } from "./models.ts"

export type WhatsminerRows = { summary: Row; devs: Row[]; pools: Row[] }

const POWER_MODES = { low: "eco", normal: "normal", high: "high" } as const

/** `summary`, `devs` and `pools` to a reading. Pure. */
export function mapWhatsminer({ summary, devs, pools }: WhatsminerRows, facts: ModelFacts | null): Mapped {
  const fields = readFields(SUMMARY_FIELDS, { summary })
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const starting = rate === 0 && (fields.uptime_seconds ?? 0) < WARM_UP_SECONDS
  const boards = mapBoards(devs, facts, starting)
  const fans = [rpm(summary["Fan Speed In"]), rpm(summary["Fan Speed Out"])].filter((speed) => speed !== null)
  const liquid = boolean(summary["Liquid Cooling"]) === true || facts?.fans === 0
  const mode = text(summary["Power Mode"], 16)?.toLowerCase()
  return {
    ...fields,
    accepted_shares: fields.accepted_shares ?? sumOverPools(pools, "Accepted"),
    rejected_shares: fields.rejected_shares ?? sumOverPools(pools, "Rejected"),
    stale_shares: fields.stale_shares ?? sumOverPools(pools, "Stale"),
    mining: rate === null ? null : rate > 0,
    power_mode:
      mode !== undefined && mode in POWER_MODES ? POWER_MODES[mode as keyof typeof POWER_MODES] : null,
    pools: mapPools(pools),
    fan_speeds: liquid ? fans.filter((speed) => speed > 0) : fans.length > 0 ? fans : null,
    boards,
    boards_total: Math.max(boards.length, facts?.boards ?? 0) || null,
    errors: summaryErrors(summary),
    mac: null,
  }
}

function mapBoards(devs: Row[], facts: ModelFacts | null, starting: boolean): BoardSample[] {
  const boards = devs.slice(0, 32).map((row, index): BoardSample => {
    const slot = number(row.Slot) ?? number(row.ASC)
    const ok = chips(row["Effective Chips"])
    return {
      id: slot !== null && Number.isInteger(slot) && slot >= 0 && slot <= 255 ? slot : index,
      hashrate: scaled(positive(row["MHS av"])),
      temp: tempC(row.Temperature),
      temp_chip_max: tempC(row["Chip Temp Max"]) ?? tempC(row["Chip Temp Avg"]),
      frequency: mhz(row["Chip Frequency"]) ?? mhz(row.Frequency),
      voltage: null,
      // While a board ramps up its chips have not been counted.
      chips_ok: starting && !ok ? null : ok,
      chips_total: null,
      serial: text(row["PCB SN"], 128),
    }
  })
  const total = chipsPerBoard(
    facts?.chips ?? null,
    boards.map((board) => board.chips_ok ?? null),
  )
  for (const board of boards) board.chips_total = total
  return boards.sort((one, other) => one.id - other.id)
}

const scaled = (mhs: number | null) => (mhs === null ? null : mhs / 1000)

/** Codes that `summary` itself lists; null when it does not count them. */
function summaryErrors(summary: Row): MinerError[] | null {
  const total = count(summary["Error Code Count"])
  if (total === null) return null
  const codes: string[] = []
  for (let at = 0; at < Math.min(total, 64); at += 1) {
    const code = text(summary[`Error Code ${at}`], 64)
    if (code !== null) codes.push(code)
  }
  return codes.map(named)
}

/**
 * `Msg.error_code`: objects of code and time, bare numbers or texts, or one object, by firmware. Null when the reply
 * holds no such list.
 */
export function mapErrorCodes(message: unknown): MinerError[] | null {
  if (typeof message !== "object" || message === null) return null
  const given = (message as Row).error_code
  const list = Array.isArray(given) ? given : typeof given === "object" && given !== null ? [given] : null
  if (list === null) return null
  return list
    .flatMap((each) => (typeof each === "object" && each !== null ? Object.keys(each) : [String(each)]))
    .map((code) => code.trim())
    .filter((code) => /^\d{1,9}$/.test(code) && code !== "0")
    .slice(0, 64)
    .map(named)
}

const named = (code: string): MinerError => ({ code, message: errorMeaning(code) })

/** `status` of v1 (`btmineroff`) and v2 (`mineroff`): whether a person or schedule has switched hashing off. */
export function isSwitchedOff(message: unknown): boolean | null {
  if (typeof message !== "object" || message === null) return null
  return boolean((message as Row).mineroff ?? (message as Row).btmineroff)
}
