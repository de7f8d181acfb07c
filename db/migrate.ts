import { fileURLToPath } from "node:url"
import { migrate } from "drizzle-orm/postgres-js/migrator"
import { openDatabase } from "./client.ts"
import { handOver } from "./hand-over.ts"
import { ensurePartitions } from "./partitions.ts"

export const MIGRATIONS_FOLDER = fileURLToPath(new URL("./migrations", import.meta.url))

/**
 * Brings the schema to this version and makes today's partitions, as the owner of the database (`ownerUrl`; left out:
 * the application's role owns it), and hands the application what is its own (`hand-over.ts`). Idempotent; two at once
 * wait for each other. Throws a clear error on a server older than PostgreSQL 15, or when a privilege is missing.
 */
export async function migrateDatabase(
  database: { url: string; ownerUrl?: string | undefined },
  now: Date,
): Promise<void> {
  const url = database.ownerUrl ?? database.url
  const { sql, db, close } = openDatabase(url, { max: 1, name: "lamproom-migrate" })
  try {
    const [server] = await sql<
      { version: number; role: string }[]
    >`select current_setting('server_version_num')::int as version, current_user as role`
    if ((server?.version ?? 0) < 150_000)
      throw new Error("Lamproom needs PostgreSQL 15 or newer; DATABASE_URL points to an older one.")
    await sql`select pg_advisory_lock(hashtext('lamproom-migrate'))`
    await migrate(db, { migrationsFolder: MIGRATIONS_FOLDER })
    await ensurePartitions(sql, now)
    await handOver(sql, roleOf(database.url) ?? server?.role ?? "")
  } finally {
    await close()
  }
}

/** Null: the address names none, and the driver decides. */
function roleOf(url: string): string | null {
  return decodeURIComponent(/^postgres(?:ql)?:\/\/([^:@/]*)(?::[^@/]*)?@/.exec(url)?.[1] ?? "") || null
}
