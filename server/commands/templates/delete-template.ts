import { z } from "zod"
import { deleteSealed } from "#db/queries/sealed-secrets.ts"
import { deleteTemplateRow, lockTemplate } from "#db/queries/templates.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../../access/parse-input.ts"
import { requirePermission } from "../../access/permission.ts"
import { writeAudit } from "../../audit/write-audit.ts"
import type { Context } from "../../context.ts"
import { findTemplate } from "./find-template.ts"

export const deleteTemplateInput = z.object({ templateId: z.uuid() })

/** Deletes a template and wipes its passwords; what was requested with it stays. Throws NOT_FOUND, FORBIDDEN. */
export async function deleteTemplate(
  ctx: Context,
  input: z.input<typeof deleteTemplateInput>,
): Promise<{ name: string }> {
  const { templateId } = parseInput(deleteTemplateInput, input)
  const { siteId } = await findTemplate(ctx, templateId)
  requirePermission(ctx, "REMOTE_CONTROL_REQUEST", siteId, "FULL")
  return ctx.db.transaction(async (tx) => {
    const template = await lockTemplate(tx, siteId, templateId)
    if (!template) throw new DomainError("NOT_FOUND", "There is no such template.")
    await deleteSealed(tx, { siteId, subjectType: "template", subjectId: templateId })
    await deleteTemplateRow(tx, siteId, templateId)
    await writeAudit(tx, ctx, {
      action: "template.delete",
      siteId,
      subjectType: "template",
      subjectId: templateId,
      before: { name: template.name, type: template.type, parameters: template.parameters },
    })
    return { name: template.name }
  })
}
