import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { goldReads } from "./web.ts"

export const FAMILY = "goldshell"
export const MAKE = "Goldshell"

/** `/mcb/status`, and the MAC, which is what the machine calls its name. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const reads = goldReads(context)
  const status = await reads.object("/mcb/status")
  const known = seen?.version != null || seen?.devdetails != null
  if (!status.ok && status.fault.kind !== "auth" && !known) return status
  const setting = status.ok ? await reads.object("/mcb/setting") : status
  const about: Row = status.ok ? status.value : {}
  const more: Row = setting.ok ? setting.value : {}
  return ok({
    family: FAMILY,
    make: MAKE,
    model: text(about.model, 128)?.replace(/^goldshell[\s_-]*/i, "") ?? null,
    firmware: "stock",
    firmwareVersion: text(about.firmware, 128) ?? text(more.version, 128),
    mac: mac(more.name),
    serial: text(about.sn, 128) ?? text(about.serial, 128),
    confidence: 1,
    evidence: [status.ok ? "/mcb/status: answered" : `/mcb/status: ${status.fault.message}`],
  })
}
