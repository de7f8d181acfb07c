import { and, eq, sql } from "drizzle-orm"
import type { CommandType } from "#server/contract/commands.ts"
import type { Executor } from "../client.ts"
import { commandTemplates } from "../schema/command-stock.ts"
import { type Scope, siteInScope } from "./scope.ts"

export type TemplateRow = {
  siteId: number
  siteName: string
  id: string
  name: string
  description: string | null
  type: CommandType
  parameters: Record<string, unknown>
  createdAt: Date
  createdByName: string | null
  updatedAt: Date
  updatedByName: string | null
  /** Live collectors that can open its passwords, of all live ones of the site; null: it has no passwords. */
  keys: { sealed: number; devices: number } | null
}

/** By site and name. */
export async function selectTemplates(
  db: Executor,
  scope: Scope,
  filter: { siteId?: number | undefined; type?: CommandType | undefined; id?: string | undefined },
): Promise<TemplateRow[]> {
  const where = [siteInScope(scope, sql`t.site_id`), sql`s.archived_at is null`]
  if (filter.siteId !== undefined) where.push(sql`t.site_id = ${filter.siteId}`)
  if (filter.type) where.push(sql`t.command_type = ${filter.type}`)
  if (filter.id) where.push(sql`t.id = ${filter.id}::uuid`)
  return db.execute<TemplateRow>(sql`
    select t.site_id as "siteId", s.name as "siteName", t.id, t.name, t.description, t.command_type as type,
      t.parameters, t.created_at as "createdAt", c.name as "createdByName", t.updated_at as "updatedAt",
      u.name as "updatedByName",
      case when t.command_type = 'CHANGE_POOL' then (
        select jsonb_build_object('devices', count(*), 'sealed', count(x.device_id)) from edge_devices d
        left join sealed_secrets x on x.site_id = t.site_id and x.subject_type = 'template' and x.subject_id = t.id
          and x.device_id = d.id
        where d.site_id = t.site_id and d.revoked_at is null) end as keys
    from command_templates t join hosting_sites s on s.id = t.site_id
    left join user_access c on c.id = t.created_by left join user_access u on u.id = t.updated_by
    where ${sql.join(where, sql` and `)} order by lower(s.name), t.site_id, lower(t.name), t.id`)
}

export type StoredTemplate = Pick<
  TemplateRow,
  "siteId" | "id" | "name" | "description" | "type" | "parameters"
>

/** Held against other changes until the transaction ends. */
export async function lockTemplate(tx: Executor, siteId: number, id: string): Promise<StoredTemplate | null> {
  const rows = await tx.execute<StoredTemplate>(sql`
    select site_id as "siteId", id, name, description, command_type as type, parameters
    from command_templates where site_id = ${siteId} and id = ${id}::uuid for update`)
  return rows[0] ?? null
}

/** Broken when a site has a template of that name, in whatever case. */
export const TEMPLATE_NAME_KEY = "command_templates_name_key"

type Written = StoredTemplate & { by: number | null; at: Date }

export async function insertTemplate(tx: Executor, { type, by, at, ...row }: Written): Promise<void> {
  await tx
    .insert(commandTemplates)
    .values({ ...row, commandType: type, createdBy: by, createdAt: at, updatedBy: by, updatedAt: at })
}

export async function updateTemplate(tx: Executor, { type, by, at, ...row }: Written): Promise<void> {
  const { siteId, id, ...changes } = row
  await tx
    .update(commandTemplates)
    .set({ ...changes, commandType: type, updatedBy: by, updatedAt: at })
    .where(and(eq(commandTemplates.siteId, siteId), eq(commandTemplates.id, id)))
}

export async function deleteTemplateRow(tx: Executor, siteId: number, id: string): Promise<void> {
  await tx
    .delete(commandTemplates)
    .where(and(eq(commandTemplates.siteId, siteId), eq(commandTemplates.id, id)))
}
