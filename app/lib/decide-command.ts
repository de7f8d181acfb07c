import { approveCommand } from "#server/commands/approve-command.ts"
import { cancelCommand } from "#server/commands/cancel-command.ts"
import { denyCommand } from "#server/commands/deny-command.ts"
import { resumeCommand } from "#server/commands/resume-command.ts"
import type { Context } from "#server/context.ts"
import { DomainError } from "#server/contract/errors.ts"
import type { FormFields } from "./form-fields.ts"
import { translator } from "./strings/translate.ts"

/**
 * Approves, denies, cancels or resumes as the form's `intent` says; returns what to tell. `action` is the command in words,
 * `fingerprint` stands for what the approver saw.
 */
export async function decideCommand(ctx: Context, form: FormFields, commandId: string): Promise<string> {
  const t = translator("en")
  const action = form.text("action")
  switch (form.text("intent")) {
    case "approve":
      await approveCommand(ctx, { commandId, fingerprint: form.text("fingerprint") })
      return t("commands.approve.done", { action })
    case "deny":
      await denyCommand(ctx, { commandId, reason: form.text("reason") })
      return t("commands.deny.done", { action })
    case "cancel": {
      const { cancelled } = await cancelCommand(ctx, { commandId })
      return t("commands.cancel.done", { count: cancelled })
    }
    case "resume": {
      const { wave } = await resumeCommand(ctx, { commandId })
      return t("commands.resume.done", { wave })
    }
    default:
      throw new DomainError("INVALID", t("shell.errors.INVALID.body"))
  }
}
