import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import { getWeb } from "../antminer/web.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { getVolc } from "../volcminer/web.ts"
import { blackSession } from "./rpc.ts"

export const HAMMER = "hammer"
export const VOLCMINER = "volcminer"
export const MAKES: Readonly<Record<string, string>> = { [HAMMER]: "Hammer", [VOLCMINER]: "VolcMiner" }

/**
 * Both makers' web servers name the same realm. `version` on the command port tells them apart without a login, else the
 * system information does; `supposed` stands where neither answers.
 */
export async function identifyBlack(
  context: DriverContext,
  supposed: string,
  seen: Seen | undefined,
): Promise<Outcome<Identity>> {
  let version = seen?.version ?? null
  const evidence: string[] = []
  if (version === null) {
    const reply = await blackSession(context).read("version")
    if (!reply.ok && reply.fault.kind === "timeout") return reply
    if (reply.ok) version = rows(reply.value.body, "VERSION")[0] ?? null
    else evidence.push(`version: ${reply.fault.message}`)
  }
  const type = text(version?.Type, 128) ?? text(version?.Miner, 128)
  if (version !== null) evidence.push(`version: ${type ?? "no type"}`)
  const byRpc = familyOf(version)
  const page = await systemInfo(context, byRpc ?? supposed, supposed)
  if (!page.ok && version === null && page.fault.kind !== "auth") return page
  const info: Row = page.ok ? page.value : {}
  evidence.push(page.ok ? "get_system_info: answered" : `get_system_info: ${page.fault.message}`)
  const family = byRpc ?? familyOf(info) ?? supposed
  return ok({
    family,
    make: MAKES[family]!,
    model: modelName(info.minertype) ?? modelName(version?.Type) ?? modelName(info.hostname),
    firmware: "stock",
    firmwareVersion:
      text(info.system_filesystem_version, 128) ??
      text(info.cgminer_version, 128) ??
      text(version?.Miner, 128),
    mac: mac(info.macaddr),
    serial: text(info.serinum, 128) ?? text(info.serial_no, 128),
    confidence: 1,
    evidence,
  })
}

/** With the login of the maker that it is; each has a factory login of its own. */
function systemInfo(context: DriverContext, family: string, supposed: string): Promise<Outcome<Row>> {
  const credentials =
    family !== supposed && context.credentialsFor ? context.credentialsFor(family) : context.credentials
  const own = { ...context, credentials }
  return family === VOLCMINER ? getVolc(own, "get_system_info") : getWeb(own, "get_system_info")
}

/** The maker that a document names; null when it names neither. */
function familyOf(document: Row | null): string | null {
  const said = JSON.stringify(document ?? {}).toUpperCase()
  if (said.includes("VOLCMINER")) return VOLCMINER
  return said.includes("HAMMER") ? HAMMER : null
}

/** `VolcMiner D1` → `D1`. */
export function modelName(value: unknown): string | null {
  const whole = text(value, 128)?.split(" (")[0]
  const plain = whole?.replace(/^(?:volcminer|hammer|blackminer)[\s_-]*/i, "").trim() || null
  return plain !== null && /\d/.test(plain) ? plain : null
}
