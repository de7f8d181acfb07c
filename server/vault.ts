import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto"
import { DomainError } from "./contract/errors.ts"

/**
 * Enciphers what the database keeps and people may read again (settings of machines in backups), with keys derived
 * from `LAMPROOM_SECRET`: a dump of the database alone does not show them.
 */
export type Vault = {
  /** AES-256-GCM: `v1.` and base64url of nonce (12) ‖ tag (16) ‖ ciphertext. `about` must be the same at opening. */
  seal: (about: string, plain: string) => string
  /** Throws CONFLICT when it was sealed with another secret or damaged. */
  open: (about: string, sealed: string) => string
  /** HMAC-SHA-256, hex: equal texts of one installation have equal marks, and nobody can guess from them. */
  mark: (plain: string) => string
}

export function createVault(secret: string): Vault {
  const key = (use: string) => Buffer.from(hkdfSync("sha256", secret, "lamproom vault v1", use, 32))
  const sealing = key("seal")
  const marking = key("mark")
  return {
    seal: (about, plain) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv("aes-256-gcm", sealing, nonce).setAAD(Buffer.from(about))
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()])
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64url")}`
    },
    open: (about, sealed) => {
      const bytes = Buffer.from(sealed.slice(3), "base64url")
      try {
        const decipher = createDecipheriv("aes-256-gcm", sealing, bytes.subarray(0, 12))
        decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(12, 28))
        return decipher.update(bytes.subarray(28), undefined, "utf8") + decipher.final("utf8")
      } catch (error) {
        throw new DomainError(
          "CONFLICT",
          "This cannot be read with the present LAMPROOM_SECRET: it was stored under another one, or damaged.",
          { cause: error },
        )
      }
    },
    mark: (plain) => createHmac("sha256", marking).update(plain).digest("hex"),
  }
}
