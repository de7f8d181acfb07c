import { readFileSync } from "node:fs"
import { join } from "node:path"
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api"
import { getTableColumns, is } from "drizzle-orm"
import { getTableConfig, PgTable } from "drizzle-orm/pg-core"
import { describe, expect, it } from "vitest"
import { MIGRATIONS_FOLDER } from "./migrate.ts"
import * as schema from "./schema/index.ts"
import { useDatabase } from "./test/database.ts"

type Journal = { entries: { when: number; tag: string }[] }
const journal = JSON.parse(readFileSync(join(MIGRATIONS_FOLDER, "meta/_journal.json"), "utf8")) as Journal

describe("migrations", () => {
  const database = useDatabase()

  it("are dated strictly increasing, since an older one merged late would be passed over silently", () => {
    const dates = journal.entries.map((entry) => entry.when)
    expect(dates).toEqual([...new Set(dates)].sort((a, b) => a - b))
  })

  it("have nothing left to generate: the newest snapshot is the schema", async () => {
    const newest = journal.entries.at(-1)?.tag.split("_")[0]
    const before = JSON.parse(readFileSync(join(MIGRATIONS_FOLDER, `meta/${newest}_snapshot.json`), "utf8"))
    expect(await generateMigration(before, generateDrizzleJson(schema, before.id))).toEqual([])
  })

  it("build from zero exactly the columns that the schema names", async () => {
    const rows = await database.sql<{ table: string; column: string }[]>`
      select c.relname as table, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition`
    const built = rows.map((row) => `${row.table}.${row.column}`).sort()
    const named = Object.values(schema as Record<string, unknown>)
      .filter((table): table is PgTable => is(table, PgTable))
      .flatMap((table) =>
        Object.values(getTableColumns(table)).map((column) => `${getTableConfig(table).name}.${column.name}`),
      )
    expect(built).toEqual(named.sort())
  })
})
