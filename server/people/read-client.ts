import { listOwnerships, type OwnershipRow } from "#db/queries/ownership.ts"
import { listPeople } from "#db/queries/people.ts"
import { DomainError } from "#server/contract/errors.ts"
import { scopeOf } from "../access/scope.ts"
import type { Context } from "../context.ts"
import { requireClientScope } from "./client-scope.ts"
import type { ClientRow } from "./list-clients.ts"

const SHOWN = 2_000

export type ReadClient = ClientRow & {
  /** The first 2,000 at the actor's sites, those that last first. */
  ownerships: OwnershipRow[]
  ownershipCount: number
}

/** A client with the machines he owns and owned at the actor's sites. Throws NOT_FOUND. */
export async function readClient(ctx: Context, input: { userId: number }): Promise<ReadClient> {
  const scope = requireClientScope(ctx)
  const [client] = await listPeople(ctx.db, scope, { kind: "client", userId: input.userId }, ctx.now())
  if (!client) throw new DomainError("NOT_FOUND", "There is no such client.")
  const { rows, total } = await listOwnerships(
    ctx.db,
    scopeOf(ctx.actor, "MINER_EDIT", "FULL"),
    input.userId,
    SHOWN,
  )
  const { userId, name, email, minerCount, disabled, lastLoginAt, createdAt } = client
  return {
    userId,
    name,
    email,
    minerCount,
    disabled,
    lastLoginAt,
    createdAt,
    ownerships: rows,
    ownershipCount: total,
  }
}
