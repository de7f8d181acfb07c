import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { mapGeneric } from "./generic-cgminer/read.ts"
import type { Mapped } from "./reading.ts"
import { type Row, rows } from "./transport/reply.ts"
import type { RpcSession } from "./transport/rpc-session.ts"

/** What port 4028 tells of a machine whose web interface tells the rest; `closed`: the port is shut or says nothing. */
export type Totals = { mapped: Mapped | null; devs: Row[]; details: Row[]; stats: Row[] }

const SECTIONS = [
  ["devs", "DEVS"],
  ["pools", "POOLS"],
] as const

/** `summary`, `devs`, `pools` and one more report of the family's, one after the other. `mapped` null: the port is shut. */
export async function readTotals(rpc: RpcSession, more: "devdetails" | "stats"): Promise<Outcome<Totals>> {
  const summary = await rpc.read("summary")
  if (!summary.ok) {
    const closed = summary.fault.kind === "refused" || summary.fault.kind === "unsupported"
    return closed ? ok({ mapped: null, devs: [], details: [], stats: [] }) : summary
  }
  const lists: Record<string, Row[]> = {}
  const wanted: [string, string][] = SECTIONS.map(([command, section]) => [command, section])
  wanted.push(more === "stats" ? ["stats", "STATS"] : ["devdetails", "DEVDETAILS"])
  for (const [command, section] of wanted) {
    const reply = await rpc.read(command)
    if (!reply.ok && reply.fault.kind !== "unsupported" && reply.fault.kind !== "auth") return reply
    const found = reply.ok ? rows(reply.value.body, section) : []
    lists[command] = reply.ok && found.length === 0 ? rows(reply.value.body, "DEVS") : found
  }
  const row = rows(summary.value.body, "SUMMARY")[0] ?? {}
  return ok({
    mapped: mapGeneric(row, lists.devs!, lists.pools!),
    devs: lists.devs!,
    details: lists.devdetails ?? [],
    stats: lists.stats ?? [],
  })
}
