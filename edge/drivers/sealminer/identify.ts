import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"

export const FAMILY = "sealminer"
export const MAKE = "SealMiner"

export const sealSession = (context: DriverContext) => rpcSession(context, { newline: true })

/** `stats` tells all of it; the web interface is not asked, since it wants a login. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const rpc = sealSession(context)
  const reply = await rpc.read("stats")
  if (!reply.ok && reply.fault.kind !== "unsupported") return reply
  const stats = reply.ok ? flatStats(rows(reply.value.body, "STATS")) : undefined
  let details = seen?.devdetails ?? null
  if (text(stats?.Model, 128) === null && details === null) {
    const told = await rpc.read("devdetails")
    if (told.ok) details = rows(told.value.body, "DEVDETAILS")
    else if (told.fault.kind !== "unsupported") return told
  }
  const model =
    text(stats?.Model, 128) ?? text(details?.find((row) => text(row.Model, 128) !== null)?.Model, 128)
  return ok({
    family: FAMILY,
    make: MAKE,
    model: model?.replace(/^seal\s*miner[\s_-]*/i, "") || null,
    firmware: "stock",
    firmwareVersion: text(stats?.Firmware, 128),
    mac: mac(stats?.MAC),
    serial: text(stats?.["Ctrl Board SN"], 128),
    confidence: 1,
    evidence: [`stats: ${model ?? "no model"}`],
  })
}

/** The row with the machine's own figures; rows of traffic may stand beside it. */
export function flatStats(stats: readonly Row[]): Row | undefined {
  return stats.find((row) => "MHS(Sample)" in row || "PM State" in row || "Firmware" in row) ?? stats[0]
}
