import { type Adapter, Lucia, TimeSpan } from "lucia"
import type { Executor, Sql } from "#db/client.ts"
import {
  deleteExpiredSessions,
  deleteSession,
  deleteSessionsOf,
  extendSession,
  findSession,
  insertSession,
  listSessionsOf,
  type SessionAccount,
} from "#db/queries/sessions.ts"
import { SESSION_TTL_MS } from "#server/contract/budgets.ts"
import { hashSecret } from "./secret-token.ts"

/**
 * Lucia over our tables; the only file that imports it. The cookie's token is Lucia's session id; the row's id is its
 * SHA-256. Lucia compares with the wall clock, verbs with the context's: times are shifted here, at the border, so
 * that both agree on what has expired.
 */
export type SessionKeeper = {
  /** A new session; returns the token for the cookie. */
  create: (userId: number, from: { address: string | null; userAgent: string | null }) => Promise<Session>
  /** The session's account, or null. Slides the end when more than half of the time is over, then `fresh` is true. */
  validate: (token: string) => Promise<{ account: SessionAccount; fresh: boolean; expiresAt: Date } | null>
  end: (token: string) => Promise<void>
}
export type Session = { token: string; expiresAt: Date }

type Attributes = { address: string | null; userAgent: string | null }
declare module "lucia" {
  interface Register {
    Lucia: Lucia<Attributes, { account: SessionAccount }>
    UserId: number
    DatabaseSessionAttributes: Attributes
    DatabaseUserAttributes: { account: SessionAccount }
  }
}

export function openSessions(store: { sql: Sql; db: Executor; now: () => Date }): SessionKeeper {
  const lucia = new Lucia<Attributes, { account: SessionAccount }>(createAdapter(store), {
    sessionExpiresIn: new TimeSpan(SESSION_TTL_MS, "ms"),
    getSessionAttributes: (attributes) => attributes,
    getUserAttributes: (attributes) => attributes,
  })
  const { toOurs } = clockShift(store.now)
  return {
    async create(userId, from) {
      const session = await lucia.createSession(userId, from)
      return { token: session.id, expiresAt: toOurs(session.expiresAt) }
    },
    async validate(token) {
      const { session, user } = await lucia.validateSession(token)
      if (!session) return null
      return { account: user.account, fresh: session.fresh, expiresAt: toOurs(session.expiresAt) }
    },
    end: (token) => lucia.invalidateSession(token),
  }
}

function createAdapter({ sql, db, now }: { sql: Sql; db: Executor; now: () => Date }): Adapter {
  const { toOurs, toWall } = clockShift(now)
  return {
    async getSessionAndUser(token) {
      const account = await findSession(sql, hashSecret(token), now())
      if (!account) return [null, null]
      const { userId, expiresAt, address, userAgent } = account
      return [
        { id: token, userId, expiresAt: toWall(expiresAt), attributes: { address, userAgent } },
        { id: userId, attributes: { account } },
      ]
    },
    async getUserSessions(userId) {
      const rows = await listSessionsOf(db, userId)
      return rows.map(({ id, expiresAt, address, userAgent }) => ({
        id,
        userId,
        expiresAt: toWall(expiresAt),
        attributes: { address, userAgent },
      }))
    },
    async setSession(session) {
      await insertSession(db, {
        id: hashSecret(session.id),
        userId: session.userId,
        expiresAt: toOurs(session.expiresAt),
        createdAt: now(),
        address: session.attributes.address,
        userAgent: session.attributes.userAgent,
      })
    },
    updateSessionExpiration: (token, expiresAt) => extendSession(db, hashSecret(token), toOurs(expiresAt)),
    deleteSession: (token) => deleteSession(db, hashSecret(token)),
    async deleteUserSessions(userId) {
      await deleteSessionsOf(db, userId)
    },
    async deleteExpiredSessions() {
      await deleteExpiredSessions(db, now())
    },
  }
}

function clockShift(now: () => Date) {
  return {
    toOurs: (wall: Date) => new Date(wall.getTime() - Date.now() + now().getTime()),
    toWall: (ours: Date) => new Date(ours.getTime() - now().getTime() + Date.now()),
  }
}
