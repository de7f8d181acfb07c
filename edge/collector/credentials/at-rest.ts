import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { chmodSync } from "node:fs"
import type { CacheDir } from "../state/cache-dir.ts"

/** Beside `private-key.json`, mode 0600: 32 random bytes, base64url. Without it what it enciphered is lost. */
const KEY_FILE = "login-key"
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Enciphers what this collector keeps of logins; `place` binds a text to where it belongs. */
export type AtRest = {
  seal: (place: string, plain: string) => Uint8Array
  /** Null: damaged, another place's, or of another key. */
  open: (place: string, sealed: Uint8Array) => string | null
}

export function openAtRest(dir: Pick<CacheDir, "file" | "read" | "writePrivate">): AtRest {
  const key = readKey(dir) ?? createKey(dir)
  return {
    seal: (place, plain) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(place))
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text])
    },
    open: (place, sealed) => {
      const bytes = Buffer.from(sealed)
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES))
        decipher.setAAD(Buffer.from(place))
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
        const text = bytes.subarray(NONCE_BYTES + TAG_BYTES)
        return decipher.update(text, undefined, "utf8") + decipher.final("utf8")
      } catch {
        return null // the tag does not fit: the caller says what was lost
      }
    },
  }
}

/** A copied or restored file may have come with another mode. */
function readKey(dir: Pick<CacheDir, "file" | "read">): Buffer | null {
  const text = dir.read(KEY_FILE)
  const key = text === null ? null : Buffer.from(text.trim(), "base64url")
  if (key?.length !== KEY_BYTES) return null
  chmodSync(dir.file(KEY_FILE), 0o600)
  return key
}

function createKey(dir: Pick<CacheDir, "writePrivate">): Buffer {
  const key = randomBytes(KEY_BYTES)
  dir.writePrivate(KEY_FILE, `${key.toString("base64url")}\n`)
  return key
}
