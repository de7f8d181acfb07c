import { z } from "zod"
import type { Executor } from "#db/client.ts"
import { type Account, countEnabledAdmins, lockAdmins } from "#db/queries/accounts.ts"
import { brokenConstraint } from "#db/queries/errors.ts"
import { updateAccount } from "#db/queries/people.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { applyMemberships } from "./membership-changes.ts"
import {
  type Authority,
  lockManagedAccount,
  requireOverAccount,
  requirePeopleScope,
} from "./people-authority.ts"
import {
  emailSchema,
  emailTaken,
  globalRoleSchema,
  membershipsSchema,
  nameSchema,
  refused,
} from "./person-input.ts"

export const updateUserInput = z.object({
  userId: z.number().int(),
  name: nameSchema.optional(),
  email: emailSchema.optional(),
  globalRole: globalRoleSchema.optional(),
  /** All roles at the sites that the actor manages: one left out ends. */
  memberships: membershipsSchema.optional(),
})

/**
 * Changes what is given of a person (`people-authority.ts` says who may). Throws CONFLICT when the e-mail is taken
 * or nobody would be an admin any more.
 */
export async function updateUser(ctx: Context, input: z.input<typeof updateUserInput>): Promise<void> {
  requirePeopleScope(ctx)
  const { userId, memberships, ...given } = parseInput(updateUserInput, input)
  try {
    await ctx.db.transaction(async (tx) => {
      await lockAdmins(tx)
      const { account, authority } = await lockManagedAccount(tx, ctx, userId)
      await applyAccount(tx, ctx, { account, authority, given })
      if (memberships === undefined) return
      if (account.kind === "client" && memberships.length > 0)
        throw refused("memberships", "A client has no role: he sees the machines that he owns.")
      const email = given.email ?? account.email
      await applyMemberships(tx, ctx, { userId, email, wanted: memberships, siteIds: authority.siteIds })
    })
  } catch (error) {
    if (brokenConstraint(error) === "user_access_email_key") throw emailTaken(given.email ?? "")
    throw error
  }
}

type Given = {
  name?: string | undefined
  email?: string | undefined
  globalRole?: Account["globalRole"] | undefined
}

async function applyAccount(
  executor: Executor,
  ctx: Context,
  input: { account: Account; authority: Authority; given: Given },
): Promise<void> {
  const { account, authority, given } = input
  const names = (["name", "email", "globalRole"] as const).filter(
    (name) => given[name] !== undefined && given[name] !== account[name],
  )
  if (names.length === 0) return
  requireOverAccount(authority)
  if (names.includes("globalRole")) {
    if (authority.siteIds !== "all")
      throw new DomainError("FORBIDDEN", "Only an admin gives roles that hold everywhere.")
    if (account.kind === "client") throw refused("globalRole", "A client has no role.")
    await refuseLastAdmin(executor, account)
  }
  await updateAccount(executor, account.id, Object.fromEntries(names.map((name) => [name, given[name]])))
  await writeAudit(executor, ctx, {
    action: "user.update",
    siteId: null,
    subjectType: "user",
    subjectId: account.id,
    before: Object.fromEntries(names.map((name) => [name, account[name]])),
    after: Object.fromEntries(names.map((name) => [name, given[name]])),
    details: { email: account.email },
  })
}

/** Before an admin stops being one; the caller holds `lockAdmins`. Throws CONFLICT when he is the last. */
export async function refuseLastAdmin(executor: Executor, account: Account): Promise<void> {
  if (account.globalRole !== "admin" || account.disabledAt) return
  if ((await countEnabledAdmins(executor, account.id)) === 0)
    throw new DomainError("CONFLICT", "This is the last admin. Make somebody else an admin first.")
}
