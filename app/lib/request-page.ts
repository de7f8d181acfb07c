import { listBackups } from "#server/backups/list-backups.ts"
import { readBackup } from "#server/backups/read-backup.ts"
import { offeredFeatures } from "#server/commands/offered-features.ts"
import { type Retry, readRetry } from "#server/commands/read-retry.ts"
import { resolveTargets, targetsSchema } from "#server/commands/targets.ts"
import { listTemplates } from "#server/commands/templates/list-templates.ts"
import { readTemplate } from "#server/commands/templates/read-template.ts"
import type { Context } from "#server/context.ts"
import type { StoredAction } from "#server/contract/command-parameters.ts"
import { COMMAND_FEATURES, type CommandFeature } from "#server/contract/commands.ts"
import { DomainError } from "#server/contract/errors.ts"
import { listArtifacts } from "#server/firmware/list-artifacts.ts"
import { fieldsOfAction } from "./command-fields.ts"
import type { Asked, AskedTargets } from "./command-request.ts"
import { formatExact } from "./format.ts"
import { minerFilterOf } from "./miner-query.ts"
import { mayAnywhere } from "./navigation.ts"
import { translator } from "./strings/translate.ts"

/** What loader and action of the request page both read. */

type Template = Awaited<ReturnType<typeof readTemplate>>
export type Origin = { asked: Asked; template: Template | null; retry: Retry | null }

/** The request with what its template, the command it repeats or its backup bring along, as far as the form did not say else. */
export async function withOrigin(ctx: Context, asked: Asked, search: URLSearchParams): Promise<Origin> {
  const [template, retry] = await Promise.all([
    asked.templateId ? readTemplate(ctx, { templateId: asked.templateId }) : null,
    asked.retryOf ? readRetry(ctx, { commandId: asked.retryOf }) : null,
  ])
  const stored = retry?.action ?? template?.action
  if (stored && !asked.sent)
    return { asked: { ...asked, type: stored.type, fields: fieldsOf(stored) }, template, retry }
  const backupId = search.get("backup_id")
  if (backupId && !asked.sent) {
    const { backup } = await readBackup(ctx, { backupId })
    const targets: AskedTargets =
      asked.targets.kind === "none" ? { kind: "ids", minerIds: [backup.minerId] } : asked.targets
    const restore = { type: "RESTORE_CONFIG" as const, fields: { backup_id: backup.id } }
    return { asked: { ...asked, ...restore, targets }, template, retry }
  }
  const artifactId = search.get("artifact_id")
  if (artifactId && !asked.sent) {
    const update = { type: "UPDATE_FIRMWARE" as const, fields: { artifact_id: artifactId } }
    return { asked: { ...asked, ...update }, template, retry }
  }
  return { asked, template, retry }
}

function fieldsOf(action: StoredAction) {
  return fieldsOfAction(action.type, action.parameters)
}

/** The targets as verbs take them; null: none were chosen yet. */
export function verbTargets({ asked, retry }: Origin, expect?: string) {
  switch (asked.targets.kind) {
    case "ids":
      return { minerIds: asked.targets.minerIds }
    case "retry":
      return { minerIds: retry?.minerIds ?? [] }
    case "filter": {
      const filter = minerFilterOf(new URLSearchParams(asked.targets.filter))
      return { filter, ...(expect ? { expect } : {}) }
    }
    case "none":
      return null
  }
}

export type Selection = { total: number; siteIds: number[]; minerId: number | null }

/** How many machines were chosen, where; `total` 0: the filter finds none. Throws NOT_FOUND for a foreign one. */
export async function readSelection(ctx: Context, origin: Origin): Promise<Selection | null> {
  const targets = verbTargets(origin)
  if (!targets) return null
  try {
    const { total, bySite } = await resolveTargets(ctx, targetsSchema.parse(targets))
    const [only] = total === 1 ? [...bySite.values()].flat() : []
    return { total, siteIds: [...bySite.keys()], minerId: only ?? null }
  } catch (error) {
    // Nothing found is no fault here: the page asks for other machines.
    if (error instanceof DomainError && error.code === "INVALID")
      return { total: 0, siteIds: [], minerId: null }
    throw error
  }
}

/** What the reader may ask for at any of the sites of the selection; at any of his, while there is none. */
export async function offeredAt(ctx: Context, selection: Selection | null): Promise<CommandFeature[]> {
  if (!selection?.siteIds.length) return offeredFeatures(ctx)
  const lists = await Promise.all(selection.siteIds.map((siteId) => offeredFeatures(ctx, { siteId })))
  return COMMAND_FEATURES.filter((feature) => lists.some((list) => list.includes(feature)))
}

/** Templates of the selection's sites; of all his sites, while there is none. Clients have none. */
export async function templatesFor(ctx: Context, selection: Selection | null, offered: CommandFeature[]) {
  const all = await listTemplates(ctx, {})
  const here = selection?.siteIds.length
    ? all.filter((template) => selection.siteIds.includes(template.siteId))
    : all
  return here
    .filter(({ action }) => offered.some((feature) => feature.split(".")[0] === action.type))
    .map(({ id, name, siteId, siteName, description, action }) => ({
      id,
      name,
      siteId,
      siteName,
      description,
      action,
    }))
}

/** Whether the passwords of the template go with the request when none is typed: same pools, its own site. */
export function keepsPasswords(origin: Origin, action: StoredAction, siteIds: readonly number[]): boolean {
  const { template } = origin
  if (template?.action.type !== "CHANGE_POOL" || action.type !== "CHANGE_POOL") return false
  const urls = (pools: { url: string }[]) => pools.map((pool) => pool.url).join(" ")
  return (
    siteIds.every((siteId) => siteId === template.siteId) &&
    urls(template.action.parameters.pools) === urls(action.parameters.pools)
  )
}

type Option = { value: string; label: string }

/** What RESTORE_CONFIG and UPDATE_FIRMWARE can choose from. */
export async function optionsFor(
  ctx: Context,
  { type, fields }: Pick<Asked, "type" | "fields">,
  selection: Selection | null,
): Promise<{ backups: Option[] | null; artifacts: Option[]; names: Record<string, string> }> {
  const t = translator("en")
  if (type === "RESTORE_CONFIG" && mayAnywhere(ctx.actor, "REMOTE_CONTROL_REQUEST", "FULL")) {
    const rows = selection?.minerId
      ? (await listBackups(ctx, { minerId: selection.minerId, pageSize: 100 })).rows
      : null
    const options = (rows ?? []).map((row) => ({
      value: row.id,
      label: t("request.field.backupOption", {
        name: row.name,
        at: formatExact(row.createdAt, row.timezone, false),
      }),
    }))
    return { backups: rows && options, artifacts: [], names: await namesOf(ctx, options, fields.backup_id) }
  }
  if (type === "UPDATE_FIRMWARE" && mayAnywhere(ctx.actor, "REMOTE_CONTROL_REQUEST", "FULL")) {
    const { artifacts } = await listArtifacts(ctx)
    const options = artifacts.map(({ id, version, fileName }) => ({
      value: id,
      label: t("request.field.artifactOption", { version, file: fileName }),
    }))
    return { backups: null, artifacts: options, names: labelsOf(options) }
  }
  return { backups: null, artifacts: [], names: {} }
}

function labelsOf(options: Option[]): Record<string, string> {
  return Object.fromEntries(options.map(({ value, label }) => [value, label]))
}

/** Of a backup that the list of the selection does not have: the preview tells that it is another machine's. */
async function namesOf(ctx: Context, options: Option[], backupId: string | undefined) {
  const names = labelsOf(options)
  if (!backupId || names[backupId]) return names
  const { backup } = await readBackup(ctx, { backupId })
  const at = formatExact(backup.createdAt, backup.timezone, false)
  return { ...names, [backupId]: translator("en")("request.field.backupOption", { name: backup.name, at }) }
}
