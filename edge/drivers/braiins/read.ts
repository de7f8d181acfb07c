import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading, type Mapped } from "../reading.ts"
import { count } from "../transport/coerce.ts"
import { readEach } from "../transport/read-each.ts"
import { rows } from "../transport/reply.ts"
import { dialectOf } from "./dialect.ts"
import { askGraphql } from "./graphql.ts"
import { mapGraphql, READING } from "./map-graphql.ts"
import { mapRest, type RestPages } from "./map-rest.ts"
import { averageGhs, mapRpc, type RpcRows, SECTIONS } from "./map-rpc.ts"
import { restReads } from "./rest.ts"
import { bosRpc } from "./rpc.ts"

/** The richest interface of the release. A refused login costs what needs it: port 4028 tells the figures without one. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const dialect = dialectOf(identity)
  const started = performance.now()
  const mapped =
    dialect === "rest"
      ? await readRest(context, identity)
      : dialect === "graphql"
        ? await readGraphql(context, identity)
        : await readRpc(context, identity)
  if (mapped.ok)
    return ok(
      completeReading(
        context,
        identity,
        mapped.value,
        mapped.value.latency_ms ?? performance.now() - started,
      ),
    )
  if (mapped.fault.kind !== "auth" || dialect === "rpc") return mapped
  const bare = await readRpc(context, identity)
  if (!bare.ok) return mapped
  const error_message = `Only the command port was read. ${mapped.fault.message}`
  return ok(completeReading(context, identity, { ...bare.value, error_message }))
}

const PAGES: readonly [name: keyof RestPages, page: string][] = [
  ["details", "miner/details"],
  ["stats", "miner/stats"],
  ["hashboards", "miner/hw/hashboards"],
  ["cooling", "cooling/state"],
  ["pools", "pools"],
  ["errors", "miner/errors"],
]

async function readRest(context: DriverContext, identity: Identity): Promise<Outcome<Mapped>> {
  const pages = {} as RestPages
  const reads = restReads(context)
  for (const [name, page] of PAGES) {
    const told = await reads.value(page)
    const missing = !told.ok && told.fault.kind === "unsupported"
    if (!told.ok && (!missing || name === "stats")) return told
    pages[name] = told.ok ? told.value : null
  }
  const mapped = mapRest(pages, identity.model, Date.now())
  mapped.latency_ms = reads.latencyMs()
  return ok(mapped)
}

/** GraphQL counts neither stale shares nor the average since the start: port 4028 does, where it is open. */
async function readGraphql(context: DriverContext, identity: Identity): Promise<Outcome<Mapped>> {
  const told = await askGraphql(context, READING)
  if (!told.ok) return told
  const mapped = mapGraphql(told.value, identity.model)
  const rpc = bosRpc(context)
  const reply = await rpc.read("summary")
  if (!reply.ok) return ["unsupported", "refused", "auth"].includes(reply.fault.kind) ? ok(mapped) : reply
  const row = rows(reply.value.body, "SUMMARY")[0] ?? {}
  const average = averageGhs(row)
  if (average !== null && mapped.mining !== false) mapped.hashrate_ghs = average
  mapped.stale_shares = count(row.Stale)
  mapped.hardware_errors = count(row["Hardware Errors"])
  return ok(mapped)
}

const NOTHING: RpcRows = {
  summary: [],
  devs: [],
  temps: [],
  fans: [],
  pools: [],
  tunerstatus: [],
  devdetails: [],
}

async function readRpc(context: DriverContext, identity: Identity): Promise<Outcome<Mapped>> {
  const rpc = bosRpc(context)
  const replies = await readEach(rpc, SECTIONS)
  if (!replies.ok) return replies
  if (!replies.value[0]) return fault("unsupported", "The machine answers, but not what it is doing.")
  const told = { ...NOTHING }
  for (const [at, name] of SECTIONS.entries()) {
    const reply = replies.value[at]
    told[name] = reply ? rows(reply.body, name.toUpperCase()) : []
  }
  const mapped = mapRpc(told, identity.model)
  mapped.latency_ms = rpc.latencyMs()
  return ok(mapped)
}
