import { sql } from "drizzle-orm"
import type { Executor } from "../client.ts"

/** Ciphertexts of a command's or a template's secrets, one a collector that can open it. */
export type SealedSubject = { siteId: number; subjectType: "command" | "template"; subjectId: string }
export type SealedFor = { deviceId: number; sealed: string }

/** The collectors of a site that secrets can be sealed to: not revoked, with their public keys. */
export async function selectSealingKeys(
  db: Executor,
  siteId: number,
): Promise<{ deviceId: number; publicKey: string }[]> {
  return db.execute<{ deviceId: number; publicKey: string }>(sql`
    select id as "deviceId", public_key as "publicKey" from edge_devices
    where site_id = ${siteId} and revoked_at is null and public_key is not null order by id`)
}

/** In the order of devices. */
export async function selectSealed(db: Executor, subject: SealedSubject): Promise<SealedFor[]> {
  return db.execute<SealedFor>(sql`
    select device_id as "deviceId", sealed from sealed_secrets
    where site_id = ${subject.siteId} and subject_type = ${subject.subjectType}
      and subject_id = ${subject.subjectId}::uuid order by device_id`)
}

/** Replaces what the subject held. */
export async function replaceSealed(
  tx: Executor,
  subject: SealedSubject,
  rows: readonly SealedFor[],
): Promise<void> {
  await deleteSealed(tx, subject)
  await tx.execute(sql`
    insert into sealed_secrets (site_id, subject_type, subject_id, device_id, sealed)
    select ${subject.siteId}, ${subject.subjectType}, ${subject.subjectId}::uuid, r."deviceId", r.sealed
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r("deviceId" int, sealed text)`)
}

/** Wipes them: a command ended, a template was deleted. */
export async function deleteSealed(tx: Executor, subject: SealedSubject): Promise<void> {
  await tx.execute(sql`delete from sealed_secrets where site_id = ${subject.siteId}
    and subject_type = ${subject.subjectType} and subject_id = ${subject.subjectId}::uuid`)
}

/** A collector that enrols again has a new key: what templates hold for its old one opens no more. */
export async function deleteTemplateSecretsOf(
  tx: Executor,
  device: { siteId: number; deviceId: number },
): Promise<void> {
  await tx.execute(sql`delete from sealed_secrets
    where site_id = ${device.siteId} and subject_type = 'template' and device_id = ${device.deviceId}`)
}
