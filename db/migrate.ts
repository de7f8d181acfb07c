import { fileURLToPath } from "node:url"
import { migrate } from "drizzle-orm/postgres-js/migrator"
import { openDatabase } from "./client.ts"
import { ensurePartitions } from "./partitions.ts"

export const MIGRATIONS_FOLDER = fileURLToPath(new URL("./migrations", import.meta.url))

/**
 * Brings the schema to this version and makes today's partitions. Idempotent; two at once wait for each other.
 * Throws a clear error on a server older than PostgreSQL 15.
 */
export async function migrateDatabase(url: string, now: Date): Promise<void> {
  const { sql, db, close } = openDatabase(url, { max: 1, name: "lamproom-migrate" })
  try {
    const [server] = await sql<
      { version: number }[]
    >`select current_setting('server_version_num')::int as version`
    if ((server?.version ?? 0) < 150_000)
      throw new Error("Lamproom needs PostgreSQL 15 or newer; DATABASE_URL points to an older one.")
    await sql`select pg_advisory_lock(hashtext('lamproom-migrate'))`
    await migrate(db, { migrationsFolder: MIGRATIONS_FOLDER })
    await ensurePartitions(sql, now)
  } finally {
    await close()
  }
}
