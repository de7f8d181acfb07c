import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"

export const FAMILY = "generic-cgminer"
export const MAKE = "cgminer"

const NOT_A_NAME = new Set(["API", "CompileTime", "Type", "Miner"])

/** Name and version from `version`. The protocol tells neither MAC nor serial. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  let version: Row | null = seen?.version ?? null
  if (version === null && seen === undefined) {
    const reply = await rpcSession(context).read("version")
    if (reply.ok) version = rows(reply.value.body, "VERSION")[0] ?? null
    else if (reply.fault.kind !== "unsupported") return reply
    if (version === null) return fault("unsupported", "This is no cgminer: it does not tell its version.")
  }
  const name = Object.keys(version ?? {}).find((key) => !NOT_A_NAME.has(key)) ?? null
  return ok({
    family: FAMILY,
    make: MAKE,
    model: text(version?.Type, 128) ?? text(seen?.devdetails?.[0]?.Model, 128),
    firmware: name?.slice(0, 64) ?? null,
    firmwareVersion: (name === null ? null : text(version?.[name], 128)) ?? text(version?.Miner, 128),
    mac: null,
    serial: null,
    confidence: 0.5,
    evidence: [`version: ${name ?? "no name"}`],
  })
}
