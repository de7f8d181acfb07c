import type { BoardSample } from "#server/contract/telemetry.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard, WARM_UP_SECONDS } from "../health.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { boolean, chips, mhz, number, positive, rpm, tempC, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { mapErrorCodes } from "../whatsminer/map.ts"
import type { ModelFacts } from "../whatsminer/models.ts"
import { modeOf, type PowerMode } from "../whatsminer/settings.ts"
import { SUMMARY_FIELDS } from "./fields.ts"
import { member } from "./session.ts"

const NUMBERED_MODES: Readonly<Record<string, PowerMode>> = { 0: "eco", 1: "normal", 2: "high" }

/** `get.miner.status` and, where it was told, `get.device.info` to a reading. Pure. */
export function mapStatus(status: Row, info: Row | null, facts: ModelFacts | null): Mapped {
  const summary = rows(status, "summary")[0] ?? {}
  const miner = member(info, "miner")
  const pools = rows(status, "pools")
  const fields = readFields(SUMMARY_FIELDS, { summary })
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const off = isOff(info) === true
  const starting = rate === 0 && (fields.uptime_seconds ?? 0) < WARM_UP_SECONDS
  const boards = mapBoards(status, miner, facts, starting || off)
  const fans = [rpm(summary["fan-speed-in"]), rpm(summary["fan-speed-out"])].filter((speed) => speed !== null)
  return {
    ...fields,
    accepted_shares: sumOverPools(pools, "accepted"),
    rejected_shares: sumOverPools(pools, "rejected"),
    stale_shares: sumOverPools(pools, "stale"),
    mining: off ? false : rate === null ? null : rate > 0,
    power_mode: off ? "sleep" : powerMode(summary, info),
    pools: mapPools(pools.map(poolRow)),
    fan_speeds: facts?.fans === 0 ? fans.filter((speed) => speed > 0) : fans.length > 0 ? fans : null,
    boards,
    boards_total: Math.max(boards.length, facts?.boards ?? number(miner["board-num"]) ?? 0) || null,
    errors: mapErrorCodes({ error_code: info?.["error-code"] }),
  }
}

/** Whether a person or a schedule has switched mining off; null: it does not tell. */
export function isOff(info: Row | null): boolean | null {
  const working = boolean(member(info, "miner").working)
  return working === null ? null : !working
}

export function powerMode(told: Row, info: Row | null): PowerMode | null {
  const numbered = text(member(info, "power").mode, 8) ?? ""
  return modeOf(told["power-mode"]) ?? NUMBERED_MODES[numbered] ?? null
}

/** In the names that pools have on port 4028. */
function poolRow(row: Row): Row {
  return {
    URL: row.url,
    User: row.account,
    Status: row.status,
    Priority: row["pool-priority"],
    "Stratum Active": row["stratum-active"],
  }
}

function mapBoards(status: Row, miner: Row, facts: ModelFacts | null, notCounted: boolean): BoardSample[] {
  const summary = rows(status, "summary")[0] ?? {}
  const temps = Array.isArray(summary["board-temperature"]) ? summary["board-temperature"] : []
  const boards = rows(status, "edevs")
    .slice(0, 32)
    .map((row, index): BoardSample => {
      const slot = number(row.slot) ?? number(row.id)
      const id = slot !== null && Number.isInteger(slot) && slot >= 0 && slot <= 255 ? slot : index
      const ok = chips(row["effective-chips"])
      const rate = positive(row["hash-average"])
      return {
        id,
        hashrate: rate === null ? null : rate * 1000,
        temp: tempC(temps[id]),
        temp_chip_max: tempC(row["chip-temp-max"]) ?? tempC(row["chip-temp-avg"]),
        frequency: mhz(row.freq),
        voltage: null,
        // While a board ramps up its chips have not been counted.
        chips_ok: notCounted && !ok ? null : ok,
        chips_total: null,
        serial: text(miner[`pcbsn${id}`], 128),
      }
    })
  const total = chipsPerBoard(
    facts?.chips ?? null,
    boards.map((board) => board.chips_ok ?? null),
  )
  for (const board of boards) board.chips_total = total
  return boards.sort((one, other) => one.id - other.id)
}
