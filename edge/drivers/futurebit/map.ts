import type { BoardSample } from "#server/contract/telemetry.ts"
import type { FieldTable } from "../field-table.ts"
import { readFields } from "../field-table.ts"
import type { Mapped } from "../reading.ts"
import {
  boolean,
  chips,
  count,
  mac,
  number,
  positive,
  powerW,
  rpm,
  seconds,
  tempC,
  text,
} from "../transport/coerce.ts"
import { listAt, objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"

/** All that a reading needs, in one question. */
export const READ = `{
  Miner {
    stats { result { stats {
      version versions { miner } statVersion
      master { hwAddr upTime boardsW intervals { int_30 { bySol byDiff } } }
      slots { int_0 { chips pwrOn temperature temperature1 ghs } }
      fans { int_0 { rpm } }
      slaves { uid }
      pool { host port userName intervals { int_0 { sharesAccepted sharesRejected inService } } }
    } } }
    online { result { online { status } } }
  }
  Mcu { stats { result { stats { hostname network { name address mac } } } } }
}`

/** `master` with the rates of its window, `pool` with the counters of its own; GH/s. */
const FIELDS: FieldTable<"master" | "rate" | "shares"> = {
  hashrate_ghs: [{ from: "rate", key: "bySol", as: positive }],
  hashrate_5s_ghs: [{ from: "rate", key: "bySol", as: positive }],
  accepted_shares: [{ from: "shares", key: "sharesAccepted", as: count }],
  rejected_shares: [{ from: "shares", key: "sharesRejected", as: count }],
  uptime_seconds: [{ from: "master", key: "upTime", as: seconds }],
  power_consumption: [{ from: "master", key: "boardsW", as: powerW }],
}

export const statsOf = (data: Row): Row | null =>
  listAt(objectAt(data, "Miner", "stats", "result"), "stats", 8)[0] ?? null
export const isOnline = (data: Row): boolean | null =>
  boolean(objectAt(data, "Miner", "online", "result", "online").status)

/** The wired card first; all-zero addresses are none. */
export function macOf(data: Row): string | null {
  const cards = listAt(objectAt(data, "Mcu", "stats", "result", "stats"), "network", 16)
  let other: string | null = null
  for (const card of cards) {
    const found = mac(card.mac)
    if (found !== null && isWired(text(card.name, 32))) return found
    other ??= found
  }
  return other ?? mac(objectAt(statsOf(data) ?? {}, "master").hwAddr)
}

const isWired = (name: string | null) => name !== null && (name.startsWith("e") || name.startsWith("E"))

/** Pure. Without statistics the miner is stopped or starting. */
export function mapApollo(data: Row): Mapped {
  const stats = statsOf(data)
  const online = isOnline(data)
  if (stats === null) return { mining: false, power_mode: online === false ? "sleep" : null }
  const master = objectAt(stats, "master")
  const fields = readFields(FIELDS, {
    master,
    rate: objectAt(master, "intervals", "int_30"),
    shares: objectAt(stats, "pool", "intervals", "int_0"),
  })
  const slot = objectAt(stats, "slots", "int_0")
  const pool = objectAt(stats, "pool")
  const host = text(pool.host, 400)
  const rate = fields.hashrate_5s_ghs ?? null
  const port = number(pool.port)
  const board: BoardSample = {
    id: 0,
    hashrate: positive(slot.ghs) ?? rate,
    temp: tempC(slot.temperature),
    temp_chip_max: tempC(slot.temperature1),
    frequency: null,
    voltage: null,
    chips_ok: chips(slot.chips),
    chips_total: null,
    serial: text(listAt(stats, "slaves", 4)[0]?.uid, 128),
  }
  const works = online !== false && (rate === null ? null : rate > 0)
  return {
    ...fields,
    mining: works,
    power_mode: online === false ? "sleep" : null,
    fan_speeds: fans(objectAt(stats, "fans", "int_0").rpm),
    boards: [board],
    pools:
      host === null
        ? []
        : [
            {
              url: `stratum+tcp://${host.replace(/^[a-z0-9+]+:\/\//i, "")}${port === null ? "" : `:${port}`}`,
              user: text(pool.userName, 256),
              status: null,
              active: works !== false,
            },
          ],
  }
}

/** A list, or the one number. */
function fans(given: unknown): (number | null)[] | null {
  if (Array.isArray(given)) return given.length === 0 ? null : given.slice(0, 8).map(rpm)
  const one = rpm(given)
  return one === null ? null : [one]
}
