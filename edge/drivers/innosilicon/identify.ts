import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import type { Row } from "../transport/reply.ts"
import { readApi } from "./web.ts"

export const FAMILY = "innosilicon"
export const MAKE = "Innosilicon"
const VERSION_KEYS = ["fw_ver", "fwver", "firmware", "version", "build_date", "hwver"]

/** `type`, `overview` for the image, and `getAll` for the MAC; all behind the login. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const type = await readApi(context, "type")
  const known = seen?.version != null || seen?.devdetails != null
  if (!type.ok && type.fault.kind !== "auth" && !known) return type
  const overview = type.ok ? await readApi(context, "overview") : type
  const all = type.ok ? await readApi(context, "getAll") : type
  const about: Row = type.ok ? type.value : {}
  const image: Row = overview.ok ? overview.value : {}
  return ok({
    family: FAMILY,
    make: MAKE,
    model: text(about.type, 128)?.replace(/^innosilicon[\s_-]*/i, "") ?? null,
    firmware: "stock",
    firmwareVersion: versionOf(image) ?? text(seen?.version?.Miner, 128),
    mac: mac(objectAt(all.ok ? all.value : undefined, "all").mac) ?? mac(image.mac),
    serial: null,
    confidence: 1,
    evidence: [type.ok ? "/api/type: answered" : `/api/type: ${type.fault.message}`],
  })
}

/** A text, or an object with the image's version among others. */
function versionOf(overview: Row): string | null {
  const whole = text(overview.version, 128)
  if (whole !== null) return whole
  const parts = objectAt(overview, "version")
  for (const key of VERSION_KEYS) {
    const found = text(parts[key] ?? overview[key], 128)
    if (found !== null) return found
  }
  return null
}
