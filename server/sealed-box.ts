import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto"

/**
 * Secrets sealed to a collector: whoever has its X25519 public key can seal, only the collector can open. As ECIES:
 * a fresh key pair a message, X25519, HKDF-SHA-256 over both public keys, AES-256-GCM. Text form:
 * `v1.` and base64url of: ephemeral public key (32 bytes) ‖ tag (16) ‖ ciphertext; the key is used once, so the nonce is 0.
 */
const VERSION = "v1."
const PUBLIC_BYTES = 32
const TAG_BYTES = 16
const NONCE = Buffer.alloc(12)

/** The text cannot be opened with this key: sealed to another one, or damaged. */
export class SealError extends Error {}

/** `publicKey`: raw 32 bytes, base64url. `purpose` must be the same at opening. Throws when the key is none. */
export function sealTo(publicKey: string, purpose: string, plain: string): string {
  const ephemeral = generateKeyPairSync("x25519")
  const ephemeralRaw = rawPublic(ephemeral.publicKey)
  const recipient = createPublicKey({ key: { kty: "OKP", crv: "X25519", x: publicKey }, format: "jwk" })
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient })
  const cipher = createCipheriv("aes-256-gcm", keyOf(shared, ephemeralRaw, publicKey, purpose), NONCE)
  const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()])
  return VERSION + Buffer.concat([ephemeralRaw, cipher.getAuthTag(), text]).toString("base64url")
}

/** `privateKey`: the JWK of the key pair. Throws `SealError`. */
export function openSealed(privateKey: { x: string; d: string }, purpose: string, sealed: string): string {
  const bytes = Buffer.from(sealed.slice(VERSION.length), "base64url")
  if (!sealed.startsWith(VERSION) || bytes.length < PUBLIC_BYTES + TAG_BYTES)
    throw new SealError("not a sealed text of this version")
  const ephemeralRaw = bytes.subarray(0, PUBLIC_BYTES)
  try {
    const shared = diffieHellman({
      privateKey: createPrivateKey({
        key: { kty: "OKP", crv: "X25519", x: privateKey.x, d: privateKey.d },
        format: "jwk",
      }),
      publicKey: createPublicKey({
        key: { kty: "OKP", crv: "X25519", x: ephemeralRaw.toString("base64url") },
        format: "jwk",
      }),
    })
    const key = keyOf(shared, ephemeralRaw, privateKey.x, purpose)
    const decipher = createDecipheriv("aes-256-gcm", key, NONCE)
    decipher.setAuthTag(bytes.subarray(PUBLIC_BYTES, PUBLIC_BYTES + TAG_BYTES))
    return (
      decipher.update(bytes.subarray(PUBLIC_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8")
    )
  } catch (error) {
    throw new SealError("sealed to another key, or damaged", { cause: error })
  }
}

function keyOf(shared: Buffer, ephemeralRaw: Buffer, recipient: string, purpose: string): Buffer {
  const salt = Buffer.concat([ephemeralRaw, Buffer.from(recipient, "base64url")])
  return Buffer.from(hkdfSync("sha256", shared, salt, `lamproom sealed box v1 ${purpose}`, 32))
}

function rawPublic(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x as string, "base64url")
}

/** What each sealed text is for; a text sealed for one does not open as another. */
export const SEAL_PURPOSES = {
  command: "command-secrets",
  backup: "backup-passwords",
  /** A machine's password: of an assigned login, and of the command that sets one. */
  login: "miner-login",
} as const

/** What the secrets of a command of this type are sealed for. */
export function sealPurposeOf(commandType: string): keyof typeof SEAL_PURPOSES {
  return commandType === "SET_LOGIN" ? "login" : "command"
}
