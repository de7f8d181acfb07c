import { listPeople, type PersonRow } from "#db/queries/people.ts"
import type { Context } from "../context.ts"
import { requirePeopleScope } from "./people-authority.ts"

export type UserRow = PersonRow

/** The people the actor may administer, by name; a site_manager sees their roles and machines at his sites only. */
export async function listUsers(
  ctx: Context,
  input: { q?: string | undefined; kind?: "staff" | "client" | undefined } = {},
): Promise<UserRow[]> {
  return listPeople(ctx.db, requirePeopleScope(ctx), { q: input.q?.trim(), kind: input.kind }, ctx.now())
}
