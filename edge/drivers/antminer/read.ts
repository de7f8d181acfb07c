import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { mapPools, sumOverPools } from "../pools.ts"
import { completeReading, type Mapped } from "../reading.ts"
import { count } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { modelName } from "./identify.ts"
import { mapRpc } from "./map-rpc.ts"
import { configuredMode, mapWebStats } from "./map-web.ts"
import { antminerFacts, type ModelFacts } from "./models.ts"
import { getWeb } from "./web.ts"

/**
 * Three requests on port 4028. The web interface is asked only for what that port left open: boards, where the image
 * answers no `stats`, and the mode, where the machine does not hash. A refused login costs these and nothing else.
 */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = rpcSession(context)
  const summary = await rpc.read("summary")
  if (!summary.ok) {
    const closed = summary.fault.kind === "refused" || summary.fault.kind === "unsupported"
    return closed ? readByWeb(context, identity, summary) : summary
  }
  const stats = await rpc.read("stats")
  if (!stats.ok && stats.fault.kind !== "unsupported") return stats
  const pools = await rpc.read("pools")
  if (!pools.ok && pools.fault.kind !== "unsupported") return pools

  const statsRows = stats.ok ? rows(stats.value.body, "STATS") : []
  const poolRows = pools.ok ? rows(pools.value.body, "POOLS") : []
  const facts = antminerFacts(identity.model ?? modelName(statsRows[0]?.Type))
  const webStyle = statsRows.find((row) => Array.isArray(row.chain))
  const flat = statsRows.find((row) => "GHS 5s" in row || "chain_acn1" in row || "Elapsed" in row)
  let mapped = mapRpc(
    { summary: rows(summary.value.body, "SUMMARY")[0], stats: flat, pools: poolRows },
    facts,
  )
  if (webStyle !== undefined) mapped = fill(mapped, mapWebStats(webStyle, facts))
  if (!pools.ok) mapped = { ...mapped, pools: null }

  const boardsMissing = !stats.ok || (mapped.mining === true && (mapped.boards?.length ?? 0) === 0)
  if (boardsMissing) mapped = await withWebStats(context, mapped, facts)
  if (mapped.mining !== true) mapped = await withMode(context, mapped)
  return ok(completeReading(context, identity, mapped, rpc.latencyMs()))
}

async function withWebStats(
  context: DriverContext,
  mapped: Mapped,
  facts: ModelFacts | null,
): Promise<Mapped> {
  const page = await getWeb(context, "stats")
  if (!page.ok) return { ...mapped, error_message: `Boards and fans are unknown. ${page.fault.message}` }
  const stats = rows(page.value, "STATS")[0]
  return stats === undefined ? mapped : fill(mapped, mapWebStats(stats, facts))
}

/** Not hashing: asleep when its configuration says so, else starting or broken. */
async function withMode(context: DriverContext, mapped: Mapped): Promise<Mapped> {
  const known = mapped.power_mode === "sleep" ? mapped.power_mode : null
  const conf = known === null ? await getWeb(context, "get_miner_conf") : null
  const mode = known ?? (conf?.ok ? configuredMode(conf.value) : null) ?? mapped.power_mode ?? null
  const atRest = mode === "sleep" ? { boards: mapped.boards?.length ? mapped.boards : [] } : {}
  return { ...mapped, ...atRest, mining: mapped.mining ?? false, power_mode: mode }
}

/** An image whose command port is off still tells everything on the web. */
async function readByWeb(
  context: DriverContext,
  identity: Identity,
  closed: Outcome<never>,
): Promise<Outcome<Reading>> {
  const started = performance.now()
  const page = await getWeb(context, "stats")
  const latency_ms = performance.now() - started
  if (!page.ok) return page.fault.kind === "auth" ? page : closed
  const stats = rows(page.value, "STATS")[0]
  const summary = await getWeb(context, "summary")
  if (!summary.ok) return summary
  const pools = await getWeb(context, "pools")
  if (!pools.ok && pools.fault.kind !== "unsupported") return pools
  const poolRows = pools.ok ? rows(pools.value, "POOLS") : []
  const total = rows(summary.value, "SUMMARY")[0]
  const facts = antminerFacts(identity.model)
  const mapped: Mapped = {
    ...(stats === undefined ? { mining: false } : mapWebStats(stats, facts)),
    hardware_errors: count(total?.hw_all),
    accepted_shares: sumOverPools(poolRows, "accepted"),
    rejected_shares: sumOverPools(poolRows, "rejected"),
    stale_shares: sumOverPools(poolRows, "stale"),
    pools: pools.ok ? mapPools(poolRows) : null,
    errors: statusErrors(total),
    latency_ms,
  }
  return ok(
    completeReading(context, identity, mapped.mining === true ? mapped : await withMode(context, mapped)),
  )
}

/** `status[]` of `summary.cgi`: what is not `s` (success) is a finding. */
function statusErrors(summary: Row | undefined): { code: string; message: string }[] | null {
  if (!Array.isArray(summary?.status)) return null
  return summary.status
    .filter((each): each is Row => typeof each === "object" && each !== null && (each as Row).status !== "s")
    .map((each) => ({
      code: `${String(each.type).slice(0, 32)}:${String(each.code).slice(0, 16)}`,
      message: (String(each.msg ?? "").trim() || `${String(each.type)} is not well`).slice(0, 512),
    }))
}

/** What the first knows stands; the second fills its gaps. */
function fill(first: Mapped, second: Mapped): Mapped {
  const out: Record<string, unknown> = { ...second }
  for (const [key, value] of Object.entries(first)) {
    const empty = value == null || (Array.isArray(value) && value.length === 0)
    if (!empty || !(key in out)) out[key] = value
  }
  return out as Mapped
}
