import { randomUUID } from "node:crypto"
import { expect } from "vitest"
import type { CommandResult, LeasedCommand, TakenBackup } from "#server/contract/edge.ts"
import type { DeviceActor, UserActor } from "../../access/actor.ts"
import { advanceWaves } from "../advance-waves.ts"
import { cancelCommand } from "../cancel-command.ts"
import { dispatchCommand } from "../dispatch-command.ts"
import { expireCommands } from "../expire-commands.ts"
import { leaseCommands } from "../lease-commands.ts"
import { recordResult } from "../record-result.ts"
import { requestCommand } from "../request-command.ts"
import { type Farm, type FarmSite, useFarm, WORKER } from "./farm.ts"

export const SOFT = { type: "REBOOT", parameters: { mode: "soft" } } as const
export const LED = { type: "LED", parameters: { state: "on" } } as const
export const ENABLE = { type: "ENABLE", parameters: {} } as const
export const DISABLE = { type: "DISABLE", parameters: {} } as const
export const POOL = {
  type: "CHANGE_POOL",
  parameters: { pools: [{ url: "stratum+tcp://p.example:3333", worker_name: "a.b", password: "s3cret" }] },
} as const
export const MINUTE = 60_000

type Request = Parameters<typeof requestCommand>[1]
type Action = Request["action"]
export type Key = { siteId: number; id: string }
export type Staffed = FarmSite & { admin: UserActor }

/** What the database says of a command: nothing here goes through the verbs that read. */
export type Standing = {
  status: string
  outcome: string | null
  waves: number
  released: number
  halt_reason: string | null
  next_wave_at: Date | null
  target_count: number
  running_count: number
  succeeded_count: number
  failed_count: number
  unknown_count: number
  skipped_count: number
  expired_count: number
}
export type Standings = {
  miner_id: number
  result_status: string
  result_code: number | null
  result_message: string | null
  skip_reason: string | null
  wave: number | null
  already: boolean
  hashrate_before_ghs: number | null
  ran: string | null
  before: unknown
  recovered_at: Date | null
  edge_status: string | null
  edge_id: string | null
  released: boolean
}

/** A farm with the moves of a command in a line each, from the request to the result. */
export function usePlane() {
  const farm: Farm = useFarm()
  const instanceId = randomUUID()
  const journals = new Map<number, { epoch: string; seq: number }>()

  const setUp = async (settings?: Record<string, unknown>, miners = 4): Promise<Staffed> => {
    const site = await farm.makeSite(settings, { miners })
    return { ...site, admin: await farm.makeUser("admin", site.siteId) }
  }
  const request = async (
    actor: UserActor,
    minerIds: readonly number[],
    action: Action = SOFT,
    more: Partial<Request> = {},
  ): Promise<Key & { status: string }> => {
    const { commands } = await requestCommand(farm.as(actor), {
      requestId: randomUUID(),
      targets: { minerIds: [...minerIds] },
      action,
      ...more,
    })
    return commands[0]!
  }
  const dispatch = ({ siteId, id }: Key) => dispatchCommand(farm.as(WORKER), { siteId, commandId: id })
  const lease = async (
    device: DeviceActor,
    max = 100,
    more: { started?: boolean } = {},
  ): Promise<LeasedCommand[]> => {
    const journal = journals.get(device.deviceId) ?? { epoch: randomUUID(), seq: 0 }
    journals.set(device.deviceId, journal)
    const answer = await leaseCommands(farm.as(device), { max, instanceId, journal: { ...journal }, ...more })
    return answer.commands
  }
  const answer = (
    row: Pick<LeasedCommand, "id" | "fencing_token">,
    code: CommandResult["result_code"] = 0,
    more: { already?: boolean; backup?: TakenBackup } = {},
  ) => ({
    id: row.id,
    fencing_token: row.fencing_token,
    result_code: code,
    message: `code ${code}`,
    ran: code === 0 ? "restart" : null,
    started_at: farm.clock.now.toISOString(),
    finished_at: farm.clock.now.toISOString(),
    ...more,
  })
  const record = (device: DeviceActor, results: ReturnType<typeof answer>[]) =>
    recordResult(farm.as(device), { results })

  const standing = async ({ id }: Key): Promise<Standing> => {
    const [row] = await farm.database.sql<Standing[]>`
      select status, outcome, waves, released_wave as released, halt_reason, next_wave_at, target_count, running_count,
        succeeded_count, failed_count, unknown_count, skipped_count, expired_count
      from remote_commands where id = ${id}`
    return row!
  }
  const results = ({ id }: Key): Promise<Standings[]> => farm.database.sql<Standings[]>`
    select r.miner_id, r.result_status, r.result_code, r.result_message, r.skip_reason, r.wave, r.already,
      r.hashrate_before_ghs, r.ran, r.before, r.recovered_at, e.status as edge_status, e.id::text as edge_id,
      e.expires_at is not null as released
    from remote_command_results r left join miner_commands e on e.site_id = r.site_id
      and e.remote_command_id = r.command_id and e.miner_id = r.miner_id
    where r.command_id = ${id} order by r.miner_id`
  const waves = ({ id }: Key) => farm.database.sql<
    {
      wave: number
      targets: number
      released_at: Date | null
      answered_at: Date | null
      passed_at: Date | null
      halted_at: Date | null
      halt_reason: string | null
      resumed_by: number | null
      good: number
      bad: number
    }[]
  >`select wave, targets, released_at, answered_at, passed_at, halted_at, halt_reason, resumed_by, good, bad
    from command_waves where command_id = ${id} order by wave`
  const auditOf = async (subject: string | number) =>
    (
      await farm.database.sql<{ action: string }[]>`
        select action from audit_log where subject_id = ${String(subject)} order by id`
    ).map((row) => row.action)
  /** Every machine of the site tells a sample now, at a rate. */
  const sample = (
    siteId: number,
    minerIds: readonly number[],
    {
      ghs = 100_000,
      uptimeS = null,
      online = true,
    }: { ghs?: number; uptimeS?: number | null; online?: boolean } = {},
  ) => farm.database.sql`update miner_telemetry_live set collected_at = ${farm.clock.now}, online = ${online},
      uptime_seconds = ${uptimeS}, hashrate_ghs = ${ghs}
    where site_id = ${siteId} and miner_id = any(${[...minerIds]}::int[])`
  /** Runs what is leased to a result, one code for all or one a machine. */
  const run = async (
    device: DeviceActor,
    codeOf: (minerId: string) => CommandResult["result_code"] = () => 0,
  ): Promise<number> => {
    const rows = await lease(device)
    if (rows.length > 0)
      await record(
        device,
        rows.map((row) => answer(row, codeOf(row.miner_id))),
      )
    return rows.length
  }
  const jobsOf = async (name: string) =>
    (await farm.database.sql`select 1 from pgboss.job where name = ${name} and state = 'created'`).length

  return {
    farm,
    instanceId,
    journals,
    setUp,
    request,
    dispatch,
    lease,
    answer,
    record,
    standing,
    results,
    waves,
    auditOf,
    sample,
    run,
    jobsOf,
    advance: () => advanceWaves(farm.as(WORKER)),
    expire: () => expireCommands(farm.as(WORKER)),
    cancel: (actor: UserActor, { id }: Key) => cancelCommand(farm.as(actor), { commandId: id }),
    /** Requested and dispatched. */
    start: async (...of: Parameters<typeof request>): Promise<Key> => {
      const command = await request(...of)
      expect(command.status).toBe("QUEUED")
      await dispatch(command)
      return command
    },
  }
}
