import { createCipheriv, createDecipheriv, createHash } from "node:crypto"
import { md5crypt } from "../transport/md5crypt.ts"
import type { Row } from "../transport/reply.ts"

/** What `get_token` answers. */
export type Salts = { time: string; salt: string; newsalt: string }
/** One login at one machine: the key of its envelopes, and what every command in them carries. */
export type Token = { aesKey: Buffer; sign: string }

const BLOCK_BYTES = 16
const CIPHER = "aes-256-ecb"

export function tokenOf(password: string, { time, salt, newsalt }: Salts): Token {
  const key = md5crypt(password, salt)
  return {
    aesKey: createHash("sha256").update(key, "ascii").digest(),
    sign: md5crypt(key + time, newsalt),
  }
}

/** The envelope of one command: `{"enc":1,"data":…}`, zero-padded to whole blocks. */
export function seal({ aesKey, sign }: Token, command: Row): string {
  const plain = Buffer.from(JSON.stringify({ ...command, token: sign }))
  const padded = Buffer.alloc(Math.ceil(plain.length / BLOCK_BYTES) * BLOCK_BYTES)
  plain.copy(padded)
  const cipher = createCipheriv(CIPHER, aesKey, null).setAutoPadding(false)
  const data = Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64")
  return JSON.stringify({ enc: 1, data })
}

/** The content of a sealed answer; null: it is sealed with another key. */
export function unseal({ aesKey }: Token, sealed: string): string | null {
  const bytes = Buffer.from(sealed, "base64")
  if (bytes.length === 0 || bytes.length % BLOCK_BYTES !== 0) return null
  const decipher = createDecipheriv(CIPHER, aesKey, null).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(bytes), decipher.final()])
  const end = plain.indexOf(0)
  const text = plain.toString("utf8", 0, end < 0 ? plain.length : end)
  return text.trimStart().startsWith("{") ? text : null
}
