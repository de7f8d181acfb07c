import { setTimeout as wait } from "node:timers/promises"
import { type Fault, fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Seen, WebPage } from "./driver.ts"
import { familyByRpc, familyByWeb, PATH_SIGNATURES, rankOf, SOFT_SIGNS } from "./signatures.ts"
import { requestFrame } from "./transport/framed-client.ts"
import { type HttpTarget, requestHttp } from "./transport/http-client.ts"
import { commandPort, rememberHttpDoor, webTargets } from "./transport/ports.ts"
import { decodeReply, HTTP_ON_RPC_PORT, rows } from "./transport/reply.ts"
import { rpcSession } from "./transport/rpc-session.ts"

/** Which family answers here, what was seen of it, and the replies that its driver may use again. */
export type Detection = { family: string; confidence: number; evidence: string[]; seen: Seen }

type Sign = { family: string; confidence: number; evidence: string }

const PAGE_MAX_CHARS = 65_536
const PROBE_DEADLINE_MS = 3_000
const FRAME_PORT = 4433
const RPC_PORT = 4028
const TLS_PORT = 443
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443, 8080])
/** After a sign that another one may outdo, the other probes have this long. */
const LATER_SIGN_MS = 300

/**
 * Asks the command port, the front page and the framed port at the same time, and ends with the first sign that no other
 * can outdo; a softer one (a stock signature, which third-party firmware keeps) waits a moment for a better. Reads only,
 * no logins. A cgminer that matches nothing is `generic-cgminer`.
 */
export async function detectFamily(context: DriverContext): Promise<Outcome<Detection>> {
  const rest = new AbortController()
  const own = { ...context, signal: AbortSignal.any([context.signal, rest.signal]) }
  const signs: Sign[] = []
  const seen: Seen = { version: null, devdetails: null, page: null }
  const answered = Promise.withResolvers<void>()
  const found: Found = { rpcFault: null, someoneAnswers: false, cgminer: false, answered }
  try {
    await new Promise<void>((settle) => {
      let later: NodeJS.Timeout | null = null
      const note = (sign: Sign | null) => {
        if (sign === null) return
        signs.push(sign)
        if (!SOFT_SIGNS.has(sign.family)) settle()
        else later ??= setTimeout(settle, LATER_SIGN_MS)
      }
      const probes = [
        askCommandPort(own, seen, found, note),
        askFrontPage(own, seen, found, note),
        askFramedPort(own, found, note),
      ]
      void Promise.all(probes).then(() => {
        if (later !== null) clearTimeout(later)
        settle()
      })
    })
  } finally {
    rest.abort()
  }
  const best = signs.sort((one, other) => rankOf(one.family) - rankOf(other.family))[0]
  if (best !== undefined)
    return ok({
      family: best.family,
      confidence: best.confidence,
      evidence: signs.map(({ evidence }) => evidence),
      seen,
    })
  if (found.rpcFault !== null && !["refused", "unsupported"].includes(found.rpcFault.kind))
    return { ok: false, fault: found.rpcFault }
  if (!found.someoneAnswers && found.rpcFault !== null) return { ok: false, fault: found.rpcFault }
  return fault("unsupported", "Something answers here, but it is no miner that this release knows.")
}

type Found = {
  rpcFault: Fault | null
  someoneAnswers: boolean
  /** The command port spoke cgminer's way, if only to say no. */
  cgminer: boolean
  /** Whatever the command port said or did not say to its first question. */
  answered: PromiseWithResolvers<void>
}
type Note = (sign: Sign | null) => void

const sign = (family: string | null, confidence: number, where: string): Sign | null =>
  family === null ? null : { family, confidence, evidence: `${where} says ${family}` }

async function askCommandPort(context: DriverContext, seen: Seen, found: Found, note: Note): Promise<void> {
  const rpc = rpcSession(context)
  const version = await rpc.ask("version")
  if (!version.ok) {
    found.rpcFault = version.fault
    found.cgminer = version.fault.kind === "unsupported"
    found.answered.resolve()
    if (version.fault.message === HTTP_ON_RPC_PORT) await askHttpCommandPort(context, found, note)
    if (version.fault.kind !== "unsupported") return
  } else {
    found.someoneAnswers = true
    found.cgminer = true
    found.answered.resolve()
    seen.version = rows(version.value.body, "VERSION")[0] ?? null
    const family = familyByRpc(version.value.body, "version")
    note(sign(family, 1, "version"))
    if (family !== null) return
    if (seen.version !== null)
      note({ family: "generic-cgminer", confidence: 0.5, evidence: "answers version as cgminer does" })
  }
  const details = await rpc.ask("devdetails")
  if (details.ok) {
    found.someoneAnswers = true
    const list = rows(details.value.body, "DEVDETAILS")
    seen.devdetails = list.length > 0 ? list : null
    const family = familyByRpc(details.value.body, "devdetails")
    note(sign(family, 1, "devdetails"))
    if (family !== null) return
  } else if (details.fault.kind !== "unsupported") found.rpcFault = details.fault
  // Some builds of VNish know neither, and tell their name in `stats` alone.
  if (seen.version !== null || !details.ok) return
  const stats = await rpc.ask("stats")
  if (stats.ok) note(sign(familyByRpc(stats.value.body, "stats"), 1, "stats"))
}

/** A web server on the command port: ePIC's way, and that of the mining programs; or the port was the web's. */
async function askHttpCommandPort(context: DriverContext, found: Found, note: Note): Promise<void> {
  const { host, rpcPort: port } = context.address
  found.someoneAnswers = true
  rememberHttpDoor(context.address)
  const target = { host, port, signal: context.signal }
  const page = await pageOf(target)
  const family = page === null ? null : familyByWeb(page)
  note(sign(family, 0.9, "the page on the command port"))
  if (family === null) await askPaths(target, note)
  if (port === RPC_PORT) note({ family: "epic", confidence: 0.5, evidence: "the command port speaks HTTP" })
}

async function askFrontPage(context: DriverContext, seen: Seen, found: Found, note: Note): Promise<void> {
  const { rpcPort } = context.address
  for (const target of [...webTargets(context), ...secureTargets(context)]) {
    if (target.port === rpcPort) continue
    const page = await pageOf(target)
    if (page === null) continue
    found.someoneAnswers = true
    seen.page = page
    const family = familyByWeb(page)
    note(sign(family, 0.9, "the front page"))
    if (family === null) await askPaths(target, note)
    return
  }
}

/** Asked only where nobody answers in the clear; certificates are the machines' own. */
function secureTargets({ address, signal }: DriverContext): HttpTarget[] {
  const { host, webPort, ports } = address
  const port = ports?.[TLS_PORT] ?? (webPort === 80 || webPort === TLS_PORT ? TLS_PORT : null)
  return port === null ? [] : [{ host, port, secure: true, signal }]
}

async function pageOf(target: HttpTarget): Promise<WebPage | null> {
  const answer = await requestHttp(target, {
    method: "GET",
    path: "/",
    fresh: true,
    timeoutMs: PROBE_DEADLINE_MS,
  })
  if (!answer.ok) return null
  return {
    status: answer.status,
    location: answer.headers.location ?? "",
    realm: /realm="([^"]*)"/i.exec(answer.headers["www-authenticate"] ?? "")?.[1] ?? "",
    body: answer.text.slice(0, PAGE_MAX_CHARS),
  }
}

async function askPaths(target: HttpTarget, note: Note): Promise<void> {
  for (const { family, path, seen, apart } of PATH_SIGNATURES) {
    if (apart && WEB_PORTS.has(target.port)) continue
    const answer = await requestHttp(target, {
      method: "GET",
      path,
      fresh: true,
      timeoutMs: PROBE_DEADLINE_MS,
    })
    if (!answer.ok) return
    if (answer.status !== 200) continue
    const reply = decodeReply(answer.text)
    if (reply.ok && seen(reply.value.body)) return note(sign(family, 0.9, path))
  }
}

/** A port that the target names may be the framed one; it is asked so only when it says nothing to cgminer's way. */
async function askFramedPort(context: DriverContext, found: Found, note: Note): Promise<void> {
  const { address, signal } = context
  const port = commandPort(address, FRAME_PORT)
  if (port === address.rpcPort) {
    const pause = wait(LATER_SIGN_MS, undefined, { signal }).catch(() => undefined)
    await Promise.race([found.answered.promise, pause])
    if (found.cgminer || signal.aborted) return
  }
  const target = { host: address.host, port, signal }
  const answer = await requestFrame(target, { cmd: "get.device.info" }, { readTimeoutMs: PROBE_DEADLINE_MS })
  if (answer.ok && answer.body.desc === "get.device.info")
    note({ family: "whatsminer-v3", confidence: 1, evidence: "the framed port answers get.device.info" })
}
