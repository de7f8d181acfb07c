import type { Database, Sql } from "#db/client.ts"
import type { Actor } from "./access/actor.ts"
import type { Log } from "./log.ts"
import type { Queue } from "./queue.ts"
import type { Vault } from "./vault.ts"

/**
 * What a verb gets besides its input. Made once a request, job or command line call; holds no transport types.
 * `now` is the only clock a verb may read.
 */
export type Context = {
  sql: Sql
  db: Database
  queue: Queue
  /** Null in processes that store and show nothing enciphered (worker, command line). */
  vault: Vault | null
  actor: Actor
  now: () => Date
  log: Log
  requestId: string
  /** The caller's network address, for the audit and the throttle. */
  address: string | null
  source: "manual" | "scheduled" | "automatic" | "api" | "edge" | "cli"
}

/** What lives as long as the process; contexts are made from it. */
export type Services = {
  sql: Sql
  db: Database
  queue: Queue
  vault: Vault | null
  now: () => Date
  log: Log
}

export function createContext(
  services: Services,
  call: { actor: Actor; requestId: string; address?: string | null; source?: Context["source"]; log?: Log },
): Context {
  return {
    sql: services.sql,
    db: services.db,
    queue: services.queue,
    vault: services.vault,
    now: services.now,
    actor: call.actor,
    requestId: call.requestId,
    address: call.address ?? null,
    source: call.source ?? "manual",
    log: call.log ?? services.log.child({ request_id: call.requestId }),
  }
}
