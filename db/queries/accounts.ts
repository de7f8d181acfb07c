import { and, eq, isNull, sql } from "drizzle-orm"
import type { Executor } from "../client.ts"
import { userAccess } from "../schema/people.ts"

export type Account = typeof userAccess.$inferSelect

/** The account with this e-mail, whatever its case. */
export async function findAccountByEmail(executor: Executor, email: string): Promise<Account | null> {
  const [row] = await executor
    .select()
    .from(userAccess)
    .where(eq(sql`lower(${userAccess.email})`, email.toLowerCase()))
  return row ?? null
}

export async function findAccount(executor: Executor, userId: number): Promise<Account | null> {
  const [row] = await executor.select().from(userAccess).where(eq(userAccess.id, userId))
  return row ?? null
}

/** Reads an account and holds it against other changes until the transaction ends. */
export async function lockAccount(executor: Executor, userId: number): Promise<Account | null> {
  const [row] = await executor.select().from(userAccess).where(eq(userAccess.id, userId)).for("update")
  return row ?? null
}

/** The new account's id, or null when the e-mail is taken. */
export async function insertAccount(
  executor: Executor,
  row: typeof userAccess.$inferInsert,
): Promise<number | null> {
  const [made] = await executor
    .insert(userAccess)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: userAccess.id })
  return made?.id ?? null
}

export async function recordLogin(executor: Executor, userId: number, at: Date): Promise<boolean> {
  const rows = await executor
    .update(userAccess)
    .set({ lastLoginAt: at })
    .where(and(eq(userAccess.id, userId), isNull(userAccess.disabledAt)))
    .returning({ id: userAccess.id })
  return rows.length === 1
}

/** Sets a password. With `replacing`, only while that hash is still the account's; false when it was not. */
export async function updatePassword(
  executor: Executor,
  change: { userId: number; passwordHash: string; replacing?: string; at: Date },
): Promise<boolean> {
  const rows = await executor
    .update(userAccess)
    .set({ passwordHash: change.passwordHash, passwordChangedAt: change.at })
    .where(
      and(
        eq(userAccess.id, change.userId),
        isNull(userAccess.disabledAt),
        change.replacing === undefined ? undefined : eq(userAccess.passwordHash, change.replacing),
      ),
    )
    .returning({ id: userAccess.id })
  return rows.length === 1
}

/** Makes changes to who is an admin wait for each other until the transaction ends. */
export async function lockAdmins(executor: Executor): Promise<void> {
  await executor.execute(sql`select pg_advisory_xact_lock(hashtext('lamproom-admins'))`)
}

/** Admins who may log in, one account left out of the count. */
export async function countEnabledAdmins(executor: Executor, except: number | null = null): Promise<number> {
  const [row] = await executor.execute<{ count: number }>(sql`
    select count(*)::int as count from user_access
    where global_role = 'admin' and disabled_at is null and id is distinct from ${except}::int`)
  return row?.count ?? 0
}
