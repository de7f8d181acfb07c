import { listPeople } from "#db/queries/people.ts"
import type { Context } from "../context.ts"
import { requireClientScope } from "./client-scope.ts"

export type ClientRow = {
  userId: number
  name: string
  email: string
  /** Machines he owns now at the actor's sites. */
  minerCount: number
  disabled: boolean
  lastLoginAt: Date | null
  createdAt: Date
}

/** The clients at the sites where the actor may edit machines, by name. */
export async function listClients(ctx: Context): Promise<ClientRow[]> {
  const rows = await listPeople(ctx.db, requireClientScope(ctx), { kind: "client" }, ctx.now())
  return rows.map(({ userId, name, email, minerCount, disabled, lastLoginAt, createdAt }) => ({
    userId,
    name,
    email,
    minerCount,
    disabled,
    lastLoginAt,
    createdAt,
  }))
}
