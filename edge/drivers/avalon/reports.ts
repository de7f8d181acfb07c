import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { number } from "../transport/coerce.ts"
import { type Reply, type Row, rows } from "../transport/reply.ts"
import { type RpcSession, rpcSession } from "../transport/rpc-session.ts"
import { generationOf, isHome } from "./models.ts"

/** Beyond the common reads: the statistics without the rows of chips. Queries of `ascset` are in `ascset.ts`. */
const READS: ReadonlySet<string> = new Set(["litestats"])
/** The control board wants this long between two commands. */
const PAUSE_MS = 60

export const avalonSession = (context: DriverContext, reads = READS): RpcSession =>
  rpcSession(context, { reads, pauseMs: PAUSE_MS })

const STATS = ["estats", "stats"]
const HOME_STATS = ["litestats", ...STATS]

const REMEMBERED_MAX = 20_000
/** Which of its statistics an address answers, so that a poll asks for no other. */
const statsCommands = new Map<string, string>()

function candidates({ address }: DriverContext, model: string | null): readonly string[] {
  const known = statsCommands.get(`${address.host}:${address.rpcPort}`)
  const usual = isHome(generationOf(model)) ? HOME_STATS : STATS
  return known === undefined || known === usual[0]
    ? usual
    : [known, ...usual.filter((command) => command !== known)]
}

function remember({ address }: DriverContext, command: string): void {
  const key = `${address.host}:${address.rpcPort}`
  if (statsCommands.get(key) === command) return
  if (statsCommands.size >= REMEMBERED_MAX) statsCommands.clear()
  statsCommands.set(key, command)
}

export type Reports = { stats: Row[]; summary: Row | undefined; pools: Row[] }

/**
 * Statistics, summary and pools: one joined request where the firmware joins, else one after the other. What a firmware
 * does not know is empty; a machine that knows none of them is a fault.
 */
export async function readReports(
  context: DriverContext,
  rpc: RpcSession,
  model: string | null,
): Promise<Outcome<Reports>> {
  for (const command of candidates(context, model)) {
    const replies = await rpc.readJoined([command, "summary", "pools"])
    if (replies.ok) {
      remember(context, command)
      const [stats, summary, pools] = replies.value
      return whole({ stats: stats!, summary: summary!, pools: pools! })
    }
    if (replies.fault.kind !== "unsupported") return replies
  }
  const stats = await optional(readStats(context, rpc, model))
  if (!stats.ok) return stats
  const summary = await optional(rpc.read("summary"))
  if (!summary.ok) return summary
  const pools = await optional(rpc.read("pools"))
  if (!pools.ok) return pools
  return whole({ stats: stats.value, summary: summary.value, pools: pools.value })
}

function whole(replies: { [name in keyof Reports]: Reply | null }): Outcome<Reports> {
  const { stats, summary, pools } = replies
  const reports: Reports = {
    stats: stats === null ? [] : rows(stats.body, "STATS"),
    summary: summary === null ? undefined : rows(summary.body, "SUMMARY")[0],
    pools: pools === null ? [] : rows(pools.body, "POOLS"),
  }
  return reports.stats.length === 0 && reports.summary === undefined
    ? fault("garbled", "The miner answered with neither statistics nor a summary.")
    : ok(reports)
}

/** The statistics alone, by the first command that this firmware knows. */
export async function readStats(
  context: DriverContext,
  rpc: RpcSession,
  model: string | null,
): Promise<Outcome<Reply>> {
  let last: Outcome<Reply> = fault("unsupported", "The miner answers no statistics.")
  for (const command of candidates(context, model)) {
    last = await rpc.read(command)
    if (last.ok) remember(context, command)
    if (last.ok || last.fault.kind !== "unsupported") return last
  }
  return last
}

async function optional(asked: Promise<Outcome<Reply>>): Promise<Outcome<Reply | null>> {
  const reply = await asked
  return reply.ok || reply.fault.kind !== "unsupported" ? reply : ok(null)
}

/** Seconds on the machine's own clock when it answered; it may be years behind ours. Null: it does not tell. */
export function deviceTimeS(reply: Reply): number | null {
  const when = number(rows(reply.body, "STATUS")[0]?.When)
  return when !== null && when > 0 && when < 2 ** 32 ? Math.floor(when) : null
}
