import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { modulesOf, serialOf } from "./map.ts"
import { modelOf } from "./models.ts"
import { avalonSession, readStats } from "./reports.ts"

export const FAMILY = "avalon"
export const MAKE = "Avalon"

/** All of it stands in `version`; of firmware that leaves model, version or serial out there, in the statistics. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const rpc = avalonSession(context)
  let version: Row | null = seen?.version ?? null
  if (version === null) {
    const reply = await rpc.read("version")
    if (reply.ok) version = rows(reply.value.body, "VERSION")[0] ?? null
    else if (reply.fault.kind !== "unsupported") return reply
  }
  const serial = text(version?.DNA, 128)
  let mm: Row | null = null
  if (serial === null || versionOf(version) === null || modelOf(version, null) === null) {
    const stats = await readStats(context, rpc, modelOf(version, null))
    if (stats.ok) mm = modulesOf(rows(stats.value.body, "STATS"))[0] ?? null
    else if (stats.fault.kind !== "unsupported") return stats
  }
  if (version === null && mm === null)
    return fault("unsupported", "This machine does not answer as an Avalon does.")
  const model = modelOf(version, mm)
  return ok({
    family: FAMILY,
    make: MAKE,
    model,
    firmware: "stock",
    firmwareVersion: versionOf(version) ?? versionInText(mm),
    mac: mac(version?.MAC),
    serial: serial ?? (mm === null ? null : serialOf(mm)),
    confidence: 1,
    evidence: [`version: ${text(version?.PROD, 60) ?? "no product"}`],
  })
}

function versionOf(version: Row | null): string | null {
  for (const key of ["LVERSION", "CGVERSION", "VERSION"]) {
    const told = text(version?.[key], 128)
    if (told !== null) return told
  }
  return null
}

/** `Ver[1246-83-21071401_4ec6bb0_61407fa]`: what follows the model. */
function versionInText(mm: Row | null): string | null {
  const told = text(mm?.LVer, 128)
  if (told !== null) return told
  const parts = text(mm?.Ver, 128)?.split("-") ?? []
  return (parts.findLast((part) => /^\d{6,8}/.test(part)) ?? parts.at(-1) ?? "").trim() || null
}
