import { selectTemplates, type TemplateRow } from "#db/queries/templates.ts"
import { type StoredAction, storedActionSchema } from "#server/contract/command-parameters.ts"
import { DomainError } from "#server/contract/errors.ts"
import { levelAt } from "../../access/permission.ts"
import { type Scope, scopeOf } from "../../access/scope.ts"
import type { Context } from "../../context.ts"

/** A named command of a site. Its passwords are sealed and never shown. */
export type Template = Omit<TemplateRow, "type" | "parameters"> & {
  action: StoredAction
  can: { edit: boolean; delete: boolean }
}

/** Templates are for a site's people who may request there; clients see none. */
export function templateScope(ctx: Context): Scope {
  if (ctx.actor.kind === "anonymous") throw new DomainError("UNAUTHENTICATED", "Log in first.")
  const scope = scopeOf(ctx.actor, "REMOTE_CONTROL_REQUEST", "OWN")
  if (ctx.actor.kind === "device" || scope.kind === "owned") return { kind: "sites", siteIds: [] }
  return scope
}

export function asTemplate(ctx: Context, { type, parameters, ...row }: TemplateRow): Template {
  const may = levelAt(ctx.actor, "REMOTE_CONTROL_REQUEST", row.siteId) === "FULL"
  return {
    ...row,
    action: storedActionSchema.parse({ type, parameters }),
    can: { edit: may, delete: may },
  }
}

/** Throws NOT_FOUND for a template outside the actor's scope. */
export async function findTemplate(ctx: Context, templateId: string): Promise<Template> {
  const [row] = await selectTemplates(ctx.db, templateScope(ctx), { id: templateId })
  if (!row) throw new DomainError("NOT_FOUND", "There is no such template.")
  return asTemplate(ctx, row)
}

/**
 * Sealed passwords go to the pools they were typed for and to no others: whoever may use or edit a template could
 * otherwise send them to a pool of his own.
 */
export function goesToSamePools(a: StoredAction, b: StoredAction): boolean {
  if (a.type !== "CHANGE_POOL" || b.type !== "CHANGE_POOL") return false
  const urls = (action: typeof a) => action.parameters.pools.map((pool) => pool.url).join(" ")
  return urls(a) === urls(b)
}
