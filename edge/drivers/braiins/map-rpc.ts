import type { BoardSample } from "#server/contract/telemetry.ts"
import { antminerFacts } from "../antminer/models.ts"
import { type FieldTable, readFields } from "../field-table.ts"
import { chipsPerBoard } from "../health.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { chips, count, number, positive, powerW, rpm, seconds, tempC, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { fansOf } from "./map-rest.ts"
import { fansOfNumbering, slotsOf } from "./slots.ts"
import { listOf, mhz } from "./units.ts"

export const SECTIONS = ["summary", "devs", "temps", "fans", "pools", "tunerstatus", "devdetails"] as const
export type RpcRows = Record<(typeof SECTIONS)[number], Row[]>

const GHS = 1e-3

/** Port 4028 of BOSMiner and BOSer: MH/s, power as the tuner reckons it. */
const FIELDS: FieldTable<"summary" | "tuner"> = {
  hashrate_ghs: [
    { from: "summary", key: "MHS av", as: positive, scale: GHS },
    { from: "summary", key: "GHS av", as: positive },
  ],
  hashrate_5s_ghs: [
    { from: "summary", key: "MHS 5s", as: positive, scale: GHS },
    { from: "summary", key: "GHS 5s", as: positive },
    { from: "summary", key: "MHS 1m", as: positive, scale: GHS },
  ],
  accepted_shares: [{ from: "summary", key: "Accepted", as: count }],
  rejected_shares: [{ from: "summary", key: "Rejected", as: count }],
  stale_shares: [{ from: "summary", key: "Stale", as: count }],
  hardware_errors: [{ from: "summary", key: "Hardware Errors", as: count }],
  uptime_seconds: [{ from: "summary", key: "Elapsed", as: seconds }],
  power_consumption: [
    { from: "tuner", key: "ApproximateMinerPowerConsumption", as: powerW },
    { from: "tuner", key: "ApproximateChainPowerConsumption", as: powerW },
  ],
}

/** The average since the start, of a row of `summary`. */
export const averageGhs = (summary: Row): number | null =>
  readFields(AVERAGE, { summary, tuner: undefined }).hashrate_ghs ?? null
const AVERAGE: FieldTable<"summary" | "tuner"> = { hashrate_ghs: FIELDS.hashrate_ghs! }

/** Pure. */
export function mapRpc(told: RpcRows, model: string | null): Mapped {
  const tuner = told.tunerstatus[0]
  const fields = readFields(FIELDS, { summary: told.summary[0], tuner })
  const facts = antminerFacts(model)
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const nominal = told.devs.map((row) => positive(row["Nominal MHS"]))
  const expected = nominal.reduce<number>((sum, each) => sum + (each ?? 0), 0) * GHS
  const ids = [...told.devs, ...told.temps].map((row) => row.ID)
  const boards = mapBoards(told, facts?.chips ?? null)
  return {
    ...fields,
    accepted_shares: fields.accepted_shares ?? sumOverPools(told.pools, "Accepted"),
    rejected_shares: fields.rejected_shares ?? sumOverPools(told.pools, "Rejected"),
    stale_shares: fields.stale_shares ?? sumOverPools(told.pools, "Stale"),
    hashrate_expected_ghs: expected > 0 ? expected : null,
    power_estimated: fields.power_consumption === undefined ? null : true,
    mining: rate === null ? null : rate > 0,
    fan_speeds: fansOf(
      told.fans.map((row) => rpm(row.RPM)),
      facts?.fans ?? fansOfNumbering(ids),
    ),
    pools: mapPools(told.pools),
    boards,
    ...(facts === null ? {} : { boards_total: Math.max(facts.boards, boards?.length ?? 0) }),
    errors: tunerErrors(tuner),
  }
}

function mapBoards(told: RpcRows, catalogueChips: number | null): BoardSample[] | null {
  const rows = told.devs.length > 0 ? told.devs : told.devdetails
  if (rows.length === 0) return null
  const ids = rows.map((row, at) => row.ID ?? row.ASC ?? at)
  const slots = slotsOf(ids)
  const of = (list: readonly Row[], id: unknown) => list.find((row) => number(row.ID) === number(id))
  const counts = ids.map((id) => chips(of(told.devdetails, id)?.Chips))
  const total = chipsPerBoard(catalogueChips, counts)
  const boards = ids.map((id, at): BoardSample => {
    const device = of(told.devs, id)
    const details = of(told.devdetails, id)
    const sensors = of(told.temps, id)
    const rate = positive(device?.["MHS 5s"]) ?? positive(device?.["MHS av"])
    return {
      id: slots[at]!,
      hashrate: rate === null ? null : rate * GHS,
      temp: tempC(sensors?.Board) ?? tempC(device?.Temperature),
      temp_chip_max: tempC(sensors?.Chip),
      frequency: mhz(details?.Frequency),
      voltage: positive(details?.Voltage),
      chips_ok: counts[at]!,
      chips_total: total,
      serial: null,
    }
  })
  return boards.sort((one, other) => one.id - other.id)
}

const TUNING_WELL = /^(?:stable|testing performance profile|tuning individual chips|tuned|continuous)/i

/** A board's tuner says what it is at; anything but its usual words is a finding. */
function tunerErrors(tuner: Row | undefined): { code: string; message: string }[] {
  return listOf(tuner?.TunerChainStatus).flatMap((chain) => {
    const status = text(chain.Status, 200)
    if (status === null || TUNING_WELL.test(status)) return []
    return [{ code: "tuner", message: `Board ${text(chain.HashchainIndex, 8) ?? "?"}: ${status}` }]
  })
}
