import { fault, type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { luxRpc } from "./rpc.ts"

export const FAMILY = "luxos"
export const MAKE = "Antminer"

/** `Antminer S19k Pro` → `S19k Pro`. */
export function modelName(told: unknown): string | null {
  return (
    text(told, 128)
      ?.replace(/^antminer\s+/i, "")
      .trim() || null
  )
}

/** `version` tells the firmware, whatever stock tool it names itself after; `config` tells model, MAC and serial. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const rpc = luxRpc(context)
  let version = seen?.version ?? null
  if (version === null) {
    const reply = await rpc.read("version")
    if (!reply.ok) return reply
    version = rows(reply.value.body, "VERSION")[0] ?? null
  }
  if (version === null) return fault("unsupported", "The machine does not tell its version.")
  const reply = await rpc.read("config")
  if (!reply.ok && reply.fault.kind !== "unsupported" && reply.fault.kind !== "auth") return reply
  const config = reply.ok ? rows(reply.value.body, "CONFIG")[0] : undefined
  return ok({
    family: FAMILY,
    make: MAKE,
    model: modelName(config?.Model) ?? modelName(version.Type),
    firmware: "LuxOS",
    firmwareVersion: text(version.LUXminer, 128) ?? text(version.Miner, 128),
    mac: mac(config?.MACAddr),
    serial: text(config?.SerialNumber, 128),
    confidence: "LUXminer" in version ? 1 : 0.7,
    evidence: [
      `version: ${text(version.LUXminer, 64) ?? "no LUXminer"}`,
      config === undefined ? "config: not told" : "config: answered",
    ],
  })
}
