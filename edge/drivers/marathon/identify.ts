import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { marathonReads } from "./web.ts"

export const FAMILY = "marathon"
export const MAKE = "Antminer"

/** `overview` behind the login; `version` of port 4028 tells the model where that is refused. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  let version: Row | null = seen?.version ?? null
  if (version === null) {
    const reply = await rpcSession(context).read("version")
    if (reply.ok) version = rows(reply.value.body, "VERSION")[0] ?? null
    else if (reply.fault.kind === "timeout") return reply
  }
  const overview = await marathonReads(context).object("overview")
  if (!overview.ok && version === null) return overview
  const page = overview.ok ? overview.value : {}
  return ok({
    ...identityBy(page, version),
    evidence: [
      `version: ${text(version?.Type, 60) ?? "no type"}`,
      overview.ok ? "overview: answered" : `overview: ${overview.fault.message}`,
    ],
  })
}

/** For who met a stock Antminer's login, behind which no page of the stock firmware is. */
export async function identifyByOverview(context: DriverContext): Promise<Identity | null> {
  const overview = await marathonReads({ ...context, retry: [] }).object("overview")
  return overview.ok && "version_firmware" in overview.value
    ? { ...identityBy(overview.value, null), evidence: ["/kaonsu/v1/overview: answered"] }
    : null
}

function identityBy(overview: Row, version: Row | null): Omit<Identity, "evidence"> {
  const name = text(overview.model, 128) ?? text(version?.Type, 128)
  const model = name
    ?.split(" (")[0]
    ?.replace(/^antminer\s+/i, "")
    .trim()
  return {
    family: FAMILY,
    make: MAKE,
    model: model || null,
    firmware: "MARA firmware",
    firmwareVersion: text(overview.version_firmware, 128) ?? versionIn(version),
    mac: mac(overview.mac),
    serial: text(overview.serial_number, 128) ?? text(overview.serial, 128),
    confidence: 1,
  }
}

/** The figure beside `kaonsu` or `MARAFW` in whichever key of `version`. */
function versionIn(version: Row | null): string | null {
  for (const value of Object.values(version ?? {})) {
    const beside = /(?:kaonsu|marafw)[^\d\s]*[\s_v-]*(\d[\w.-]*)/i.exec(text(value, 128) ?? "")?.[1]
    if (beside !== undefined) return beside
  }
  return text(version?.Miner, 128)
}
