import { randomInt } from "node:crypto"
import { hashSecret } from "../auth/secret-token.ts"

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const LENGTH = 12

/** `XXXX-XXXX-XXXX`: 60 random bits. */
export function drawEnrollmentCode(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("")
  return letters.replace(/(.{4})(?=.)/g, "$1-")
}

/** What the database keeps of a code. Case, dashes and spaces do not matter, nor O for 0 and I or L for 1. */
export function hashEnrollmentCode(typed: string): string {
  const code = typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1")
  return hashSecret(code)
}
