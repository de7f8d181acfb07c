import "./node-version.ts"
import { migrateDatabase } from "#db/migrate.ts"
import { resolveDatabase } from "#db/resolve.ts"
import { migrateQueue } from "../queue.ts"
import { readCommandLine } from "./command-line.ts"

const { config } = readCommandLine(`
npm run migrate   brings the database (DATABASE_URL, else the embedded one) to this version; safe to repeat
`)
const database = await resolveDatabase(config)
try {
  await migrateDatabase(database, new Date())
  await migrateQueue(database.url)
  console.log("The database is at this version.")
} finally {
  await database.release()
}
