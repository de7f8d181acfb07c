import { readConfig } from "../config.ts"
import { silentLog } from "../log.ts"
import { startWeb } from "../main.ts"

/** The web process of the ingest benchmark: the product's own, without pages. Tells its address and its CPU time. */
const web = await startWeb(readConfig(process.argv.slice(2)), {
  log: silentLog,
  pages: async () => new Response("no pages here", { status: 404 }),
})
process.send?.({ url: web.url })
process.on("message", (asked) => {
  if (asked === "cpu") {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system })
  }
  if (asked === "stop") web.close().then(() => process.exit(0))
})
