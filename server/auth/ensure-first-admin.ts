import { countEnabledAdmins, insertAccount, lockAdmins } from "#db/queries/accounts.ts"
import { DomainError } from "#server/contract/errors.ts"
import { writeAudit } from "../audit/write-audit.ts"
import { createContext, type Services } from "../context.ts"
import { createPassword, hashPassword } from "./password.ts"

/**
 * Makes the first admin when nobody is one. Two at once make one. `password` is the one that was drawn here, to be
 * printed once; null when it was given or nothing was made. Throws CONFLICT when the e-mail belongs to somebody else.
 */
export async function ensureFirstAdmin(
  services: Services,
  input: { email: string; password?: string | undefined },
): Promise<{ created: boolean; password: string | null }> {
  if ((await countEnabledAdmins(services.db)) > 0) return { created: false, password: null }
  const password = input.password ?? createPassword()
  const passwordHash = await hashPassword(password)
  const ctx = createContext(services, {
    actor: { kind: "system", name: "first-run" },
    requestId: "first-run",
    source: "cli",
  })
  const created = await services.db.transaction(async (tx) => {
    await lockAdmins(tx)
    if ((await countEnabledAdmins(tx)) > 0) return false
    const at = ctx.now()
    const userId = await insertAccount(tx, {
      email: input.email,
      name: "Administrator",
      globalRole: "admin",
      passwordHash,
      passwordChangedAt: at,
      createdAt: at,
    })
    if (userId === null)
      throw new DomainError(
        "CONFLICT",
        `${input.email} is no admin, and nobody is. Set another LAMPROOM_ADMIN_EMAIL.`,
      )
    await writeAudit(tx, ctx, {
      action: "user.create",
      siteId: null,
      subjectType: "user",
      subjectId: userId,
      after: { email: input.email, globalRole: "admin" },
    })
    return true
  })
  return { created, password: created && input.password === undefined ? password : null }
}
