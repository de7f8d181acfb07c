import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { auradineSession, getReport } from "./api.ts"

export const FAMILY = "auradine"
export const MAKE = "Auradine"

/** Model from `devdetails`, all else from `ipreport`: on the command port where it is told there, else by the API. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const rpc = auradineSession(context)
  let details = seen?.devdetails ?? null
  if (details === null) {
    const reply = await rpc.read("devdetails")
    if (!reply.ok && reply.fault.kind !== "unsupported" && reply.fault.kind !== "auth") return reply
    details = reply.ok ? rows(reply.value.body, "DEVDETAILS") : []
  }
  let report: Row | undefined
  let login = ""
  const told = await rpc.read("ipreport")
  if (told.ok) report = rows(told.value.body, "IPReport")[0]
  if (report === undefined) {
    const asked = await getReport(context, "ipreport")
    if (asked.ok) report = asked.value[0]
    else login = `: ${asked.fault.message}`
  }
  const model =
    text(details.find((row) => text(row.Model, 128) !== null)?.Model, 128) ?? text(report?.model, 128)
  const firmware =
    text(report?.version, 128) ?? text(seen?.version?.FluxOS, 128) ?? text(seen?.version?.Miner, 128)
  return ok({
    family: FAMILY,
    make: MAKE,
    model,
    firmware: "FluxOS",
    firmwareVersion: firmware?.replace(/^fluxos[\s_-]*/i, "") || null,
    mac: mac(report?.mac),
    serial: text(report?.SerialNo, 128) ?? text(report?.ChassisSerialNo, 128),
    confidence: 1,
    evidence: [
      `devdetails: ${model ?? "no model"}`,
      report === undefined ? `ipreport${login}` : "ipreport: answered",
    ],
  })
}
