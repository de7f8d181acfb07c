import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { getPage } from "./web.ts"

export const FAMILY = "elphapex"
export const MAKE = "Elphapex"

/** `get_system_info`, and the serial number from the head of `summary`. Everything is behind the login. */
export async function identify(context: DriverContext, _seen?: Seen): Promise<Outcome<Identity>> {
  const page = await getPage(context, "get_system_info")
  if (!page.ok && page.fault.kind !== "auth") return page
  const info: Row = page.ok ? page.value : {}
  const summary = page.ok ? await getPage(context, "summary") : page
  const head = summary.ok ? objectAt(summary.value, "INFO") : {}
  return ok({
    family: FAMILY,
    make: MAKE,
    model: text(info.minertype, 128) ?? text(head.type, 128),
    firmware: "stock",
    firmwareVersion: text(info.system_filesystem_version, 128) ?? text(head.miner_version, 128),
    mac: mac(info.macaddr),
    serial: text(info.serinum, 128) ?? text(info.serial_no, 128) ?? text(head.dev_sn, 128),
    confidence: 1,
    evidence: [page.ok ? "get_system_info: answered" : `get_system_info: ${page.fault.message}`],
  })
}
