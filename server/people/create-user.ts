import { z } from "zod"
import { insertAccount } from "#db/queries/accounts.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { type AccountLink, issueLink } from "./issue-link.ts"
import { applyMemberships } from "./membership-changes.ts"
import { requirePeopleScope } from "./people-authority.ts"
import {
  emailSchema,
  emailTaken,
  globalRoleSchema,
  membershipsSchema,
  nameSchema,
  refused,
} from "./person-input.ts"

export const createUserInput = z.object({
  email: emailSchema,
  name: nameSchema,
  account: z.enum(["staff", "client"]).default("staff"),
  globalRole: globalRoleSchema.default(null),
  memberships: membershipsSchema.default([]),
})

/**
 * Makes an account without a password and the one-time link that sets it, shown once. A site_manager gives roles at
 * his sites only, at least one, and no global one. Throws CONFLICT when the e-mail is taken.
 */
export async function createUser(
  ctx: Context,
  input: z.input<typeof createUserInput>,
): Promise<{ userId: number; link: AccountLink }> {
  const scope = requirePeopleScope(ctx)
  const { email, name, account, globalRole, memberships } = parseInput(createUserInput, input)
  if (account === "client" && (globalRole !== null || memberships.length > 0))
    throw refused("memberships", "A client has no role: he sees the machines that he owns.")
  if (scope.kind === "sites" && globalRole !== null)
    throw new DomainError("FORBIDDEN", "Only an admin gives roles that hold everywhere.")
  if (scope.kind === "sites" && account === "staff" && memberships.length === 0)
    throw refused("memberships", "Give a role at one of your sites.")

  return ctx.db.transaction(async (tx) => {
    const createdBy = ctx.actor.kind === "user" ? ctx.actor.userId : null
    const row = { email, name, kind: account, globalRole, createdBy, createdAt: ctx.now() }
    const userId = await insertAccount(tx, row)
    if (userId === null) throw emailTaken(email)
    await writeAudit(tx, ctx, {
      action: "user.create",
      siteId: memberships.length === 1 ? memberships[0]!.siteId : null,
      subjectType: "user",
      subjectId: userId,
      after: { email, name, account, globalRole },
    })
    const siteIds = scope.kind === "all" ? "all" : scope.siteIds
    await applyMemberships(tx, ctx, { userId, email, wanted: memberships, siteIds })
    return { userId, link: await issueLink(tx, ctx, userId) }
  })
}
