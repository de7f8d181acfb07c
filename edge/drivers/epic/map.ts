import type { PoolSample } from "#server/contract/telemetry.ts"
import type { ModelFacts } from "../antminer/models.ts"
import { readFields } from "../field-table.ts"
import { WARM_UP_SECONDS } from "../health.ts"
import { withoutScheme } from "../pool-slots.ts"
import type { Mapped } from "../reading.ts"
import { boolean, positive, rpm, text } from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { type EpicDetails, mapBoards } from "./boards.ts"
import { EPIC_FIELDS } from "./fields.ts"

/** `summary` and what the other documents tell of the boards, to a reading. Pure. */
export function mapEpic(summary: Row, details: EpicDetails, facts: ModelFacts | null): Mapped {
  const fields = readFields(EPIC_FIELDS, {
    session: objectAt(summary, "Session"),
    psu: objectAt(summary, "Power Supply Stats"),
  })
  const warm = (fields.uptime_seconds ?? 0) >= WARM_UP_SECONDS
  const { boards, rateMhs, idealMhs } = mapBoards(summary, details, facts, warm)
  const state = operatingState(summary)
  const rate = rateMhs ?? null
  const volts = boards.map((board) => board.voltage).filter((volt) => volt != null)
  return {
    ...fields,
    hashrate_5s_ghs: rate === null ? null : rate / 1000,
    hashrate_expected_ghs: idealMhs !== null ? idealMhs / 1000 : defaultRateGhs(details.capabilities),
    mining: state.atRest ? false : state.mining ? true : state.name === null ? rateSays(rate) : false,
    power_mode: state.atRest ? "sleep" : null,
    voltage_avg: volts.length === 0 ? null : volts.reduce((sum, volt) => sum + volt, 0) / volts.length,
    fan_speeds: fansOf(objectAt(summary, "Fans Rpm")),
    pools: poolsOf(summary),
    boards,
    boards_total: boards.length > 0 ? Math.max(boards.length, facts?.boards ?? 0) : (facts?.boards ?? null),
    errors: errorsOf(summary),
  }
}

const rateSays = (rate: number | null) => (rate === null ? null : rate > 0)

export type OperatingState = { name: string | null; mining: boolean; atRest: boolean; running: boolean }

/** `Idling` is a machine that was told to stop. */
export function operatingState(summary: Row): OperatingState {
  const name = text(objectAt(summary, "Status")["Operating State"], 32)
  const mining = /^mining/i.test(name ?? "")
  return {
    name,
    mining,
    atRest: /^(?:idl|stop)/i.test(name ?? ""),
    running: mining || /^(?:init|start|tun|boot|ramp)/i.test(name ?? ""),
  }
}

/** TH/s of the whole machine as it left the factory; what it should do only where the boards do not say. */
function defaultRateGhs(capabilities: Row | null): number | null {
  const ths = positive(capabilities?.["Default Hashrate"])
  return ths !== null && ths > 0 ? ths * 1000 : null
}

/** Named in no order; null where no fan is fitted, 0 where one stands still. */
function fansOf(speeds: Row): number[] | null {
  const numbered = Object.entries(speeds)
    .slice(0, 32)
    .map(([name, speed]) => ({ at: Number(/(\d+)\s*$/.exec(name)?.[1] ?? 0), speed: rpm(speed) }))
    .sort((one, other) => one.at - other.at)
  const fitted = numbered.map(({ speed }) => speed).filter((speed) => speed !== null)
  return fitted.length === 0 ? null : fitted
}

/** The configured pools; the current one is in use when it is connected. */
function poolsOf(summary: Row): PoolSample[] {
  const stratum = objectAt(summary, "Stratum")
  const current = text(stratum["Current Pool"], 512)
  const user = text(stratum["Current User"], 256)
  const connected = boolean(stratum.IsPoolConnected)
  const pools = listAt(summary, "StratumConfigs", 16).flatMap((row): PoolSample[] => {
    const url = text(row.pool, 512)
    return url === null ? [] : [{ url, user: text(row.login, 256), status: null, active: false }]
  })
  if (current === null) return pools
  const same = pools.find((pool) => withoutScheme(pool.url) === withoutScheme(current))
  const inUse = same ?? { url: current, user, status: null, active: false }
  inUse.active = connected !== false
  inUse.status = connected === null ? null : connected ? "alive" : "dead"
  inUse.user ??= user
  return same === undefined ? [inUse, ...pools] : pools
}

function errorsOf(summary: Row): { code: string; message: string }[] | null {
  const said = text(objectAt(summary, "Status")["Last Error"], 400)
  if (said === null) return []
  const message = `The firmware's last error: ${said}. See its error log.`
  return [{ code: "last-error", message }]
}
