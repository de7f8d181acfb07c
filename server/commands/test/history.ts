import { randomUUID } from "node:crypto"
import type {
  CommandSource,
  CommandStatus,
  CommandType,
  ResultStatus,
  SkipReason,
} from "#server/contract/commands.ts"
import { writeAudit } from "../../audit/write-audit.ts"
import type { Context } from "../../context.ts"
import type { Farm } from "./farm.ts"

export type PastTarget = {
  minerId: number
  status?: ResultStatus
  code?: number | null
  message?: string | null
  skipReason?: SkipReason | null
  wave?: number | null
  already?: boolean
  before?: unknown
  after?: unknown
  startedAt?: Date | null
  finishedAt?: Date | null
}

export type PastCommand = {
  siteId: number
  targets: PastTarget[]
  type?: CommandType
  parameters?: Record<string, unknown>
  status?: CommandStatus
  source?: CommandSource
  requestedBy?: number | null
  requestedAt?: Date
  note?: string | null
  /** Further columns of `remote_commands`. */
  more?: Record<string, unknown>
}

/** Writes commands as they stand after the fact, for tests of what is read: no verb ran them. */
export function pastCommands(farm: Farm) {
  const put = async (past: PastCommand): Promise<string> => {
    const { sql } = farm.database
    const id = randomUUID()
    await sql`insert into remote_commands ${sql({
      site_id: past.siteId,
      id,
      request_id: randomUUID(),
      command_type: past.type ?? "REBOOT",
      parameters: JSON.stringify(past.parameters ?? { mode: "soft" }),
      status: past.status ?? "SUCCEEDED",
      source: past.source ?? "manual",
      target_ids: past.targets.map((target) => target.minerId),
      note: past.note ?? null,
      priority: 5,
      ttl_minutes: 30,
      requested_by: past.requestedBy ?? null,
      requested_at: past.requestedAt ?? farm.clock.now,
      ...past.more,
    } as never)}`
    const rows = past.targets.map((target) => ({
      miner_id: target.minerId,
      result_status: target.status ?? "SUCCEEDED",
      result_code: target.code === undefined ? 0 : target.code,
      result_message: target.message ?? null,
      skip_reason: target.skipReason ?? null,
      wave: target.wave ?? null,
      already: target.already ?? false,
      before: target.before ?? null,
      after: target.after ?? null,
      started_at: target.startedAt ?? null,
      finished_at: target.finishedAt ?? null,
    }))
    await sql`
      insert into remote_command_results (site_id, command_id, miner_id, result_status, result_code, result_message,
        skip_reason, wave, already, before, after, started_at, finished_at)
      select ${past.siteId}, ${id}, t.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(miner_id int,
        result_status text, result_code smallint, result_message text, skip_reason text, wave int, already boolean,
        before jsonb, after jsonb, started_at timestamptz, finished_at timestamptz)`
    return id
  }
  /** A row of the audit log about the command. */
  const note = (
    ctx: Context,
    command: { siteId: number; id: string },
    action: string,
    details: Record<string, unknown> | null = null,
  ) =>
    writeAudit(farm.database.db, ctx, {
      action,
      siteId: command.siteId,
      subjectType: "command",
      subjectId: command.id,
      details,
    })
  return { put, note }
}
