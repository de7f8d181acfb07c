import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { identifyByOverview } from "../marathon/identify.ts"
import { text } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { webDialect } from "./dialect.ts"
import { mapSystemInfo, type SystemInfo } from "./map-web.ts"
import { getWeb } from "./web.ts"

export const FAMILY = "antminer-stock"
/** The X17 and older, whose web interface takes forms. */
export const LEGACY_FAMILY = "antminer-legacy-web"
export const MAKE = "Antminer"

/** `Antminer S19 Pro (…)` → `S19 Pro`. */
export function modelName(type: unknown): string | null {
  const whole = text(type, 128)?.split(" (")[0]
  return whole?.replace(/^antminer\s+/i, "").trim() || null
}

/** Type from RPC `version`, MAC, serial and image from `get_system_info.cgi`. Either side alone is enough. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const evidence: string[] = []
  let version = seen?.version ?? null
  let rpcFault = fault("refused", "The miner's command port was not asked.")
  if (version === null) {
    const reply = await rpcSession(context).read("version")
    if (reply.ok) version = rows(reply.value.body, "VERSION")[0] ?? null
    else rpcFault = reply
    if (!reply.ok && reply.fault.kind === "timeout") return reply
  }
  if (version !== null) evidence.push(`version: ${text(version.Type, 60) ?? "no type"}`)
  const web = await getWeb(context, "get_system_info")
  if (version === null && !web.ok) {
    // MARA firmware has this login too, and none of the stock pages behind it.
    const other = web.fault.kind === "unsupported" ? await identifyByOverview(context) : null
    return other === null ? rpcFault : ok(other)
  }
  const info: SystemInfo = web.ok
    ? mapSystemInfo(web.value)
    : { model: null, mac: null, serial: null, version: null }
  evidence.push(web.ok ? "get_system_info: answered" : `get_system_info: ${web.fault.message}`)
  const model = modelName(version?.Type) ?? modelName(info.model)
  return ok({
    family: webDialect(model) === "legacy" ? LEGACY_FAMILY : FAMILY,
    make: MAKE,
    model,
    firmware: "stock",
    firmwareVersion: info.version ?? text(version?.CompileTime, 128) ?? text(version?.Miner, 128),
    mac: info.mac,
    serial: info.serial,
    confidence: 1,
    evidence,
  })
}
