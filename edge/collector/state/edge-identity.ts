import { createHash, generateKeyPairSync, randomUUID } from "node:crypto"
import { chmodSync } from "node:fs"
import { collectorKeySchema } from "#server/contract/edge.ts"
import { type CacheDir, StartupError } from "./cache-dir.ts"

const INSTANCE_FILE = "instance.json"
const PRIVATE_KEY_FILE = "private-key.json"
const KEY_FILE = "collector-key"

/** What is sealed to this collector opens with `privateKey`, a JWK's two numbers; it never leaves this machine. */
export type SealKeys = {
  /** Raw 32 bytes, base64url. */
  publicKey: string
  privateKey: { x: string; d: string }
}

/** Who this collector is: one instance id and one X25519 key pair for the life of the directory. */
export type EdgeIdentity = SealKeys & {
  instanceId: string
  /** True when the directory was new. */
  created: boolean
}

export function readOrCreateEdgeIdentity(dir: CacheDir): EdgeIdentity {
  const stored = parseJson(dir.read(INSTANCE_FILE))
  const privateKey = readPrivateKey(dir) ?? createPrivateKeyFile(dir)
  const keys = { publicKey: privateKey.x, privateKey }
  if (typeof stored?.instance_id === "string")
    return { instanceId: stored.instance_id, ...keys, created: false }
  const instanceId = randomUUID()
  dir.writePrivate(INSTANCE_FILE, `${JSON.stringify({ instance_id: instanceId })}\n`)
  return { instanceId, ...keys, created: true }
}

/** Null when there is none that works. A copied or restored file may have come with another mode. */
function readPrivateKey(dir: CacheDir): SealKeys["privateKey"] | null {
  const jwk = parseJson(dir.read(PRIVATE_KEY_FILE))
  if (typeof jwk?.x !== "string" || typeof jwk.d !== "string") return null
  chmodSync(dir.file(PRIVATE_KEY_FILE), 0o600)
  return { x: jwk.x, d: jwk.d }
}

function createPrivateKeyFile(dir: CacheDir): SealKeys["privateKey"] {
  const jwk = generateKeyPairSync("x25519").privateKey.export({ format: "jwk" })
  dir.writePrivate(PRIVATE_KEY_FILE, `${JSON.stringify(jwk)}\n`)
  return { x: jwk.x as string, d: jwk.d as string }
}

function parseJson(text: string | null): Record<string, unknown> | null {
  if (text === null) return null
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return null
  }
}

/** The key of the last enrolment and a hash of the code it came from; null before the first. */
export type StoredKey = { key: string; codeHash: string | null }

export function readStoredKey(dir: CacheDir): StoredKey | null {
  const [key, codeHash] = (dir.read(KEY_FILE) ?? "").split("\n")
  if (key === undefined || key.trim() === "") return null
  return { key: key.trim(), codeHash: codeHash?.trim() || null }
}

export function storeKey(dir: CacheDir, stored: StoredKey): void {
  dir.writePrivate(KEY_FILE, `${stored.key}\n${stored.codeHash ?? ""}\n`)
}

/** Case and dashes of a code do not matter. */
export function hashCode(code: string): string {
  return createHash("sha256")
    .update(code.toUpperCase().replace(/[^0-9A-Z]/g, ""))
    .digest("hex")
}

/** Throws `StartupError` without repeating the key. */
export function checkKey(key: string): string {
  if (!collectorKeySchema.safeParse(key).success)
    throw new StartupError("LAMPROOM_COLLECTOR_KEY is not a collector key: it is hsc_ and 40 characters.")
  return key
}
