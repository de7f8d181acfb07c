import type { Executor } from "#db/client.ts"
import { countSites, deleteMemberships, listMemberships, setMemberships } from "#db/queries/people.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { SiteRole } from "#server/contract/permissions.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import type { Authority } from "./people-authority.ts"

type Membership = { siteId: number; role: SiteRole }

/**
 * Makes the roles at the sites the actor manages exactly these, with an audit row at each site where one moved; roles
 * elsewhere stay. Throws NOT_FOUND for a site he does not manage or that is not there. Returns how many moved.
 */
export async function applyMemberships(
  executor: Executor,
  ctx: Context,
  input: { userId: number; email: string; wanted: Membership[]; siteIds: Authority["siteIds"] },
): Promise<number> {
  const { userId, email, wanted, siteIds } = input
  const managed = (siteId: number) => siteIds === "all" || siteIds.includes(siteId)
  const wantedSites = wanted.map((one) => one.siteId)
  if (!wantedSites.every(managed) || (await countSites(executor, wantedSites)) !== wantedSites.length)
    throw new DomainError("NOT_FOUND", "There is no such site.")

  const before = new Map((await listMemberships(executor, userId)).map((one) => [one.siteId, one.role]))
  const set = wanted.filter((one) => before.get(one.siteId) !== one.role)
  const ended = [...before.keys()].filter((siteId) => managed(siteId) && !wantedSites.includes(siteId))
  await setMemberships(executor, userId, set, ctx.now())
  await deleteMemberships(executor, userId, ended)
  const moves = [...set, ...ended.map((siteId) => ({ siteId, role: null }))]
  for (const { siteId, role } of moves)
    await writeAudit(executor, ctx, {
      action: role === null ? "membership.end" : "membership.set",
      siteId,
      subjectType: "user",
      subjectId: userId,
      before: { role: before.get(siteId) ?? null },
      after: { role },
      details: { email },
    })
  return moves.length
}
