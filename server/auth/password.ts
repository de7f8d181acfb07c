import { randomInt } from "node:crypto"
import { hash, verify } from "@node-rs/argon2"
import { DomainError } from "#server/contract/errors.ts"

/** Argon2id (the library's default algorithm) at OWASP's first choice for it: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** A hash at the same cost that no password opens: an unknown account takes as long as a known one. */
const NOBODY =
  "$argon2id$v=19$m=19456,t=2,p=1$dyDdTeYwSvjAK/l9fBKEMw$ygy4GqoK9O8/YlAtwyhlMYqnT9H8mbTGW9af2baSr/M"

export const PASSWORD_MIN_LENGTH = 10
export const PASSWORD_MAX_LENGTH = 256

export function hashPassword(password: string): Promise<string> {
  return hash(password, COST)
}

/** Does the same work whether or not there is a hash. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? NOBODY, password)
  return matches && passwordHash !== null
}

/** Throws INVALID with the path `newPassword` unless the password may be chosen for this account. */
export function checkPasswordPolicy(password: string, email: string): void {
  const refuse = (message: string) => {
    throw new DomainError("INVALID", message, { details: [{ path: "newPassword", message }] })
  }
  if ([...password].length < PASSWORD_MIN_LENGTH)
    refuse(`The password must have at least ${PASSWORD_MIN_LENGTH} characters.`)
  if (password.length > PASSWORD_MAX_LENGTH)
    refuse(`The password must have at most ${PASSWORD_MAX_LENGTH} characters.`)
  if (password.trim().toLowerCase() === email.toLowerCase())
    refuse("The password must not be the e-mail address.")
}

const READABLE = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

/** 20 characters without look-alikes: about 116 random bits. */
export function createPassword(): string {
  return Array.from({ length: 20 }, () => READABLE[randomInt(READABLE.length)]).join("")
}
