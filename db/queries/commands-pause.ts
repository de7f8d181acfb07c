import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { timestamp } from "./commands.ts"

/** The kill switches: of a site, and of one collector. */
export type Pause = { at: Date | null; by: number | null; reason: string | null }
const sets = (pause: Pause) => sql`commands_paused_by = ${pause.by}, commands_pause_reason = ${pause.reason},
  commands_paused_at = ${pause.at === null ? sql`null` : timestamp(pause.at)}`

/** False when it was so already. */
export async function pauseSite(tx: Executor, siteId: number, pause: Pause): Promise<boolean> {
  const rows = await tx.execute(sql`update hosting_sites set ${sets(pause)}
    where id = ${siteId} and (commands_paused_at is null) = ${pause.at !== null}::boolean returning id`)
  return rows.length === 1
}

export async function pauseDevice(
  tx: Executor,
  siteId: number,
  deviceId: number,
  pause: Pause,
): Promise<boolean> {
  const rows = await tx.execute(sql`update edge_devices set ${sets(pause)}
    where id = ${deviceId} and site_id = ${siteId} and revoked_at is null
      and (commands_paused_at is null) = ${pause.at !== null}::boolean returning id`)
  return rows.length === 1
}

/** Collectors whose long polls have to hear of the switch. */
export async function selectActiveDevices(db: Executor, siteId: number): Promise<number[]> {
  const rows = await db.execute<{ id: number }>(
    sql`select id from edge_devices where site_id = ${siteId} and revoked_at is null order by id`,
  )
  return rows.map((row) => row.id)
}
