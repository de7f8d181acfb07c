import { READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { FaultKind } from "#server/contract/driver-faults.ts"
import type { ActionReport, ActOutcome, DriverAction, DriverContext, Identity } from "../driver.ts"
import { featureOfAction } from "../feature-of-action.ts"
import { restartByRpc } from "../restart-by-rpc.ts"
import { number } from "../transport/coerce.ts"
import type { HttpAnswer } from "../transport/http-client.ts"
import type { Row } from "../transport/reply.ts"
import { isPrivileged, rpcSession } from "../transport/rpc-session.ts"
import { blink } from "./blink.ts"
import { capabilities } from "./capabilities.ts"
import { type WebDialect, webDialect } from "./dialect.ts"
import { getWeb, sendWeb, webObject } from "./web.ts"

/** CGI pages that change something, with `blink`. All else in this driver reads. */
const WRITES = { reboot: "reboot", conf: "set_miner_conf" } as const
const OLD_WEB =
  "This older web interface cannot restart mining without touching settings; reboot the machine instead."

export async function act(
  context: DriverContext,
  identity: Identity,
  action: DriverAction,
): Promise<ActOutcome> {
  const can = capabilities(identity).can(featureOfAction(action))
  if (!can.ok) return { ...can, sent: false }
  const dialect = webDialect(identity.model)
  if (action.type === "LED") return blink(context, action.parameters.state === "on", dialect)
  if (action.type !== "REBOOT") return failure("unsupported", `${action.type} is not known to this driver.`)
  return action.parameters.mode === "hard" ? rebootBoard(context) : restartMining(context, dialect)
}

function failure(kind: FaultKind, message: string, sent = false): ActOutcome {
  return { ok: false, fault: { kind, message }, sent }
}

function done(report: ActionReport): ActOutcome {
  return { ok: true, value: report }
}

/** POSTs once, on a socket of its own. The answer's `sent` is true only while nobody knows whether the miner obeyed. */
function post(context: DriverContext, page: string, body: unknown, timeoutMs: number): Promise<HttpAnswer> {
  return sendWeb(context, {
    method: "POST",
    path: `/cgi-bin/${page}.cgi`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    timeoutMs,
    fresh: true,
  })
}

/**
 * The control board. The page is behind the login, so reading first proves the login and fetches the nonce; then one
 * GET, whose dropped connection is how a board that goes down says yes.
 */
async function rebootBoard(context: DriverContext): Promise<ActOutcome> {
  const info = await getWeb(context, "get_system_info")
  if (!info.ok) return { ok: false, fault: info.fault, sent: false }
  const before = await uptimeNow(context)
  const answer = await sendWeb(context, {
    method: "GET",
    path: `/cgi-bin/${WRITES.reboot}.cgi`,
    timeoutMs: READ_TIMEOUT_MS,
    fresh: true,
  })
  const ran = "reboot.cgi"
  if (!answer.ok && !answer.dropped) return { ok: false, fault: answer.fault, sent: answer.sent }
  if (!answer.ok)
    return done({
      ran,
      message: "The control board dropped the connection to reboot.",
      verified: false,
      before,
      after: null,
    })
  if (answer.status === 404) return failure("unsupported", "This miner's web interface has no reboot.cgi.")
  if (answer.status >= 300)
    return failure("unsupported", `The miner refused the reboot with HTTP ${answer.status}.`)
  return done({
    ran,
    message: "The control board accepted the reboot.",
    verified: false,
    before,
    after: null,
  })
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
async function restartMining(context: DriverContext, dialect: WebDialect): Promise<ActOutcome> {
  const privileged = await isPrivileged(rpcSession({ ...context, retry: [] }))
  if (privileged.ok && privileged.value) return restartByRpc(context, await uptimeNow(context))
  // Its form resets every setting that is left out, and the names of some of them are not known for sure.
  return dialect === "legacy" ? failure("unsupported", OLD_WEB) : repostConfiguration(context)
}

async function repostConfiguration(context: DriverContext): Promise<ActOutcome> {
  const conf = await getWeb(context, "get_miner_conf")
  if (!conf.ok) return { ok: false, fault: conf.fault, sent: false }
  const body = repostBody(conf.value)
  if (body === null) return failure("unsupported", OLD_WEB)
  const before = await uptimeNow(context)
  const answer = await post(context, WRITES.conf, body, WRITE_TIMEOUT_MS)
  // The page answers before the miner reloads. A dropped connection tells nothing, nor does reading back a
  // configuration that is the same either way; the uptime will.
  if (!answer.ok) return { ok: false, fault: answer.fault, sent: answer.sent || answer.dropped }
  if (answer.status >= 300)
    return failure("unsupported", `The miner refused the restart with HTTP ${answer.status}.`)
  const refusal = refused(answer.text)
  if (refusal !== null) return failure("refused", `The miner refused its own configuration: ${refusal}.`)
  const after = await getWeb(context, "get_miner_conf")
  const changed = after.ok ? changedKeys(conf.value, after.value) : null
  return done({
    ran: "set_miner_conf.cgi with the unchanged configuration",
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

/**
 * The configuration as the page would post it: everything that was read, unknown keys too, with the names that differ
 * between GET and POST. Null on images whose page takes a form instead (they report no work mode).
 */
export function repostBody(conf: Row): Row | null {
  const mode = number(conf["miner-mode"] ?? conf["bitmain-work-mode"])
  if (mode === null || !Array.isArray(conf.pools)) return null
  const pools = [...conf.pools]
  while (pools.length < 3) pools.push({ url: "", user: "", pass: "" })
  const level = conf["freq-level"] ?? conf["bitmain-freq-level"]
  return {
    ...conf,
    pools,
    "miner-mode": mode,
    "bitmain-work-mode": mode,
    ...(level === undefined ? {} : { "freq-level": level }),
  }
}

/** Names of settings that read back otherwise, comparing what both reports hold; 0 and "0" are the same setting. */
function changedKeys(before: Row, after: Row): string[] {
  const plain = (value: unknown) =>
    JSON.stringify(value, (_key, each) => (typeof each === "object" ? each : String(each)))
  return Object.keys(before).filter((key) => key in after && plain(before[key]) !== plain(after[key]))
}

/** `{"stats":"error","code":"M001","msg":…}` → what it says; null when the answer is no refusal. */
function refused(text: string): string | null {
  const reply = webObject({ ok: true, status: 200, headers: {}, text }, "set_miner_conf")
  if (!reply.ok) return null
  const { stats, code, msg } = reply.value
  return stats === "error" || code === "M001"
    ? `${String(code ?? "")} ${String(msg ?? "")}`.trim().slice(0, 120)
    : null
}
