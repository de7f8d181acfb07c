import { sql } from "drizzle-orm"
import type { Role, SiteRole } from "#server/contract/permissions.ts"
import type { Executor } from "../client.ts"

/**
 * What an account is at a site at this moment, held until the transaction ends; null: nothing, or it was disabled. Who
 * decides must still hold his right when the decision commits, whatever his session was read with.
 */
export async function holdStaffRole(tx: Executor, userId: number, siteId: number): Promise<Role | null> {
  const accounts = await tx.execute<{ globalRole: "admin" | "auditor" | null }>(sql`
    select global_role as "globalRole" from user_access
    where id = ${userId} and kind = 'staff' and disabled_at is null for share`)
  const [account] = accounts
  if (!account) return null
  if (account.globalRole === "admin") return "admin"
  const memberships = await tx.execute<{ role: SiteRole }>(sql`
    select role from site_memberships where user_id = ${userId} and site_id = ${siteId} for share`)
  return memberships[0]?.role ?? account.globalRole
}
