import { mapRpc, type RpcRows, slotBase } from "../antminer/map-rpc.ts"
import type { ModelFacts } from "../antminer/models.ts"
import type { Mapped } from "../reading.ts"
import { number, powerW } from "../transport/coerce.ts"
import { minerState } from "./states.ts"

/** Port 4028: bmminer's keys, and per chain the watts that the firmware reckons and the millivolts it sets. Pure. */
export function mapVnishRpc(rows: RpcRows, facts: ModelFacts | null): Mapped {
  const mapped = mapRpc(rows, facts)
  const { stats } = rows
  if (stats === undefined) return mapped
  const base = slotBase(stats)
  let watts: number | null = null
  for (const board of mapped.boards ?? []) {
    const millivolts = number(stats[`chain_vol${base + board.id}`])
    if (millivolts !== null && millivolts > 0) board.voltage = millivolts / 1000
    const own = powerW(stats[`chain_consumption${base + board.id}`])
    if (own !== null) watts = (watts ?? 0) + own
  }
  const state = minerState(stats.state)
  const power = mapped.power_consumption ?? powerW(watts)
  return {
    ...mapped,
    power_consumption: power,
    power_estimated: power === null ? null : mapped.power_consumption == null,
    mining: state.atRest ? false : mapped.mining,
    power_mode: state.atRest ? "sleep" : null,
  }
}
