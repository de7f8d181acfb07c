import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { mapInfo } from "./map.ts"
import { axeReads, INFO } from "./web.ts"

/** One of these is in every answer. */
const OWN_KEYS = ["hashRate", "ASICModel", "uptimeSeconds", "stratumURL"]

/** One request. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const reads = axeReads(context)
  const info = await reads.object(INFO)
  if (!info.ok) return info
  if (!OWN_KEYS.some((key) => info.value[key] !== undefined))
    return fault("garbled", "The answer holds nothing that this firmware tells of itself.")
  return ok(completeReading(context, identity, mapInfo(info.value), reads.latencyMs()))
}
