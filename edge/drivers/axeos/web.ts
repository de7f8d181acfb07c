import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import { fault, type Outcome } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import type { HttpAnswer, HttpRequest } from "../transport/http-client.ts"
import { asObject, type HttpReads, httpReads, jsonOf } from "../transport/http-reads.ts"
import { sendAlone } from "../transport/one-at-a-time.ts"
import { webTargets } from "../transport/ports.ts"
import type { Row } from "../transport/reply.ts"
import type { SentWrite } from "../verified-write.ts"

/**
 * The web interface of an ESP32: one request at a time, each on a connection of its own, no login. It answers private
 * addresses only (10/8, 172.16/12, 192.168/16), anybody else with 401.
 */
export const INFO = "/api/system/info"
const RESTART = "/api/system/restart"

export async function sendAxe(context: DriverContext, request: HttpRequest): Promise<HttpAnswer> {
  let last: HttpAnswer | null = null
  for (const target of webTargets(context)) {
    const answer = await sendAlone(target, request)
    if (answer.ok && answer.status === 401) return outsider(target.host)
    if (answer.ok || answer.fault.kind !== "refused" || answer.sent) return answer
    last = answer
  }
  return last ?? outsider(context.address.host)
}

function outsider(host: string): HttpAnswer {
  const message =
    `${host} only answers callers with a private address (10.x, 172.16–31.x, 192.168.x), or asks for a one-time code: ` +
    "let the collector reach it from inside its own network."
  return { ok: false, fault: { kind: "refused", message }, sent: false, dropped: false }
}

export const axeReads = (context: DriverContext): HttpReads =>
  httpReads(context, (request) => sendAxe(context, request))

/** All that the machine tells, in one object. */
export function getInfo(context: DriverContext): Promise<Outcome<Row>> {
  return axeReads(context).object(INFO)
}

/** One write, once. A page of the web interface instead of an answer: this firmware does not know the path. */
export async function writeAxe(
  context: DriverContext,
  method: "POST" | "PATCH",
  path: string,
  body?: Row,
): Promise<SentWrite> {
  const answer = await sendAxe(context, {
    method,
    path,
    timeoutMs: WRITE_TIMEOUT_MS,
    ...(body === undefined
      ? { body: "" }
      : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  })
  return endOf(answer, path)
}

export function endOf(answer: HttpAnswer, path: string): SentWrite {
  if (!answer.ok) {
    const { fault: problem, sent, dropped } = answer
    return sent || dropped ? { kind: "lost", fault: problem } : { kind: "unsent", fault: problem }
  }
  if (answer.status === 404 || answer.status === 405 || /^\s*<(?:!doctype|html)/i.test(answer.text))
    return { kind: "unsent", fault: fault("unsupported", `This firmware has no ${path}.`).fault }
  if (answer.status < 300) return { kind: "accepted" }
  const said = answer.text
    .replace(/<[^>]*>|\s+/g, " ")
    .trim()
    .slice(0, 120)
  return { kind: "refused", message: `HTTP ${answer.status}${said === "" ? "" : `: ${said}`}` }
}

export const postRestart = (context: DriverContext) => writeAxe(context, "POST", RESTART)

/** `/api/system/asic`, firmware 2.5 and later: what frequencies and voltages the board offers. */
export async function getAsic(context: DriverContext): Promise<Outcome<Row>> {
  const path = "/api/system/asic"
  const answer = jsonOf(await sendAxe(context, { method: "GET", path }), path)
  return answer.ok ? asObject(answer.value, path) : answer
}
