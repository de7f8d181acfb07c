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
  purpose: keyof typeof SEAL_PURPOSES = "command",
): Promise<SealedFor[]> {
  const rows = sealToAll(ctx, await selectSealingKeys(tx, subject.siteId), secrets, purpose)
  await replaceSealed(tx, subject, rows)
  return rows
}

/** One ciphertext a collector, in their order; one whose key is no key has none. */
export function sealToAll(
  ctx: Context,
  keys: readonly { deviceId: number; publicKey: string }[],
  secrets: CommandSecrets,
  purpose: keyof typeof SEAL_PURPOSES,
): SealedFor[] {
  const plain = JSON.stringify(secrets)
  return keys.flatMap(({ deviceId, publicKey }) => {
    try {
      return [{ deviceId, sealed: sealTo(publicKey, SEAL_PURPOSES[purpose], plain) }]
    } catch (error) {
      ctx.log.warn({ err: error, device_id: deviceId }, "nothing can be sealed to this collector's key")
      return []
    }
  })
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
