import { randomUUID } from "node:crypto"
import { z } from "zod"
import type { Transaction } from "#db/client.ts"
import { brokenConstraint } from "#db/queries/errors.ts"
import { deleteSealed } from "#db/queries/sealed-secrets.ts"
import {
  insertTemplate,
  lockTemplate,
  type StoredTemplate,
  TEMPLATE_NAME_KEY,
  updateTemplate,
} from "#db/queries/templates.ts"
import { storedActionSchema } from "#server/contract/command-parameters.ts"
import type { CommandType } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../../access/parse-input.ts"
import { requirePermission } from "../../access/permission.ts"
import { writeAudit } from "../../audit/write-audit.ts"
import type { Context } from "../../context.ts"
import { actionInput, type ParsedAction, parseAction } from "../parse-action.ts"
import { personText } from "../person-text.ts"
import { sealSecrets } from "../seal-secrets.ts"
import { goesToSamePools } from "./find-template.ts"

export const saveTemplateInput = z.object({
  siteId: z.number().int().positive(),
  /** Absent: a new one. */
  id: z.uuid().optional(),
  name: personText(80).min(1, "Name the template."),
  description: personText(500).optional(),
  action: actionInput,
})

/** What is no use again, or must not be kept for anybody to use. */
const ONCE_ONLY: Partial<Record<CommandType, string>> = {
  RESTORE_CONFIG: "A restore is of one machine: it makes no template.",
  SET_LOGIN: "A password of machines is not kept in a template.",
}

/**
 * Makes or changes a template. Passwords are sealed to the site's collectors like a command's; a change of a pool
 * template without them keeps what was sealed as long as its pools stay. Throws FORBIDDEN below REQUEST FULL, NOT_FOUND,
 * INVALID, and CONFLICT when the site has another template of that name.
 */
export async function saveTemplate(
  ctx: Context,
  input: z.input<typeof saveTemplateInput>,
): Promise<{ siteId: number; id: string }> {
  const parsed = parseInput(saveTemplateInput, input)
  requirePermission(ctx, "REMOTE_CONTROL_REQUEST", parsed.siteId, "FULL")
  const given = parseAction(parsed.action)
  const onceOnly = ONCE_ONLY[given.action.type]
  if (onceOnly) throw new DomainError("INVALID", onceOnly)
  const template: StoredTemplate = {
    siteId: parsed.siteId,
    id: parsed.id ?? randomUUID(),
    name: parsed.name,
    description: parsed.description || null,
    type: given.action.type,
    parameters: given.action.parameters,
  }
  try {
    await ctx.db.transaction((tx) => save(tx, ctx, template, given, parsed.id !== undefined))
  } catch (error) {
    if (brokenConstraint(error) !== TEMPLATE_NAME_KEY) throw error
    const message = "The site has another template of this name."
    throw new DomainError("CONFLICT", message, { details: [{ path: "name", message }], cause: error })
  }
  return { siteId: template.siteId, id: template.id }
}

async function save(
  tx: Transaction,
  ctx: Context,
  template: StoredTemplate,
  given: ParsedAction,
  exists: boolean,
): Promise<void> {
  const before = exists ? await lockTemplate(tx, template.siteId, template.id) : null
  if (exists && !before) throw new DomainError("NOT_FOUND", "There is no such template.")
  const keeps = before !== null && keepsSealed(before, given)
  if (before?.type === "CHANGE_POOL" && given.secrets && given.typed !== "all" && !keeps)
    throw missingPasswords()

  const written = { ...template, by: ctx.actor.kind === "user" ? ctx.actor.userId : null, at: ctx.now() }
  if (before) await updateTemplate(tx, written)
  else await insertTemplate(tx, written)
  const subject = { siteId: template.siteId, subjectType: "template", subjectId: template.id } as const
  if (given.secrets && !keeps) await sealSecrets(tx, ctx, subject, given.secrets)
  if (!given.secrets) await deleteSealed(tx, subject)
  await writeAudit(tx, ctx, {
    action: before ? "template.update" : "template.create",
    siteId: template.siteId,
    subjectType: "template",
    subjectId: template.id,
    before: before && shown(before),
    after: shown(template),
    details: given.secrets ? { sealed: keeps ? "kept" : "replaced" } : {},
  })
}

function keepsSealed(before: StoredTemplate, given: ParsedAction): boolean {
  const { type, parameters } = before
  return (
    given.typed === "none" && goesToSamePools(storedActionSchema.parse({ type, parameters }), given.action)
  )
}

function missingPasswords(): DomainError {
  const message = "Type the password of every pool."
  return new DomainError("INVALID", message, {
    details: [{ path: "action.parameters.pools", message }],
  })
}

function shown({ name, description, type, parameters }: StoredTemplate): Record<string, unknown> {
  return { name, description, type, parameters }
}
