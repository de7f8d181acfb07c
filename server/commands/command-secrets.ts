import type { Transaction } from "#db/client.ts"
import type { SealedFor, SealedSubject } from "#db/queries/sealed-secrets.ts"
import { DomainError } from "#server/contract/errors.ts"
import { sealPurposeOf } from "#server/sealed-box.ts"
import type { Context } from "../context.ts"
import type { ParsedAction } from "./parse-action.ts"
import { copySealed, sealSecrets } from "./seal-secrets.ts"
import { findTemplate, goesToSamePools } from "./templates/find-template.ts"

/** Where a request's passwords come from: typed now, a template's, or there are none. */
export type SecretSource = { from: "typed" } | { from: "template"; template: SealedSubject } | null

/**
 * With a template and no password typed, the template's are used: at its site and for its pools only. Throws NOT_FOUND
 * and INVALID.
 */
export async function chooseSecrets(
  ctx: Context,
  given: ParsedAction,
  request: { templateId: string | undefined; siteIds: readonly number[] },
): Promise<SecretSource> {
  const template = request.templateId === undefined ? null : await findTemplate(ctx, request.templateId)
  if (!given.secrets) return null
  if (!template || given.typed === "all") return { from: "typed" }
  const message = "Type the password of every pool: the template's are for its own site and pools."
  const fits =
    given.typed === "none" &&
    goesToSamePools(template.action, given.action) &&
    request.siteIds.every((siteId) => siteId === template.siteId)
  if (!fits)
    throw new DomainError("INVALID", message, { details: [{ path: "action.parameters.pools", message }] })
  const { siteId, id } = template
  return { from: "template", template: { siteId, subjectType: "template", subjectId: id } }
}

/** The ciphertexts of a new command, stored under it. */
export async function sealForCommand(
  tx: Transaction,
  ctx: Context,
  command: { siteId: number; id: string },
  given: ParsedAction,
  source: SecretSource,
): Promise<SealedFor[]> {
  if (!source || !given.secrets) return []
  const subject = { siteId: command.siteId, subjectType: "command", subjectId: command.id } as const
  return source.from === "template"
    ? copySealed(tx, source.template, subject)
    : sealSecrets(tx, ctx, subject, given.secrets, sealPurposeOf(given.action.type))
}
