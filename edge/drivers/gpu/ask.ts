import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext } from "../driver.ts"
import { type HttpAnswer, type HttpRequest, requestHttp } from "../transport/http-client.ts"
import { httpReads } from "../transport/http-reads.ts"
import { commandPort } from "../transport/ports.ts"
import { readEach } from "../transport/read-each.ts"
import type { Row } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import type { GpuProgram } from "./program.ts"

export type Told = { body: Row; latencyMs: number | null }
const WEB_PORTS = new Set([80, 443, 8080])

/** The program's whole answer: one request over HTTP, or its commands one after the other. */
export async function askProgram(context: DriverContext, program: GpuProgram): Promise<Outcome<Told>> {
  if ("rpc" in program.ask) return askCommands(context, program.port, program.ask.rpc)
  const reads = httpReads(context, (request) => sendToProgram(context, program, request))
  let last: Outcome<Row> | null = null
  for (const path of program.ask.http) {
    last = await reads.object(path)
    if (last.ok && program.isIt(last.value)) return ok({ body: last.value, latencyMs: reads.latencyMs() })
    if (!last.ok && last.fault.kind !== "unsupported") return last
  }
  return last?.ok === false
    ? last
    : {
        ok: false,
        fault: { kind: "unsupported", message: `This is not ${program.name}: it tells other things.` },
      }
}

async function askCommands(
  context: DriverContext,
  port: number,
  commands: readonly string[],
): Promise<Outcome<Told>> {
  const rpc = rpcSession(context, { port: commandPort(context.address, port) })
  const summary = await rpc.read("summary")
  if (!summary.ok) return summary
  const others = commands.filter((command) => command !== "summary")
  const body: Row = { summary: summary.value.body }
  for (const command of others) {
    const reply = await readEach(rpc, [command])
    if (!reply.ok) return reply
    body[command] = reply.value[0]?.body ?? {}
  }
  return ok({ body, latencyMs: rpc.latencyMs() })
}

/** At the port that the target names, else at the program's own. A password is what the program calls its token. */
export async function sendToProgram(
  context: DriverContext,
  program: GpuProgram,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const { host, webPort, ports } = context.address
  const first = commandPort(context.address, program.port)
  const known = ports?.[program.port] !== undefined
  const candidates = known || WEB_PORTS.has(webPort) || webPort === first ? [first] : [first, webPort]
  const token = context.credentials?.password
  const carrying: HttpRequest = token
    ? { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } }
    : request
  let last: HttpAnswer | null = null
  for (const port of candidates) {
    last = await requestHttp({ host, port, signal: context.signal }, carrying)
    if (last.ok && (last.status === 401 || last.status === 403)) context.loginRefused?.("")
    if (last.ok || last.fault.kind !== "refused" || last.sent) return last
  }
  return last!
}
