import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Reading } from "../driver.ts"
import { completeReading } from "../reading.ts"
import { mapAvalon } from "./map.ts"
import { avalonSession, readReports } from "./reports.ts"

/** One joined request where the firmware joins, else three. Nothing needs a login. */
export async function read(context: DriverContext, identity: Identity): Promise<Outcome<Reading>> {
  const rpc = avalonSession(context)
  const reports = await readReports(context, rpc, identity.model)
  if (!reports.ok) return reports
  const mapped = mapAvalon(reports.value, identity.model)
  return ok(completeReading(context, identity, mapped, rpc.latencyMs()))
}
