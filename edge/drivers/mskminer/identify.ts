import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { type Row, rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { readInfo } from "./web.ts"

export const FAMILY = "mskminer"
export const MAKE = "Antminer"

/** Type and version from `version`; the MAC stands behind the web login. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  let version = seen?.version ?? null
  if (version === null) {
    const reply = await rpcSession(context).read("version")
    if (!reply.ok) return reply
    version = rows(reply.value.body, "VERSION")[0] ?? null
  }
  const info = await readInfo(context)
  const network = info.ok ? rows(rows(info.value, "network_info")[0] ?? {}, "result")[0] : undefined
  return ok({
    family: FAMILY,
    make: MAKE,
    ...namesOf(version ?? {}),
    firmware: "MSKMiner",
    mac: mac(network?.macaddr),
    serial: null,
    confidence: 1,
    evidence: [
      `version: ${text(version?.Type, 60) ?? "no type"}`,
      info.ok ? "info_v1: answered" : `info_v1: ${info.fault.message}`,
    ],
  })
}

/** `S19-88 v.2.6.0.39` → model and version. */
export function namesOf(version: Row): Pick<Identity, "model" | "firmwareVersion"> {
  const type = text(version.Type, 128)?.replace(/^antminer\s+/i, "") ?? null
  const parts = /^(.*?)\s*\(?\bv\.?\s*(\d[\w.]*)\)?/i.exec(type ?? "")
  return {
    model: (parts?.[1] || type?.split(" (")[0]?.trim()) ?? null,
    firmwareVersion: parts?.[2] ?? text(version.CompileTime, 128) ?? text(version.Miner, 128),
  }
}
