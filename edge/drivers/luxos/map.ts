import type { BoardSample } from "#server/contract/telemetry.ts"
import { antminerFacts } from "../antminer/models.ts"
import { readFields } from "../field-table.ts"
import { chipsPerBoard } from "../health.ts"
import { mapPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { boolean, chips, mac, mhz, number, positive, rpm, tempC, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { presentEvents } from "./events.ts"
import { FIELDS } from "./fields.ts"
import { modelName } from "./identify.ts"
import { profilesOf } from "./profiles.ts"

/** Rows of the replies to one reading; empty where the firmware does not know one. */
export type LuxRows = Record<
  | "summary"
  | "stats"
  | "devs"
  | "pools"
  | "temps"
  | "metadata"
  | "fans"
  | "power"
  | "config"
  | "profiles"
  | "events",
  Row[]
> & { nowS: number | null }

const CORNERS = ["TopLeft", "BottomLeft", "TopRight", "BottomRight"] as const

/** Pure. */
export function mapLux(told: LuxRows): Mapped {
  const config = told.config[0]
  const summary = told.summary[0]
  const power = told.power[0]
  const fields = readFields(FIELDS, { summary, power })
  const asleep = isAsleep(config)
  const nominal = told.devs.map((row) => positive(row["Nominal MHS"]))
  const expected = nominal.reduce<number | null>(
    (sum, rate) => (sum === null || rate === null ? null : sum + rate / 1000),
    nominal.length > 0 ? 0 : null,
  )
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const airless = /immersion|hydro/i.test(String(config?.Cooling)) || boolean(config?.ImmersionMode) === true
  const fans = told.fans
    .toSorted((one, other) => (number(one.ID) ?? 0) - (number(other.ID) ?? 0))
    .map((row) => rpm(row.RPM))
  const { inlet, outlet } = airTemps(told.temps, told.metadata[0])
  const facts = antminerFacts(modelName(config?.Model) ?? modelName(told.stats[0]?.Type))
  return {
    ...fields,
    power_estimated: fields.power_consumption === undefined ? null : boolean(power?.PSU) !== true,
    hashrate_expected_ghs: asleep || expected === 0 ? null : expected,
    mining: asleep ? false : rate === null ? null : rate > 0,
    power_mode: asleep ? "sleep" : modeOfStep(number(config?.ProfileStep)),
    temperature_inlet: inlet,
    temperature_outlet: outlet,
    fan_speeds: airless || fans.length === 0 ? null : fans,
    pools: mapPools(told.pools),
    boards: mapBoards(told, facts?.chips ?? null),
    ...(facts === null ? {} : { boards_total: Math.max(facts.boards, told.devs.length) }),
    errors: presentEvents(told.events, told.nowS, fields.uptime_seconds ?? null),
    mac: mac(config?.MACAddr),
    serial: text(config?.SerialNumber, 128),
  }
}

/** `CurtailMode` other than None, or the power supply switched off. Not told is awake. */
export function isAsleep(config: Row | undefined): boolean {
  const mode = text(config?.CurtailMode, 32)
  return (
    (mode !== null && !/^(?:none|wake ?up|off)$/i.test(mode)) || boolean(config?.IsPowerSupplyOn) === false
  )
}

/** Step 0 is the profile that the machine left the factory with. */
export function modeOfStep(step: number | null): "eco" | "normal" | "high" | null {
  return step === null ? null : step < 0 ? "eco" : step > 0 ? "high" : "normal"
}

/** Boards stand in no order in `devs`; sensors, chips and frequency of a board have its ID, or one more. */
function mapBoards(told: LuxRows, catalogueChips: number | null): BoardSample[] {
  const flat = told.stats.find((row) => "Elapsed" in row || "miner_count" in row)
  const profiles = profilesOf(told.profiles)
  const ids = told.devs.map((row, at) => number(row.ID) ?? number(row.ASC) ?? at)
  const counts = ids.map((id) => chipsOf(flat, id))
  const total = chipsPerBoard(catalogueChips, counts) ?? null
  const boards = told.devs.map((row, at): BoardSample => {
    const id = ids[at]!
    const sensors = told.temps.find((each) => number(each.ID) === id || number(each.TEMP) === id)
    const temps = CORNERS.map((corner) => tempC(sensors?.[corner])).filter((each) => each !== null)
    const profile = profiles.find(({ name }) => name === row.Profile)
    const stopped = boolean(row.IsUserShutdown) === true
    const rate = positive(row["MHS 1m"]) ?? positive(row["MHS 5s"]) ?? positive(row["MHS av"])
    return {
      id: Number.isInteger(id) && id >= 0 && id <= 255 ? id : at,
      hashrate: rate === null ? null : rate / 1000,
      temp: temps.length > 0 ? Math.max(...temps) : tempC(row.Temperature),
      temp_chip_max: null,
      frequency: mhz(flat?.[`freq${id + 1}`]) ?? profile?.mhz ?? null,
      voltage: profile?.volts ?? null,
      chips_ok: stopped ? null : counts[at]!,
      chips_total: total ?? chips(flat?.[`chain_acn${id + 1}`]),
      serial: text(row.SerialNumber, 128),
    }
  })
  return boards.sort((one, other) => one.id - other.id)
}

/** `chain_acsN` has an `o` for each chip that works; LuxOS leaves it empty where there is no board. */
function chipsOf(stats: Row | undefined, id: number): number | null {
  const map = stats?.[`chain_acs${id + 1}`]
  if (typeof map !== "string" || !/[ox-]/i.test(map)) return null
  return chips(map.match(/o/g)?.length ?? 0)
}

/** Which corners sit in the cold and in the warm air is said by `METADATA`, where it is there; else by the papers. */
function airTemps(temps: readonly Row[], metadata: Row | undefined) {
  const label = (corner: (typeof CORNERS)[number]) => {
    const given = (metadata?.[corner] as Row | undefined)?.Label
    return typeof given === "string" ? given : corner.endsWith("Right") ? "intake" : "exhaust"
  }
  const at = (wanted: RegExp) =>
    CORNERS.filter((corner) => wanted.test(label(corner)))
      .flatMap((corner) => temps.map((row) => tempC(row[corner])))
      .filter((each) => each !== null)
  const cold = at(/intake|inlet/i)
  const warm = at(/exhaust|outlet/i)
  return {
    inlet: cold.length > 0 ? Math.min(...cold) : null,
    outlet: warm.length > 0 ? Math.max(...warm) : null,
  }
}
