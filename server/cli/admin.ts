import "./node-version.ts"
import { openDatabase } from "#db/client.ts"
import { findEmbedded } from "#db/embedded.ts"
import { DomainError } from "../contract/errors.ts"
import { createLog } from "../log.ts"
import { openQueue } from "../queue.ts"
import { ADMIN_USAGE, runAdminCommand } from "./admin-command.ts"
import { readCommandLine } from "./command-line.ts"

const { config, argv } = readCommandLine(ADMIN_USAGE)
const url = config.DATABASE_URL ?? findEmbedded(config.LAMPROOM_DATA)?.url
if (!url) {
  console.error("The embedded database does not run. Start it with npm start, or set DATABASE_URL.")
  process.exit(2)
}
const log = createLog({ name: "admin", level: "warn" })
const handle = openDatabase(url, { max: 2, name: "lamproom-admin" })
const queue = await openQueue({ databaseUrl: url, worker: false, log })
try {
  const services = { sql: handle.sql, db: handle.db, queue, vault: null, now: () => new Date(), log }
  const baseUrl = config.LAMPROOM_BASE_URL ?? `http://${config.HOST}:${config.PORT}`
  for (const line of await runAdminCommand(services, argv, baseUrl)) console.log(line)
} catch (error) {
  if (!(error instanceof DomainError)) throw error
  console.error(error.message)
  process.exitCode = 1
} finally {
  await queue.stop()
  await handle.close()
}
