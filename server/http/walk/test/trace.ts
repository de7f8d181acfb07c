import type { Company } from "./company.ts"

const TABLES = new WeakMap<Company, string>()

/** A digest of every row of every table (all but telemetry's): two that are alike prove that nothing was stored in between. */
export async function traceOf(company: Company): Promise<Record<string, string>> {
  const { sql } = company.database
  const query = TABLES.get(company) ?? (await queryOf(company))
  TABLES.set(company, query)
  const rows = await sql.unsafe<{ name: string; digest: string }[]>(query, [], { prepare: true })
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
}

/** Tables in partitions hold telemetry, which no form writes; planning them takes longer than all the rest. */
async function queryOf({ database: { sql } }: Company): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and not c.relispartition and n.nspname = 'public' order by 1`
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) as digest from ${name} t`,
  )
  return parts.join(" union all ")
}

/** The tables in which two traces differ. */
export function differences(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name])
}
