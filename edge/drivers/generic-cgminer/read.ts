import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { BoardSample } from "#server/contract/telemetry.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { readFields } from "../field-table.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import { completeReading, type Mapped } from "../reading.ts"
import { mhz, number, positive, rpm, tempC } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { SUMMARY_FIELDS } from "./fields.ts"

/** `summary`, `devs` and `pools`, joined where the miner understands it. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = rpcSession(context)
  const summary = await rpc.read("summary")
  if (!summary.ok) return summary
  const row = rows(summary.value.body, "SUMMARY")[0]
  if (row === undefined) return fault("garbled", "The miner answered summary without a summary.")
  const lists: Row[][] = []
  for (const [command, section] of [
    ["devs", "DEVS"],
    ["pools", "POOLS"],
  ] as const) {
    const reply = await rpc.read(command)
    if (!reply.ok && reply.fault.kind !== "unsupported" && reply.fault.kind !== "auth") return reply
    lists.push(reply.ok ? rows(reply.value.body, section) : [])
  }
  const mapped = mapGeneric(row, lists[0]!, lists[1]!)
  return ok(completeReading(context, identity, { ...mapped, latency_ms: rpc.latencyMs() }))
}

/** Pure. The protocol counts no chips, so that boards are never judged by them. */
export function mapGeneric(summary: Row, devs: Row[], pools: Row[]): Mapped {
  const fields = readFields(SUMMARY_FIELDS, { summary })
  const boards = mapDevices(devs)
  const rate = fields.hashrate_5s_ghs ?? fields.hashrate_ghs ?? null
  const fans = ["Fan Speed In", "Fan Speed Out"]
    .map((key) => rpm(summary[key]))
    .filter((speed) => speed !== null)
  return {
    ...fields,
    accepted_shares: fields.accepted_shares ?? sumOverPools(pools, "Accepted"),
    rejected_shares: fields.rejected_shares ?? sumOverPools(pools, "Rejected"),
    stale_shares: fields.stale_shares ?? sumOverPools(pools, "Stale"),
    mining: rate === null ? null : rate > 0,
    pools: mapPools(pools),
    fan_speeds: fans.length > 0 ? fans : null,
    boards,
  }
}

/** A miner that lumps its boards into one device without a rate (stock Antminer's BTM_SOC) says nothing of boards. */
function mapDevices(devs: Row[]): BoardSample[] | null {
  const boards = devs.slice(0, 32).map((row, index): BoardSample => {
    const id = number(row.Slot) ?? number(row.ASC) ?? number(row.ID) ?? number(row.PGA)
    return {
      id: id !== null && Number.isInteger(id) && id >= 0 && id <= 255 ? id : index,
      hashrate: deviceRate(row),
      temp: tempC(row.Temperature),
      temp_chip_max: null,
      frequency: mhz(row.Frequency),
      voltage: null,
      chips_ok: null,
      chips_total: null,
      serial: null,
    }
  })
  const silent = boards.length <= 1 && boards.every((board) => !board.hashrate && board.temp == null)
  return silent ? null : boards.sort((one, other) => one.id - other.id)
}

function deviceRate(row: Row): number | null {
  const ghs = positive(row["GHS av"]) ?? positive(row["GHS 5s"])
  if (ghs !== null) return ghs
  const mhs = positive(row["MHS av"]) ?? positive(row["MHS 5s"])
  return mhs === null ? null : mhs / 1000
}
