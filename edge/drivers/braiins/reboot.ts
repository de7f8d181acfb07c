import type { ActOutcome, DriverContext } from "../driver.ts"
import { seconds } from "../transport/coerce.ts"
import { acceptedWrite } from "../verified-write.ts"
import { askGraphql, mutate } from "./graphql.ts"
import { getRest, writeRest } from "./rest.ts"
import { rowOf } from "./units.ts"

/** The mining process, or the whole system. Reading first proves the login. */
export async function reboot(
  context: DriverContext,
  dialect: "rest" | "graphql",
  mode: "soft" | "hard",
): Promise<ActOutcome> {
  const uptime = dialect === "rest" ? await uptimeByRest(context) : await uptimeByGraphql(context)
  if (!uptime.ok) return { ...uptime, sent: false }
  const [page, mutation] =
    mode === "soft"
      ? ["actions/restart", "{bosminer{restart{__typename}}}"]
      : ["actions/reboot", "{bos{reboot{__typename}}}"]
  return acceptedWrite({
    ran: dialect === "rest" ? `PUT ${page}` : mode === "soft" ? "bosminer.restart" : "bos.reboot",
    send: () => (dialect === "rest" ? writeRest(context, page) : mutate(context, mutation)),
    message: mode === "soft" ? "The machine starts its mining process anew." : "The machine reboots.",
    before: { uptime_seconds: uptime.value },
    dropIsYes: mode === "hard",
  })
}

async function uptimeByRest(context: DriverContext) {
  const told = await getRest(context, "miner/details")
  return told.ok ? { ok: true as const, value: seconds(rowOf(told.value).bosminer_uptime_s) } : told
}

async function uptimeByGraphql(context: DriverContext) {
  const told = await askGraphql(context, { bos: { uptime: { durationS: true } } })
  return told.ok ? { ok: true as const, value: seconds(rowOf(rowOf(told.value.bos).uptime).durationS) } : told
}
