import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** Where a device's journal stood at its last poll. */
export type JournalPosition = { epoch: string | null; seq: number }

export async function selectJournal(db: Executor, deviceId: number): Promise<JournalPosition | null> {
  const rows = await db.execute<{ epoch: string | null; seq: string | null }>(
    sql`select journal_epoch as epoch, journal_seq::text as seq from edge_devices where id = ${deviceId}`,
  )
  const row = rows[0]
  return row ? { epoch: row.epoch, seq: Number(row.seq ?? 0) } : null
}

export async function updateJournal(
  db: Executor,
  deviceId: number,
  journal: { epoch: string; seq: number },
): Promise<void> {
  await db.execute(sql`update edge_devices set journal_epoch = ${journal.epoch}::uuid, journal_seq = ${journal.seq}
    where id = ${deviceId}`)
}
