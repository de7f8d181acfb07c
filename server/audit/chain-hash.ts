import { createHash } from "node:crypto"

/** What the first link follows. */
export const CHAIN_START: Buffer = Buffer.alloc(32)

/** The hash of a link: SHA-256 of the hash before it and the row's text in UTF-8 (`ROW_TEXT` of `db/queries/audit-chain.ts`). */
export function chainHash(before: Buffer, text: string): Buffer {
  return createHash("sha256").update(before).update(text, "utf8").digest()
}
