import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { Credentials, DriverContext } from "../driver.ts"
import { type HttpAnswer, type HttpTarget, requestHttp } from "../transport/http-client.ts"
import { webApiPort } from "../transport/ports.ts"
import { decodeReply, type Row, rows, statusFault } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { sendWithToken, type TokenFamily } from "../transport/token-session.ts"
import { type SentWrite, sentByHttp, statusRefusal } from "../verified-write.ts"

const API_PORT = 8080
const JSON_TYPE = { "Content-Type": "application/json" }

/** Reports of FluxOS beside those of cgminer; some builds answer them on the command port too. */
export const OWN_REPORTS: ReadonlySet<string> = new Set(
  "psu fan temperature frequency voltage mode led ipreport".split(" "),
)
/** The section that a report's rows stand in. */
export const SECTIONS: Readonly<Record<string, string>> = {
  psu: "PSU",
  fan: "Fan",
  temperature: "Temperature",
  frequency: "Frequency",
  mode: "Mode",
  led: "LED",
  ipreport: "IPReport",
  pools: "POOLS",
  summary: "SUMMARY",
  devs: "DEVS",
}

export const auradineSession = (context: DriverContext) =>
  rpcSession(context, { reads: OWN_REPORTS, newline: true })

/** A token that has run out is told with 401, or with cgminer's status. */
const isRefusal = ({ status, text }: HttpAnswer & { ok: true }): boolean =>
  status === 401 ||
  status === 403 ||
  /"STATUS":\s*"E"[^}]*(?:token|unauthori[sz]ed|login)/i.test(text.slice(0, 400))

async function logIn(
  target: HttpTarget,
  { username, password }: Credentials,
): Promise<Outcome<string | null>> {
  const body = JSON.stringify({ command: "token", user: username, password })
  const answer = await requestHttp(target, {
    method: "POST",
    path: "/token",
    headers: JSON_TYPE,
    body,
    fresh: true,
  })
  if (!answer.ok) return { ok: false, fault: answer.fault }
  if (answer.status === 404) return fault("unsupported", "This machine's API gives no tokens.")
  if (answer.status >= 500) return fault("busy", `The miner's API is overloaded (${answer.status}).`)
  const reply = decodeReply(answer.text)
  const token = reply.ok ? rows(reply.value.body, "Token")[0]?.Token : null
  return ok(typeof token === "string" && /^[\x21-\x7e]{1,2000}$/.test(token) ? token : null)
}

export const AURADINE_API: TokenFamily = {
  name: "auradine",
  factory: { username: "admin", password: "admin" },
  logIn,
  carry: (token) => ({ Token: token }),
  isRefusal,
  targets: ({ address, signal }) => [{ host: address.host, port: webApiPort(address, API_PORT), signal }],
}

/** The rows of one report by the API, which wants a login. */
export async function getReport(context: DriverContext, name: string): Promise<Outcome<Row[]>> {
  const answer = await sendWithToken(context, { method: "GET", path: `/${name}` }, AURADINE_API)
  if (!answer.ok) return { ok: false, fault: answer.fault }
  if (answer.status === 404) return fault("unsupported", `This machine's API has no ${name}.`)
  if (answer.status >= 300)
    return fault("unsupported", `The miner answered ${name} with HTTP ${answer.status}.`)
  const reply = decodeReply(answer.text)
  if (!reply.ok) return reply
  if (reply.value.truncated) return fault("garbled", `The miner's answer to ${name} was cut off.`)
  const problem = statusFault(reply.value.status, name)
  if (problem !== null) return { ok: false, fault: problem }
  return ok(rows(reply.value.body, SECTIONS[name]!))
}

/** One write, on a socket of its own; it says no by its status, in HTTP's way or in cgminer's. */
export async function post(
  context: DriverContext,
  name: string,
  fields: Record<string, unknown>,
): Promise<SentWrite> {
  const body = JSON.stringify({ command: name, ...fields })
  const request = { method: "POST", path: `/${name}`, headers: JSON_TYPE, body, fresh: true } as const
  return sentByHttp(await sendWithToken(context, request, AURADINE_API), (answer) => {
    const refusal = statusRefusal(answer)
    if (refusal !== null) return refusal
    const reply = decodeReply(answer.text)
    if (!reply.ok) return null
    const { severity, message } = reply.value.status
    return ["E", "F", "W"].includes(severity) ? message || "no reason given" : null
  })
}
