import { createHash } from "node:crypto"

const DIGITS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

function digestOf(pieces: Buffer[]): Buffer {
  return createHash("md5").update(Buffer.concat(pieces)).digest()
}

/** MD5-crypt as machines keep their passwords (`$1$salt$` without that prefix): a thousand rounds, 22 digits. */
export function md5Password(password: string, saltText: string): string {
  const p = Buffer.from(password)
  const salt = Buffer.from(saltText.slice(0, 8))
  const b = digestOf([p, salt, p])
  const start: Buffer[] = [p, Buffer.from("$1$"), salt]
  for (let at = 0; at < p.length; at++) start.push(b.subarray(at % 16, (at % 16) + 1))
  for (let n = p.length; n > 0; n >>>= 1) start.push(n & 1 ? Buffer.from([0]) : p.subarray(0, 1))
  let a = digestOf(start)
  for (let i = 0; i < 1000; i++) {
    const pieces: Buffer[] = [i % 2 ? p : a]
    if (i % 3) pieces.push(salt)
    if (i % 7) pieces.push(p)
    pieces.push(i % 2 ? a : p)
    a = digestOf(pieces)
  }
  let out = ""
  for (const [high, mid, low] of [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const) {
    let value = a[high]! * 65_536 + a[mid]! * 256 + a[low]!
    for (let i = 0; i < 4; i++, value >>>= 6) out += DIGITS[value & 0x3f]
  }
  const last = a[11]!
  return out + DIGITS[last & 0x3f] + DIGITS[last >>> 6]
}
