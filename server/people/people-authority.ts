import type { Executor } from "#db/client.ts"
import { type Account, lockAccount } from "#db/queries/accounts.ts"
import { countTiesOutside, listPeople, type PeopleScope } from "#db/queries/people.ts"
import { DomainError } from "#server/contract/errors.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"

/**
 * Who may administer whom. An admin: everybody. A site_manager: the roles at his sites of the people he sees there; the
 * account itself (name, e-mail, links, disabling) only of somebody with no tie elsewhere, since a link to an account is
 * the account. Nobody but an admin touches one who holds a global role.
 */
export type Authority = {
  /** The account itself, not only its roles at `siteIds`. */
  overAccount: boolean
  siteIds: "all" | readonly number[]
}

/** The people the actor may see. Throws UNAUTHENTICATED or FORBIDDEN when that is nobody. */
export function requirePeopleScope(ctx: Context): PeopleScope {
  const { actor } = ctx
  if (actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const scope = scopeOf(actor, "USER_MANAGE", "FULL")
  if (scope.kind === "all") return scope
  if (actor.kind !== "user" || scope.kind !== "sites" || scope.siteIds.length === 0)
    throw new DomainError("FORBIDDEN", "Your role does not allow to administer people.")
  return { kind: "sites", siteIds: scope.siteIds, creatorId: actor.userId }
}

/**
 * Reads and holds an account and says what the actor may change of it. Throws NOT_FOUND for one he does not see,
 * FORBIDDEN for one with a global role.
 */
export async function lockManagedAccount(
  executor: Executor,
  ctx: Context,
  userId: number,
): Promise<{ account: Account; authority: Authority }> {
  const scope = requirePeopleScope(ctx)
  const account = await lockAccount(executor, userId)
  const [seen] = account ? await listPeople(executor, scope, { userId }, ctx.now()) : []
  if (!account || !seen) throw new DomainError("NOT_FOUND", "There is no such person.")
  if (scope.kind === "all") return { account, authority: { overAccount: true, siteIds: "all" } }
  if (account.globalRole !== null)
    throw new DomainError("FORBIDDEN", "Only an admin may change somebody who has a role everywhere.")
  const overAccount = (await countTiesOutside(executor, userId, scope.siteIds)) === 0
  return { account, authority: { overAccount, siteIds: scope.siteIds } }
}

/** Demands power over the account itself. */
export function requireOverAccount(authority: Authority): void {
  if (!authority.overAccount)
    throw new DomainError(
      "FORBIDDEN",
      "This person has ties to sites that you do not manage: only an admin may change the account.",
    )
}
