import { countTiesOutside, listPeople } from "#db/queries/people.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { Context } from "../context.ts"
import type { UserRow } from "./list-users.ts"
import { requirePeopleScope } from "./people-authority.ts"

export type ReadUser = UserRow & {
  can: {
    /** Name, e-mail, links. */
    editAccount: boolean
    disable: boolean
    setGlobalRole: boolean
    /** The sites where the actor gives roles; null: all. */
    membershipSiteIds: number[] | null
  }
}

/** A person whom the actor may administer, and what of it. Throws NOT_FOUND. */
export async function readUser(ctx: Context, input: { userId: number }): Promise<ReadUser> {
  const scope = requirePeopleScope(ctx)
  const [person] = await listPeople(ctx.db, scope, { userId: input.userId }, ctx.now())
  if (!person) throw new DomainError("NOT_FOUND", "There is no such person.")
  const untouchable = scope.kind === "sites" && person.globalRole !== null
  const overAccount =
    scope.kind === "all" ||
    (!untouchable && (await countTiesOutside(ctx.db, person.userId, scope.siteIds)) === 0)
  const self = ctx.actor.kind === "user" && ctx.actor.userId === person.userId
  return {
    ...person,
    can: {
      editAccount: overAccount,
      disable: overAccount && !self,
      setGlobalRole: scope.kind === "all" && person.account === "staff",
      membershipSiteIds: scope.kind === "all" ? null : untouchable ? [] : scope.siteIds,
    },
  }
}
