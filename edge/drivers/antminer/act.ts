import { READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { CommandAction } from "#server/contract/commands.ts"
import type { FaultKind } from "#server/contract/driver-faults.ts"
import type { ActionReport, ActOutcome, DriverContext, Identity } from "../driver.ts"
import { restartByRpc } from "../restart-by-rpc.ts"
import { boolean, number } from "../transport/coerce.ts"
import type { HttpAnswer } from "../transport/http-client.ts"
import type { Row } from "../transport/reply.ts"
import { isPrivileged, rpcSession } from "../transport/rpc-session.ts"
import { getWeb, sendWeb, webObject } from "./web.ts"

/** CGI pages that change something. All else in this driver reads. */
const WRITES = { reboot: "reboot", blink: "blink", conf: "set_miner_conf" } as const

export async function act(
  context: DriverContext,
  _identity: Identity,
  action: CommandAction,
): Promise<ActOutcome> {
  if (action.type === "LED") return blink(context, action.parameters.state === "on")
  return action.parameters.mode === "hard" ? rebootBoard(context) : restartMining(context)
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
async function restartMining(context: DriverContext): Promise<ActOutcome> {
  const privileged = await isPrivileged(rpcSession({ ...context, retry: [] }))
  if (privileged.ok && privileged.value) return restartByRpc(context, await uptimeNow(context))
  return repostConfiguration(context)
}

async function repostConfiguration(context: DriverContext): Promise<ActOutcome> {
  const conf = await getWeb(context, "get_miner_conf")
  if (!conf.ok) return { ok: false, fault: conf.fault, sent: false }
  const body = repostBody(conf.value)
  if (body === null)
    return failure(
      "unsupported",
      "This older web interface cannot restart mining without changing settings; reboot it instead.",
    )
  const before = await uptimeNow(context)
  const answer = await post(context, WRITES.conf, body, WRITE_TIMEOUT_MS)
  if (!answer.ok && !answer.dropped) return { ok: false, fault: answer.fault, sent: answer.sent }
  if (answer.ok) {
    if (answer.status >= 300)
      return failure("unsupported", `The miner refused the restart with HTTP ${answer.status}.`)
    const refusal = refused(answer.text)
    if (refusal !== null) return failure("refused", `The miner refused its own configuration: ${refusal}.`)
  }
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

/** The locate light, read back from `get_blink_status`. */
async function blink(context: DriverContext, on: boolean): Promise<ActOutcome> {
  const was = await getWeb(context, "get_blink_status")
  if (!was.ok) return { ok: false, fault: was.fault, sent: false }
  const answer = await post(context, WRITES.blink, { blink: on ? "true" : "false" }, WRITE_TIMEOUT_MS)
  if (!answer.ok && !answer.sent) return { ok: false, fault: answer.fault, sent: false }
  if (answer.ok && answer.status >= 300)
    return failure("unsupported", `The miner refused the light with HTTP ${answer.status}.`)
  const now = await getWeb(context, "get_blink_status")
  const blinking = now.ok ? boolean(now.value.blink) : null
  // The light is read back, so that even a lost answer has a known outcome.
  if (!answer.ok && blinking !== on) return { ok: false, fault: answer.fault, sent: true }
  if (blinking !== null && blinking !== on)
    return failure("refused", `The miner took the command but its light is still ${blinking ? "on" : "off"}.`)
  return done({
    ran: `blink.cgi ${on ? "on" : "off"}`,
    message:
      blinking === on
        ? `The light is ${on ? "on" : "off"}.`
        : "The miner accepted the command for the light.",
    verified: blinking === on,
    before: { blink: boolean(was.value.blink) },
    after: blinking === null ? null : { blink: blinking },
  })
}
