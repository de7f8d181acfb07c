import "./node-version.ts"
import { openDatabase } from "#db/client.ts"
import { migrateDatabase } from "#db/migrate.ts"
import { resolveDatabase } from "#db/resolve.ts"
import { ensureFirstAdmin } from "../auth/ensure-first-admin.ts"
import { createLog } from "../log.ts"
import { migrateQueue, openQueue } from "../queue.ts"
import { readCommandLine } from "./command-line.ts"
import { seedDemo } from "./demo-company.ts"

const { config } = readCommandLine(`
npm run seed   first admin and, into an empty database, the demo company; safe to repeat
`)
const log = createLog({ name: "seed", level: "warn" })
const database = await resolveDatabase(config)
await migrateDatabase(database, new Date())
await migrateQueue(database.url)
const handle = openDatabase(database.url, { max: 2, name: "lamproom-seed" })
const queue = await openQueue({ databaseUrl: database.url, worker: false, log })
try {
  const services = { sql: handle.sql, db: handle.db, queue, vault: null, now: () => new Date(), log }
  const admin = await ensureFirstAdmin(services, {
    email: config.LAMPROOM_ADMIN_EMAIL,
    password: config.LAMPROOM_ADMIN_PASSWORD,
  })
  const logins =
    admin.created && admin.password
      ? [{ who: "admin", email: config.LAMPROOM_ADMIN_EMAIL, password: admin.password }]
      : []
  if (config.LAMPROOM_DEMO === "auto") logins.push(...((await seedDemo(services)) ?? []))
  if (logins.length === 0) console.log("Nothing to seed: this database is in use.")
  for (const login of logins) console.log(`${login.who}  ${login.email}  ${login.password}`)
} finally {
  await queue.stop()
  await handle.close()
  await database.release()
}
