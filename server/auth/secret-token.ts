import { createHash, randomBytes } from "node:crypto"

/** SHA-256 of a secret as hex: what the database keeps of session ids, links, codes and collector keys. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex")
}

/** A link's token: 32 random bytes, base64url. */
export function createLinkToken(): string {
  return randomBytes(32).toString("base64url")
}
