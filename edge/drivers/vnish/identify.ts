import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { objectAt } from "../transport/http-reads.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { openReads } from "./web.ts"

export const FAMILY = "vnish"
export const MAKE = "Antminer"

/** `info` wants no login and tells everything; where the web is closed, port 4028 tells model and version. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const info = await openReads(context).object("info")
  if (info.ok) return ok(identityBy(info.value))
  let type = text(seen?.version?.Type, 128)
  if (type === null) {
    const stats = await rpcSession(context).read("stats")
    if (!stats.ok) return info
    const row = rows(stats.value.body, "STATS").find((each) => typeof each.Type === "string")
    type = text(row?.Type, 128)
  }
  return ok({
    ...empty,
    ...namesOf(type),
    evidence: [`stats: ${type?.slice(0, 60) ?? "no type"}`, `info: ${info.fault.message}`],
  })
}

const empty = { family: FAMILY, make: MAKE, firmware: "VNish", mac: null, serial: null, confidence: 1 }

function identityBy(info: Row): Identity {
  const name = text(info.miner, 128) ?? text(info.model, 128)
  const version = text(info.fw_version, 128)
  return {
    ...empty,
    model: namesOf(name).model,
    firmwareVersion: version ?? namesOf(name).firmwareVersion,
    mac: mac(objectAt(info, "system", "network_status").mac) ?? mac(objectAt(info, "network_status").mac),
    serial: text(info.serial, 128),
    evidence: [`info: ${text(info.fw_name, 32) ?? "no name"} ${version ?? ""}`.trim()],
  }
}

/** `Antminer S21 Pro (Vnish 1.2.7)` → model and version. */
export function namesOf(type: string | null): Pick<Identity, "model" | "firmwareVersion"> {
  const model = type
    ?.split(" (")[0]
    ?.replace(/^antminer\s+/i, "")
    .trim()
  return {
    model: model || null,
    firmwareVersion: /vnish\s+v?(\d[\w.-]*)/i.exec(type ?? "")?.[1] ?? null,
  }
}
