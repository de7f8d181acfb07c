import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import type { Row } from "../transport/reply.ts"
import { readPanel } from "./web.ts"

export const FAMILY = "iceriver"
export const MAKE = "IceRiver"

/** The panel tells everything, behind the login. */
export async function identify(context: DriverContext): Promise<Outcome<Identity>> {
  const panel = await readPanel(context)
  if (!panel.ok && panel.fault.kind !== "auth") return panel
  const data: Row = panel.ok ? panel.value : {}
  const image = text(data.softver1, 128)
  return ok({
    family: FAMILY,
    make: MAKE,
    model: modelOf(text(data.model, 128), image),
    firmware: "stock",
    firmwareVersion: image,
    mac: mac(data.mac),
    serial: null,
    confidence: 1,
    evidence: [panel.ok ? "userpanel: answered" : `userpanel: ${panel.fault.message}`],
  })
}

/** `none` is what older images write for the model; then it stands in the image's name, between underscores. */
export function modelOf(told: string | null, image: string | null): string | null {
  if (told !== null && /\d/.test(told)) return told.replace(/^iceriver[\s_-]*/i, "")
  const part = image?.split("_").find((each) => /^(?:ks|al|ae|rx|ac)\d/i.test(each))
  return part?.toUpperCase() ?? null
}
