import type { Executor } from "#db/client.ts"
import { clearAttempts, countAttempt, readLockS, takeBackAttempt } from "#db/queries/login-throttle.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"

/**
 * Guessing is slowed down per account, known or not, and per address. Five failures in a row lock an account for
 * 30 s, each further one for twice as long, up to 15 min; an address, which may be a whole office's, after 20. An
 * hour without an attempt forgets. An attempt is counted before the password is looked at.
 */
const ACCOUNT = { freeFailures: 5, firstLockS: 30, longestLockS: 900, forgetAfterS: 3_600 }
const ADDRESS = { freeFailures: 20, firstLockS: 30, longestLockS: 900, forgetAfterS: 3_600 }

const accountKey = (email: string) => `account:${email.toLowerCase()}`
const addressKey = (address: string) => `address:${address}`

/** Throws RATE_LIMITED while the account or the address is locked; else counts the attempt. Returns the lock it caused, s. */
export async function beginAttempt(ctx: Context, email: string): Promise<number> {
  const at = ctx.now()
  return ctx.db.transaction(async (tx) => {
    let lockS = 0
    const keys = ctx.address === null ? [] : [{ key: addressKey(ctx.address), limits: ADDRESS }]
    for (const { key, limits } of [...keys, { key: accountKey(email), limits: ACCOUNT }]) {
      const counted = await countAttempt(tx, key, limits, at)
      if (!counted) throw tooMany(await readLockS(tx, key, at))
      lockS = Math.max(lockS, counted.lockS)
    }
    return lockS
  })
}

/** The attempt was a success: the account starts from nothing, the address has one failure less. */
export async function attemptSucceeded(executor: Executor, ctx: Context, email: string): Promise<void> {
  if (ctx.address !== null) await takeBackAttempt(executor, addressKey(ctx.address))
  await clearAttempts(executor, accountKey(email))
}

function tooMany(waitS: number): DomainError {
  const retryAfterS = Math.max(1, waitS)
  return new DomainError(
    "RATE_LIMITED",
    `Too many failed attempts to log in. Try again in ${inWords(retryAfterS)}.`,
    { retryAfterS },
  )
}

function inWords(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"]
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}
