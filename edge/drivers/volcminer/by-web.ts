import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { BoardSample } from "#server/contract/telemetry.ts"
import { blackFacts } from "../blackminer/models.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import type { Mapped } from "../reading.ts"
import { chips, count, mhz, number, positive, rpm, seconds, tempC } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { type MinerStatus, minerStatus } from "./status.ts"
import { getVolcText } from "./web.ts"

/** `get_miner_status.cgi`, for a machine whose command port is shut. */
export async function readByWeb(context: DriverContext, identity: Identity): Promise<Outcome<Mapped>> {
  const started = performance.now()
  const page = await getVolcText(context, "get_miner_status")
  const latency_ms = performance.now() - started
  if (!page.ok) return page
  const status = minerStatus(page.value)
  return status === null
    ? fault("garbled", "The miner's status page holds no summary that could be read.")
    : ok({ ...mapStatus(status, blackFacts(identity.family, identity.model)), latency_ms })
}

/** What is called `ghs…` there are MH/s, as texts with commas. Pure. */
export function mapStatus(
  { summary, pools, devs, fans }: MinerStatus,
  facts: ReturnType<typeof blackFacts>,
): Mapped {
  const ghs = (value: unknown) => {
    const mhs = positive(value)
    return mhs === null ? null : mhs / 1000
  }
  const now = ghs(summary.ghs5s)
  const boards = devs.map(boardOf).filter((board) => (board.chips_ok ?? 1) > 0)
  for (const board of boards) board.chips_total = facts?.chips ?? null
  return {
    hashrate_5s_ghs: now,
    hashrate_ghs: ghs(summary.ghsav),
    uptime_seconds: seconds(summary.elapsed),
    hardware_errors: count(summary.hw),
    accepted_shares: count(summary.accepted) ?? sumOverPools(pools, "accepted"),
    rejected_shares: count(summary.rejected) ?? sumOverPools(pools, "rejected"),
    stale_shares: count(summary.stale) ?? sumOverPools(pools, "stale"),
    mining: now === null ? null : now > 0,
    pools: mapPools(pools),
    // A proxy's complaint in a speed's place: that fan does not turn as far as anybody knows.
    fan_speeds:
      fans.length > 0 ? fans.map((speed) => rpm(speed) ?? (/connect/i.test(speed) ? 0 : null)) : null,
    boards,
    boards_total: Math.max(boards.length, facts?.boards ?? 0) || null,
  }

  function boardOf(row: Row, at: number): BoardSample {
    const index = number(row.index)
    return {
      id: index !== null && Number.isInteger(index) && index >= 1 && index <= 16 ? index - 1 : at,
      hashrate: ghs(row.rate),
      temp: tempC(row.temp),
      temp_chip_max: tempC(row.temp2),
      frequency: mhz(row.freq),
      voltage: null,
      chips_ok: chips(row.chain_acn),
      chips_total: null,
      serial: null,
    }
  }
}
