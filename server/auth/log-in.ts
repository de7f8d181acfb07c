import { z } from "zod"
import { type Account, findAccountByEmail, recordLogin } from "#db/queries/accounts.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { UserActor } from "../access/actor.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { openSessions, type Session } from "./lucia.ts"
import { PASSWORD_MAX_LENGTH, verifyPassword } from "./password.ts"
import { hashSecret } from "./secret-token.ts"
import { attemptSucceeded, beginAttempt } from "./throttle.ts"

export const logInInput = z.object({
  email: z.string().trim().min(1).max(254),
  password: z.string().min(1).max(PASSWORD_MAX_LENGTH),
  userAgent: z.string().nullable().default(null),
})

/**
 * Opens a session. Throws UNAUTHENTICATED with one message for a wrong password, an unknown, disabled or passwordless
 * account, after the same work; RATE_LIMITED while the account or the address is locked.
 */
export async function logIn(ctx: Context, input: z.input<typeof logInInput>): Promise<Session> {
  const { email, password, userAgent } = parseInput(logInInput, input)
  const lockS = await beginAttempt(ctx, email)
  const account = await findAccountByEmail(ctx.db, email)
  const right = await verifyPassword(account?.passwordHash ?? null, password)
  if (!account || !right || account.disabledAt) return refuse(ctx, { account, email, right, lockS })

  return ctx.db.transaction(async (tx) => {
    if (!(await recordLogin(tx, account.id, ctx.now()))) throw new DomainError("UNAUTHENTICATED", WRONG)
    await attemptSucceeded(tx, ctx, email)
    const keeper = openSessions({ sql: ctx.sql, db: tx, now: ctx.now })
    const session = await keeper.create(account.id, {
      address: ctx.address,
      userAgent: userAgent?.slice(0, 512) ?? null,
    })
    const actor = actorOf(account, hashSecret(session.token))
    await writeAudit(
      tx,
      { ...ctx, actor },
      {
        action: "session.login",
        siteId: null,
        subjectType: "user",
        subjectId: account.id,
      },
    )
    return session
  })
}

const WRONG = "The e-mail address or the password is wrong."

async function refuse(
  ctx: Context,
  attempt: { account: Account | null; email: string; right: boolean; lockS: number },
): Promise<never> {
  const { account, right, lockS } = attempt
  const reason = account === null ? "unknown account" : right ? "disabled account" : "wrong password"
  await writeAudit(ctx.db, ctx, {
    action: "session.login-failed",
    siteId: null,
    subjectType: "user",
    subjectId: account?.id ?? "unknown",
    // What was typed is kept only when it looks like an address: people type passwords into the wrong box.
    details: { email: z.email().safeParse(attempt.email).data ?? null, reason, lockedForS: lockS },
  })
  ctx.log.warn({ event: "login_failed", address: ctx.address, reason, locked_for_s: lockS }, "login failed")
  throw new DomainError("UNAUTHENTICATED", WRONG)
}

/** Who just logged in, for the audit: his memberships play no part in it. */
function actorOf(account: Account, sessionId: string): UserActor {
  const { id: userId, email, name, kind, globalRole } = account
  return {
    kind: "user",
    userId,
    email,
    name,
    account: kind,
    globalRole,
    memberships: new Map(),
    ownedSiteIds: [],
    sessionId,
  }
}
