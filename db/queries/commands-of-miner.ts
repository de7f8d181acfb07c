import { sql } from "drizzle-orm"
import type {
  CommandSource,
  CommandStatus,
  CommandType,
  ResultCode,
  ResultStatus,
  SkipReason,
} from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { type CommandScope, commandInScope, resultInScope } from "./commands-scope.ts"

/** A command in the history of one machine, with what it did to that machine. */
export type MinerCommandRow = {
  siteId: number
  timezone: string
  commandId: string
  type: CommandType
  parameters: Record<string, unknown>
  /** Of the whole command. */
  status: CommandStatus
  source: CommandSource
  requestedAt: Date
  /** Of staff, for a client: null. */
  requestedByName: string | null
  resultStatus: ResultStatus
  resultCode: ResultCode | null
  resultMessage: string | null
  skipReason: SkipReason | null
  wave: number | null
  already: boolean
  ran: string | null
  startedAt: Date | null
  finishedAt: Date | null
  recoveredAt: Date | null
}

/** Newest first, and how many there are (at most one more than `countLimit`). */
export async function selectMinerCommands(
  db: Executor,
  scope: CommandScope,
  miner: { siteId: number; id: number },
  page: { limit: number; offset: number; countLimit: number },
): Promise<{ rows: MinerCommandRow[]; total: number }> {
  // What his own machine went through a client sees by the result alone.
  const visible = scope.kind === "client" ? resultInScope(scope) : commandInScope(scope)
  const own = sql`from remote_command_results r
    join remote_commands c on c.site_id = r.site_id and c.id = r.command_id
    where r.site_id = ${miner.siteId} and r.miner_id = ${miner.id} and ${visible}`
  const shown = scope.kind === "client" ? sql`and u.id = ${scope.userId}` : sql``
  const [rows, counted] = await Promise.all([
    db.execute<MinerCommandRow>(sql`
      with page as materialized (
        select c.site_id, c.id ${own} order by c.requested_at desc, c.id desc limit ${page.limit} offset ${page.offset}
      )
      select c.site_id as "siteId", s.timezone, c.id as "commandId", c.command_type as type, c.parameters, c.status, c.source,
        c.requested_at as "requestedAt", (select u.name from user_access u where u.id = c.requested_by ${shown}) as "requestedByName",
        r.result_status as "resultStatus", r.result_code as "resultCode", r.result_message as "resultMessage",
        r.skip_reason as "skipReason", r.wave, r.already, r.ran, r.started_at as "startedAt",
        r.finished_at as "finishedAt", r.recovered_at as "recoveredAt"
      from page p join remote_commands c on c.site_id = p.site_id and c.id = p.id
      join remote_command_results r on r.site_id = c.site_id and r.command_id = c.id and r.miner_id = ${miner.id}
      join hosting_sites s on s.id = c.site_id
      order by c.requested_at desc, c.id desc`),
    db.execute<{ total: number }>(
      sql`select count(*)::int as total from (select 1 ${own} limit ${page.countLimit + 1}) counted`,
    ),
  ])
  return { rows: [...rows], total: counted[0]?.total ?? 0 }
}
