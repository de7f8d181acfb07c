import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { type CommandRow, STATE_COLUMNS, uuidArray } from "./commands.ts"

/** A command without its targets: what the queue needs of it, however many machines it is for. */
export type CommandState = Omit<
  CommandRow,
  "targetIds" | "approvalReasons" | "requestId" | "batchId" | "fingerprint" | "retryOf"
>

/** Locked until the transaction ends; the same lock as `lockCommand`. */
export async function lockCommandState(
  tx: Executor,
  siteId: number,
  id: string,
): Promise<CommandState | null> {
  const rows = await tx.execute<CommandState>(
    sql`select ${STATE_COLUMNS} from remote_commands where site_id = ${siteId} and id = ${id}::uuid for update`,
  )
  return rows[0] ?? null
}

/** Several of a site, locked in the order of their ids. */
export async function lockCommandStates(
  tx: Executor,
  siteId: number,
  ids: readonly string[],
): Promise<CommandState[]> {
  return tx.execute<CommandState>(
    sql`select ${STATE_COLUMNS} from remote_commands where site_id = ${siteId} and id = any(${uuidArray(ids)})
      order by id for update`,
  )
}

export type ResultCounts = {
  open: number
  succeeded: number
  failed: number
  unknown: number
  /** Skipped because nobody fetched them in time. */
  expired: number
  /** Skipped for any other reason. */
  skipped: number
}

/** How the targets stand, by the counters that a trigger keeps on the command. */
export async function readCounts(
  tx: Executor,
  command: Pick<CommandRow, "siteId" | "id">,
): Promise<ResultCounts> {
  const rows = await tx.execute<ResultCounts>(sql`
    select target_count - succeeded_count - failed_count - unknown_count - skipped_count as open,
      succeeded_count as succeeded, failed_count as failed, unknown_count as unknown,
      expired_count as expired, skipped_count - expired_count as skipped
    from remote_commands where site_id = ${command.siteId} and id = ${command.id}::uuid`)
  return rows[0] as ResultCounts
}
