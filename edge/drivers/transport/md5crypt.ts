import { createHash } from "node:crypto"

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
/** Which bytes of the digest make one group of four characters, most significant first. */
const TRIPLES = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const
const ROUNDS = 1_000
const SALT_MAX_BYTES = 8

const md5 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash("md5")
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/**
 * The hash of `openssl passwd -1`, which Node's own crypto lacks: the 22 characters behind the third `$`. Of the salt the
 * first 8 bytes count.
 */
export function md5crypt(password: string, salt: string): string {
  const secret = Buffer.from(password)
  const grains = Buffer.from(salt).subarray(0, SALT_MAX_BYTES)
  const filler = md5(secret, grains, secret)
  const first: Buffer[] = [secret, Buffer.from("$1$"), grains]
  for (let left = secret.length; left > 0; left -= filler.length)
    first.push(filler.subarray(0, Math.min(left, filler.length)))
  for (let bits = secret.length; bits > 0; bits >>= 1)
    first.push(bits & 1 ? Buffer.alloc(1) : secret.subarray(0, 1))
  let digest = md5(...first)
  for (let round = 0; round < ROUNDS; round += 1) {
    const odd = round % 2 === 1
    digest = md5(
      odd ? secret : digest,
      ...(round % 3 === 0 ? [] : [grains]),
      ...(round % 7 === 0 ? [] : [secret]),
      odd ? digest : secret,
    )
  }
  const groups = TRIPLES.map(([high, middle, low]) =>
    characters((digest[high]! << 16) | (digest[middle]! << 8) | digest[low]!, 4),
  )
  return groups.join("") + characters(digest[11]!, 2)
}

/** Six bits a character, the least significant first. */
function characters(value: number, count: number): string {
  let out = ""
  for (let at = 0; at < count; at += 1) out += ALPHABET[(value >> (6 * at)) & 63]
  return out
}
