import { saveTemplate } from "#server/commands/templates/save-template.ts"
import type { Context } from "#server/context.ts"
import { COMMAND_TYPES } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { fieldsIn } from "./command-fields.ts"
import { checkFields, withPasswords } from "./command-request.ts"
import type { FormFields } from "./form-fields.ts"
import { translator } from "./strings/translate.ts"

/** Saves the template that a form describes; what is wrong comes back at the form's own fields. */
export async function saveTemplateForm(
  ctx: Context,
  form: FormFields,
  of: { siteId: number; id?: string },
): Promise<{ id: string; name: string }> {
  const t = translator("en")
  const type = COMMAND_TYPES.find((one) => one === form.text("type"))
  if (!type) throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
  const entries = [...form.form].flatMap(([name, value]) =>
    typeof value === "string" && !/password/i.test(name) ? [[name, value] as [string, string]] : [],
  )
  const fields = fieldsIn(type, new URLSearchParams(entries))
  const checked = checkFields(type, fields)
  if (!checked.action)
    throw new DomainError("INVALID", t("request.wrong.fixMarked"), {
      details: Object.entries(checked.wrong).map(([path, message]) => ({ path, message: message ?? "" })),
    })
  const name = form.text("templateName")
  try {
    const { id } = await saveTemplate(ctx, {
      ...of,
      name,
      description: form.text("templateDescription") || undefined,
      action: withPasswords(checked.action, fields, form),
    })
    return { id, name }
  } catch (error) {
    // Backups have a name and a description of their own, so the template's have other names here.
    if (!(error instanceof DomainError)) throw error
    throw new DomainError(error.code, error.message, {
      cause: error,
      details: error.details.map(({ path, message }) => ({ path: OWN_NAMES[path] ?? path, message })),
    })
  }
}

const OWN_NAMES: Record<string, string> = { name: "templateName", description: "templateDescription" }
