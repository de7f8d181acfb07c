import { and, eq, sql } from "drizzle-orm"
import type { Executor, Transaction } from "../client.ts"
import { hostingMiners } from "../schema/miners.ts"
import { fleetEvents } from "../schema/sites.ts"
import { intArray, minerInScope, type Scope } from "./scope.ts"

/** The machines of a scope among `ids`, with their sites, in order of site and id. */
export async function selectMinerSites(
  db: Executor,
  scope: Scope,
  ids: readonly number[],
  at: Date,
): Promise<{ id: number; siteId: number }[]> {
  const rows = await db.execute<{ id: number; siteId: number }>(sql`
    select m.id, m.site_id as "siteId" from hosting_miners m
    join hosting_sites s on s.id = m.site_id and s.archived_at is null
    where m.id = any(${intArray(ids)}) and ${minerInScope(scope, sql`m.site_id`, sql`m.id`, at)}
    order by m.site_id, m.id`)
  return [...rows]
}

/** What people own of a machine (`decisions.md` 8). */
export type PeopleFields = {
  label: string | null
  place: string | null
  tags: string[]
  notes: string | null
  state: "active" | "spare" | "retired"
}

export async function selectPeopleFieldsForUpdate(
  tx: Transaction,
  key: { siteId: number; id: number },
): Promise<PeopleFields | null> {
  const { label, place, tags, notes, state } = hostingMiners
  const [row] = await tx
    .select({ label, place, tags, notes, state })
    .from(hostingMiners)
    .where(and(eq(hostingMiners.siteId, key.siteId), eq(hostingMiners.id, key.id)))
    .for("update")
  return row ?? null
}

export async function updatePeopleFields(
  tx: Transaction,
  key: { siteId: number; id: number },
  fields: Partial<PeopleFields>,
): Promise<void> {
  await tx
    .update(hostingMiners)
    .set(fields)
    .where(and(eq(hostingMiners.siteId, key.siteId), eq(hostingMiners.id, key.id)))
}

export type BulkChange = {
  place?: string | null | undefined
  addTags: readonly string[]
  removeTags: readonly string[]
  state?: PeopleFields["state"] | undefined
}

/** Writes the change where it changes something, in one statement. Returns those machines with how many tags each has. */
export async function updateManyPeopleFields(
  tx: Transaction,
  siteId: number,
  ids: readonly number[],
  change: BulkChange,
): Promise<{ id: number; tagCount: number }[]> {
  const tags = (values: readonly string[]) =>
    values.length === 0
      ? sql`'{}'::text[]`
      : sql`array[${sql.join(
          values.map((value) => sql`${value}`),
          sql`, `,
        )}]::text[]`
  // Locked in order, so that two edits of overlapping selections wait for each other.
  const rows = await tx.execute<{ id: number; tagCount: number }>(sql`
    with old as (
      select m.site_id, m.id, m.place, m.tags, m.state from hosting_miners m
      where m.site_id = ${siteId} and m.id = any(${intArray(ids)}) order by m.id for update
    ), wanted as (
      select old.*,
        ${change.place === undefined ? sql`old.place` : sql`${change.place}::text`} as new_place,
        ${change.state === undefined ? sql`old.state` : sql`${change.state}::text`} as new_state,
        ${
          change.addTags.length + change.removeTags.length === 0
            ? sql`old.tags`
            : sql`array(select distinct t from unnest(old.tags || ${tags(change.addTags)}) t
                where t <> all(${tags(change.removeTags)}) order by t)`
        } as new_tags
      from old
    )
    update hosting_miners m set place = w.new_place, state = w.new_state, tags = w.new_tags
    from wanted w
    where m.site_id = w.site_id and m.id = w.id
      and (m.place is distinct from w.new_place or m.state <> w.new_state or m.tags <> w.new_tags)
    returning m.id, cardinality(m.tags) as "tagCount"`)
  return [...rows]
}

/** The new machine's id, or null when the site knows it already (case does not matter). */
export async function insertMiner(
  tx: Transaction,
  row: typeof hostingMiners.$inferInsert,
): Promise<number | null> {
  const [made] = await tx
    .insert(hostingMiners)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: hostingMiners.id })
  return made?.id ?? null
}

export async function insertFleetEvent(
  tx: Transaction,
  event: typeof fleetEvents.$inferInsert,
): Promise<void> {
  await tx.insert(fleetEvents).values(event)
}
