import { and, desc, eq, isNull, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { firmwareArtifacts } from "../schema/command-stock.ts"
import { userAccess } from "../schema/people.ts"

/** Firmware files: a row each, its bytes in a large object. Pieces go in and out by server functions, never the whole. */
export type ArtifactRow = {
  id: string
  fileName: string
  version: string
  notes: string | null
  families: string[]
  models: string[]
  sha256: string
  sizeBytes: number
  uploadedAt: Date
  uploadedByName: string | null
}

const COLUMNS = {
  id: firmwareArtifacts.id,
  fileName: firmwareArtifacts.fileName,
  version: firmwareArtifacts.version,
  notes: firmwareArtifacts.notes,
  families: firmwareArtifacts.families,
  models: firmwareArtifacts.models,
  sha256: firmwareArtifacts.sha256,
  sizeBytes: firmwareArtifacts.sizeBytes,
  uploadedAt: firmwareArtifacts.uploadedAt,
  uploadedByName: userAccess.name,
}

/** Newest first; deleted ones are left out. */
export async function selectArtifacts(db: Executor): Promise<ArtifactRow[]> {
  return db
    .select(COLUMNS)
    .from(firmwareArtifacts)
    .leftJoin(userAccess, eq(userAccess.id, firmwareArtifacts.uploadedBy))
    .where(isNull(firmwareArtifacts.deletedAt))
    .orderBy(desc(firmwareArtifacts.uploadedAt), firmwareArtifacts.id)
}

/** Null when there is none, or it was deleted. */
export async function selectArtifact(db: Executor, id: string): Promise<ArtifactRow | null> {
  const [row] = await db
    .select(COLUMNS)
    .from(firmwareArtifacts)
    .leftJoin(userAccess, eq(userAccess.id, firmwareArtifacts.uploadedBy))
    .where(and(eq(firmwareArtifacts.id, id), isNull(firmwareArtifacts.deletedAt)))
  return row ?? null
}

export async function selectArtifactBySha(db: Executor, sha256: string): Promise<ArtifactRow | null> {
  const [row] = await db
    .select(COLUMNS)
    .from(firmwareArtifacts)
    .leftJoin(userAccess, eq(userAccess.id, firmwareArtifacts.uploadedBy))
    .where(and(eq(firmwareArtifacts.sha256, sha256), isNull(firmwareArtifacts.deletedAt)))
  return row ?? null
}

export async function insertArtifact(
  tx: Executor,
  row: typeof firmwareArtifacts.$inferInsert,
): Promise<void> {
  await tx.insert(firmwareArtifacts).values(row)
}

/** Locks the row; `objectId` null: its bytes are gone. */
export async function lockArtifact(
  tx: Executor,
  id: string,
): Promise<{ fileName: string; version: string; sha256: string; objectId: number | null } | null> {
  const [row] = await tx
    .select({
      fileName: firmwareArtifacts.fileName,
      version: firmwareArtifacts.version,
      sha256: firmwareArtifacts.sha256,
      objectId: firmwareArtifacts.objectId,
    })
    .from(firmwareArtifacts)
    .where(and(eq(firmwareArtifacts.id, id), isNull(firmwareArtifacts.deletedAt)))
    .for("update")
  return row ?? null
}

/** Deletes the bytes and keeps the row: commands of the past name it. */
export async function removeArtifact(
  tx: Executor,
  id: string,
  objectId: number | null,
  at: Date,
): Promise<void> {
  if (objectId !== null) await tx.execute(sql`select lo_unlink(${objectId}::oid)`)
  await tx
    .update(firmwareArtifacts)
    .set({ deletedAt: at, objectId: null })
    .where(eq(firmwareArtifacts.id, id))
}

/** How many commands that have not ended would install it. */
export async function countOpenUpdates(tx: Executor, artifactId: string): Promise<number> {
  const rows = await tx.execute<{ open: number }>(sql`
    select count(*)::int as open from remote_commands
    where status in ('PENDING', 'PENDING_APPROVAL', 'QUEUED', 'RUNNING') and command_type = 'UPDATE_FIRMWARE'
      and parameters ->> 'artifact_id' = ${artifactId}`)
  return rows[0]?.open ?? 0
}

/** One upload at a time in the whole installation, until the transaction ends; false: another one is under way. */
export async function tryUploadLock(tx: Executor): Promise<boolean> {
  const rows = await tx.execute<{ got: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended('lamproom firmware upload', 0)) as got`,
  )
  return rows[0]?.got ?? false
}

export async function createObject(tx: Executor): Promise<number> {
  const rows = await tx.execute<{ oid: number }>(sql`select lo_create(0) as oid`)
  return Number(rows[0]?.oid)
}

export async function writePiece(
  tx: Executor,
  objectId: number,
  offset: number,
  bytes: Uint8Array,
): Promise<void> {
  await tx.execute(sql`select lo_put(${objectId}::oid, ${offset}::bigint, ${bytes}::bytea)`)
}

/**
 * A piece of an artifact that a command which this collector holds now names, in base64; null when no such command
 * does, or the bytes are gone. Past the end the piece is empty.
 */
export async function selectPieceForDevice(
  db: Executor,
  device: { siteId: number; deviceId: number },
  artifactId: string,
  range: { offset: number; length: number },
): Promise<{ sizeBytes: number; sha256: string; piece: string } | null> {
  const rows = await db.execute<{ sizeBytes: string; sha256: string; piece: string }>(sql`
    select a.size_bytes as "sizeBytes", a.sha256,
      translate(encode(lo_get(a.object_id::oid, ${range.offset}::bigint, ${range.length}::int), 'base64'), E'\n', '') as piece
    from firmware_artifacts a
    where a.id = ${artifactId}::uuid and a.deleted_at is null and a.object_id is not null
      and exists (select 1 from miner_commands e
        where e.site_id = ${device.siteId} and e.device_id = ${device.deviceId} and e.status = 'sent'
          and e.command_type = 'UPDATE_FIRMWARE' and e.parameters ->> 'artifact_id' = ${artifactId})`)
  const row = rows[0]
  return row ? { ...row, sizeBytes: Number(row.sizeBytes) } : null
}
