import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { type CommandRow, uuidArray } from "./commands.ts"
import { intArray } from "./scope.ts"

export type ApprovalFacts = Pick<
  CommandRow,
  "siteId" | "id" | "requestedBy" | "targetIds" | "fingerprint" | "backupFirst" | "waveSize"
>

/** What a decision is about, of commands that were found in the reader's scope and still wait. */
export async function selectApprovals(
  db: Executor,
  commands: readonly { siteId: number; id: string }[],
): Promise<ApprovalFacts[]> {
  return db.execute<ApprovalFacts>(sql`
    select site_id as "siteId", id, requested_by as "requestedBy", target_ids as "targetIds", fingerprint,
      backup_first as "backupFirst", wave_size as "waveSize"
    from remote_commands
    where site_id = any(${intArray([...new Set(commands.map((command) => command.siteId))])})
      and id = any(${uuidArray(commands.map((command) => command.id))}) and status = 'PENDING_APPROVAL'`)
}
