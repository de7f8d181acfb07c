import { createCipheriv, createHash } from "node:crypto"
import type { Credentials } from "../driver.ts"
import type { Row } from "../transport/reply.ts"

/** What a set command is signed with. `tsS`: seconds since 1970. */
export type Ink = { login: Credentials; salt: string; tsS: number }
export type SetCommand = {
  cmd: string
  /** Null where the command takes none. */
  param: unknown
  /** The parameter goes sealed: pools and passwords do. */
  sealed?: boolean
}

const TOKEN_LENGTH = 8

/** The request with its token; a sealed parameter is AES-256-ECB by the same hash, padded as PKCS#7 has it. */
export function signed({ cmd, param, sealed }: SetCommand, { login, salt, tsS }: Ink): Row {
  const hash = createHash("sha256").update(`${cmd}${login.password}${salt}${tsS}`).digest()
  const token = hash.toString("base64").slice(0, TOKEN_LENGTH)
  return { cmd, ts: tsS, token, account: login.username, param: sealed ? seal(hash, param) : param }
}

function seal(key: Buffer, value: unknown): string {
  const cipher = createCipheriv("aes-256-ecb", key, null)
  return Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]).toString("base64")
}
