import type { Transaction } from "#db/client.ts"
import {
  replaceSealed,
  type SealedFor,
  type SealedSubject,
  selectSealed,
  selectSealingKeys,
} from "#db/queries/sealed-secrets.ts"
import type { CommandSecrets } from "#server/contract/command-parameters.ts"
import { SEAL_PURPOSES, sealTo } from "#server/sealed-box.ts"
import type { Context } from "../context.ts"

/**
 * Seals secrets to every live collector of the subject's site (any of them may be the one that reaches a target by
 * then) and stores the ciphertexts only. Returns them in the order of devices; a collector without a usable key has none.
 */
export async function sealSecrets(
  tx: Transaction,
  ctx: Context,
  subject: SealedSubject,
  secrets: CommandSecrets,
  purpose: string = SEAL_PURPOSES.command,
): Promise<SealedFor[]> {
  const plain = JSON.stringify(secrets)
  const rows: SealedFor[] = []
  for (const { deviceId, publicKey } of await selectSealingKeys(tx, subject.siteId)) {
    try {
      rows.push({ deviceId, sealed: sealTo(publicKey, purpose, plain) })
    } catch (error) {
      ctx.log.warn({ err: error, device_id: deviceId }, "nothing can be sealed to this collector's key")
    }
  }
  await replaceSealed(tx, subject, rows)
  return rows
}

/** Gives a subject the ciphertexts of another, as far as their collectors are still live. */
export async function copySealed(
  tx: Transaction,
  from: SealedSubject,
  to: SealedSubject,
): Promise<SealedFor[]> {
  const live = new Set((await selectSealingKeys(tx, to.siteId)).map((key) => key.deviceId))
  const rows = (await selectSealed(tx, from)).filter(({ deviceId }) => live.has(deviceId))
  await replaceSealed(tx, to, rows)
  return rows
}
