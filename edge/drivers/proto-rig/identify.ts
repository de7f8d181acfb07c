import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import { API, openReads } from "./web.ts"

export const FAMILY = "proto-rig"
export const MAKE = "Proto"

/** Model, firmware and serial from `/system`, the MAC from `/network`: both open to everybody. */
export async function identify(context: DriverContext): Promise<Outcome<Identity>> {
  const reads = openReads(context)
  const system = await reads.object(`${API}/system`)
  if (!system.ok) return system
  const info = objectAt(system.value, "system-info")
  if (Object.keys(info).length === 0)
    return fault("unsupported", "This is no Proto Rig: it tells nothing of its system.")
  const network = await reads.object(`${API}/network`)
  if (!network.ok && network.fault.kind !== "unsupported" && network.fault.kind !== "auth") return network
  const os = objectAt(info, "os")
  const model = text(info.model, 128) ?? text(info.product_name, 128)
  const version = text(os.version, 128)
  return ok({
    family: FAMILY,
    make: text(info.manufacturer, 64) ?? MAKE,
    model,
    firmware: text(os.name, 64) ?? "ProtoOS",
    firmwareVersion: version,
    mac: network.ok ? mac(objectAt(network.value, "network-info").mac) : null,
    serial: text(info.cb_sn, 128),
    confidence: 1,
    evidence: [`${API}/system: ${model ?? "no model"} ${version ?? "no version"}`],
  })
}
