import { eq, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { loginThrottle } from "../schema/people.ts"

export type ThrottleLimits = {
  freeFailures: number
  firstLockS: number
  longestLockS: number
  forgetAfterS: number
}

/**
 * Counts an attempt before it is judged, in one statement, so that attempts at the same moment cannot pass together.
 * From the `freeFailures`th on each attempt locks the key, twice as long each time. Returns how long this attempt
 * locked it (0: not), or null when the key is locked already; then nothing is counted.
 */
export async function countAttempt(
  executor: Executor,
  key: string,
  limits: ThrottleLimits,
  at: Date,
): Promise<{ failures: number; lockS: number } | null> {
  const now = sql`${at.toISOString()}::timestamptz`
  const failures = sql`(case when t.updated_at < ${now} - make_interval(secs => ${limits.forgetAfterS})
    then 1 else t.failures + 1 end)`
  const lockS = sql`least(${limits.longestLockS}::int,
    ${limits.firstLockS}::int * power(2, least(${failures} - ${limits.freeFailures}::int, 20)))`
  const [row] = await executor.execute<{ failures: number; lockS: number }>(sql`
    insert into login_throttle as t (key, failures, updated_at) values (${key}, 1, ${now})
    on conflict (key) do update set failures = ${failures}, updated_at = ${now},
      locked_until = case when ${failures} >= ${limits.freeFailures}::int
        then ${now} + make_interval(secs => ${lockS}) end
      where t.locked_until is null or t.locked_until <= ${now}
    returning failures, coalesce(ceil(extract(epoch from locked_until - ${now}))::int, 0) as "lockS"`)
  return row ?? null
}

/** Seconds until a key opens again; 0 when it is open. */
export async function readLockS(executor: Executor, key: string, at: Date): Promise<number> {
  const [row] = await executor
    .select({ lockedUntil: loginThrottle.lockedUntil })
    .from(loginThrottle)
    .where(eq(loginThrottle.key, key))
  const leftMs = (row?.lockedUntil?.getTime() ?? 0) - at.getTime()
  return leftMs > 0 ? Math.ceil(leftMs / 1000) : 0
}

/** Forgets all failures of a key. */
export async function clearAttempts(executor: Executor, key: string): Promise<void> {
  await executor.delete(loginThrottle).where(eq(loginThrottle.key, key))
}

/** Takes one counted attempt back: it was a success. Earlier failures stay. */
export async function takeBackAttempt(executor: Executor, key: string): Promise<void> {
  await executor
    .update(loginThrottle)
    .set({ failures: sql`greatest(${loginThrottle.failures} - 1, 0)`, lockedUntil: null })
    .where(eq(loginThrottle.key, key))
}
