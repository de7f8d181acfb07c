import { READ_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { ActOutcome, DriverContext } from "../driver.ts"
import { done, lost, notDone } from "../outcomes.ts"
import { restartByRpc } from "../restart-by-rpc.ts"
import { number } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { isPrivileged, rpcSession } from "../transport/rpc-session.ts"
import { CONF_PAGE, NO_WORK_MODE, postConf } from "./change-conf.ts"
import { postBody } from "./conf.ts"
import { refusal } from "./refusal.ts"
import { getWeb, sendWeb } from "./web.ts"

const REBOOT_PAGE = "reboot.cgi"

/**
 * The control board. The page is behind the login, so reading first proves the login and fetches the nonce; then one
 * GET, whose dropped connection is how a board that goes down says yes.
 */
export async function rebootBoard(context: DriverContext): Promise<ActOutcome> {
  const info = await getWeb(context, "get_system_info")
  if (!info.ok) return { ok: false, fault: info.fault, sent: false }
  const before = await uptimeNow(context)
  const answer = await sendWeb(context, {
    method: "GET",
    path: `/cgi-bin/${REBOOT_PAGE}`,
    timeoutMs: READ_TIMEOUT_MS,
    fresh: true,
  })
  const report = { ran: REBOOT_PAGE, verified: false, before, after: null }
  if (!answer.ok && !answer.dropped) return lost(answer)
  if (!answer.ok) return done({ ...report, message: "The control board dropped the connection to reboot." })
  if (answer.status === 404) return notDone("unsupported", "This miner's web interface has no reboot.cgi.")
  if (answer.status >= 300)
    return notDone("unsupported", `The miner refused the reboot with HTTP ${answer.status}.`)
  return done({ ...report, message: "The control board accepted the reboot." })
}

async function uptimeNow(context: DriverContext): Promise<Record<string, unknown> | null> {
  const reply = await rpcSession({ ...context, retry: [] }).read("summary")
  if (!reply.ok) return null
  const summary = Array.isArray(reply.value.body.SUMMARY)
    ? (reply.value.body.SUMMARY[0] as Row | undefined)
    : undefined
  return { uptime_seconds: number(summary?.Elapsed) }
}

/** `restart` where port 4028 grants it; else the unchanged configuration is posted again (`decisions.md` 23). */
export async function restartMining(context: DriverContext): Promise<ActOutcome> {
  const privileged = await isPrivileged(rpcSession({ ...context, retry: [] }))
  if (privileged.ok && privileged.value) return restartByRpc(context, await uptimeNow(context))
  return repostConfiguration(context)
}

async function repostConfiguration(context: DriverContext): Promise<ActOutcome> {
  const conf = await getWeb(context, "get_miner_conf")
  if (!conf.ok) return { ok: false, fault: conf.fault, sent: false }
  const body = postBody(conf.value)
  if (body === null) return notDone("unsupported", NO_WORK_MODE)
  const before = await uptimeNow(context)
  const answer = await postConf(context, body)
  // The page answers before the miner reloads. A dropped connection tells nothing, nor does reading back a
  // configuration that is the same either way; the uptime will.
  if (!answer.ok) return lost(answer)
  if (answer.status >= 300)
    return notDone("unsupported", `The miner refused the restart with HTTP ${answer.status}.`)
  const refused = refusal(answer.text)
  if (refused !== null) return notDone("refused", `The miner refused its own configuration: ${refused}.`)
  const after = await getWeb(context, "get_miner_conf")
  const changed = after.ok ? changedKeys(conf.value, after.value) : null
  return done({
    ran: `${CONF_PAGE} with the unchanged configuration`,
    message:
      changed === null
        ? "The miner took its configuration again to restart mining; it does not answer yet."
        : changed.length === 0
          ? "The miner took its configuration again and restarts mining; nothing in it changed."
          : `The miner restarts mining, but reads back other values for ${changed.join(", ")}.`,
    verified: changed?.length === 0,
    before,
    after: changed === null ? null : { changed_settings: changed },
  })
}

/** Names of settings that read back otherwise, comparing what both reports hold; 0 and "0" are the same setting. */
function changedKeys(before: Row, after: Row): string[] {
  const plain = (value: unknown) =>
    JSON.stringify(value, (_key, each) => (typeof each === "object" ? each : String(each)))
  return Object.keys(before).filter((key) => key in after && plain(before[key]) !== plain(after[key]))
}
