import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Seen } from "./driver.ts"
import { familyByRpc, familyByWeb, type WebPage } from "./signatures.ts"
import { requestHttp } from "./transport/http-client.ts"
import { HTTP_ON_RPC_PORT, rows } from "./transport/reply.ts"
import { rpcSession } from "./transport/rpc-session.ts"
import { webTargets } from "./transport/web-port.ts"

/** Which family answers here, what was seen of it, and the replies that its driver may use again. */
export type Detection = { family: string; confidence: number; evidence: string[]; seen: Seen }

const PAGE_MAX_CHARS = 65_536

/**
 * Asks `version`, then `devdetails`, then the front page, and stops at the first that gives a family away. No
 * writes, no logins. A cgminer that matches nothing is `generic-cgminer`.
 */
export async function detectFamily(context: DriverContext): Promise<Outcome<Detection>> {
  const rpc = rpcSession(context)
  const seen: Seen = { version: null, devdetails: null }
  const version = await rpc.ask("version")
  if (version.ok) {
    seen.version = rows(version.value.body, "VERSION")[0] ?? null
    const family = familyByRpc(version.value.body, "version")
    if (family !== null) return found(family, 1, `version says ${family}`, seen)
    const details = await rpc.ask("devdetails")
    if (!details.ok && details.fault.kind !== "unsupported") return details
    if (details.ok) {
      const list = rows(details.value.body, "DEVDETAILS")
      seen.devdetails = list.length > 0 ? list : null
      const other = familyByRpc(details.value.body, "devdetails")
      if (other !== null) return found(other, 1, `devdetails says ${other}`, seen)
    }
  } else if (version.fault.message === HTTP_ON_RPC_PORT) {
    return found("epic", 0.8, "the command port speaks HTTP", seen)
  } else if (version.fault.kind !== "refused" && version.fault.kind !== "unsupported") return version

  const page = await frontPage(context)
  const family = page === null ? null : familyByWeb(page)
  if (family !== null) return found(family, 0.9, `the front page says ${family}`, seen)
  if (seen.version !== null) return found("generic-cgminer", 0.5, "answers version as cgminer does", seen)
  if (!version.ok) return version
  return fault("unsupported", "Something answers here, but it is no miner that this release knows.")
}

function found(family: string, confidence: number, evidence: string, seen: Seen): Outcome<Detection> {
  return ok({ family, confidence, evidence: [evidence], seen })
}

async function frontPage(context: DriverContext): Promise<WebPage | null> {
  for (const target of webTargets(context)) {
    const answer = await requestHttp(target, { method: "GET", path: "/", fresh: true })
    if (!answer.ok) continue
    return {
      status: answer.status,
      location: answer.headers.location ?? "",
      realm: /realm="([^"]*)"/i.exec(answer.headers["www-authenticate"] ?? "")?.[1] ?? "",
      body: answer.text.slice(0, PAGE_MAX_CHARS),
    }
  }
  return null
}
