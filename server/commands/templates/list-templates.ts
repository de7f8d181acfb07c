import { z } from "zod"
import { selectTemplates } from "#db/queries/templates.ts"
import { COMMAND_TYPES } from "#server/contract/commands.ts"
import { parseInput } from "../../access/parse-input.ts"
import { requirePermission } from "../../access/permission.ts"
import type { Context } from "../../context.ts"
import { asTemplate, type Template, templateScope } from "./find-template.ts"

export const listTemplatesInput = z.object({
  siteId: z.number().int().positive().optional(),
  type: z.enum(COMMAND_TYPES).optional(),
})

/** The templates of the sites where the actor may request commands, by site and name. Throws NOT_FOUND for a foreign site. */
export async function listTemplates(
  ctx: Context,
  input: z.input<typeof listTemplatesInput> = {},
): Promise<Template[]> {
  const filter = parseInput(listTemplatesInput, input)
  const scope = templateScope(ctx)
  if (filter.siteId !== undefined) requirePermission(ctx, "REMOTE_CONTROL_REQUEST", filter.siteId, "OWN")
  const rows = await selectTemplates(ctx.db, scope, filter)
  return rows.map((row) => asTemplate(ctx, row))
}
