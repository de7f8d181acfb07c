import type { Reading } from "#edge/drivers/driver.ts"
import type { Fault } from "#server/contract/driver-faults.ts"
import type { TelemetrySample } from "#server/contract/telemetry.ts"
import type { KnownMiner } from "./identity-map.ts"

/** A reading filed under its machine, stamped with the corrected clock. */
export function sampleOf(miner: KnownMiner, reading: Reading, collectedAt: string): TelemetrySample {
  return {
    ...reading,
    miner_id: miner.minerId,
    ip_address: reading.ip_address ?? miner.address?.host ?? null,
    make: reading.make ?? miner.identity?.make ?? null,
    model: reading.model ?? miner.identity?.model ?? null,
    mac: reading.mac ?? miner.mac,
    serial: reading.serial ?? miner.serial,
    collected_at: collectedAt,
  }
}

/**
 * The sample of a machine that could not be read. Refused, silent and garbled count as offline; a machine that
 * answered but wants a login, is busy or does not know the question is there, with nothing known of it.
 */
export function faultSample(
  miner: KnownMiner,
  fault: Fault,
  collectedAt: string,
  latencyMs: number | null,
): TelemetrySample {
  const answers = fault.kind === "auth" || fault.kind === "busy" || fault.kind === "unsupported"
  const message = fault.kind === "auth" ? `needs login: ${fault.message}` : `${fault.kind}: ${fault.message}`
  return {
    miner_id: miner.minerId,
    ip_address: miner.address?.host ?? null,
    online: answers,
    overall_health: answers ? null : "offline",
    make: miner.identity?.make ?? null,
    model: miner.identity?.model ?? null,
    firmware: miner.identity?.firmware ?? null,
    firmware_version: miner.identity?.firmwareVersion ?? null,
    mac: miner.mac,
    serial: miner.serial,
    errors: [{ code: fault.kind, message: fault.message.slice(0, 512) }],
    error_message: message.slice(0, 512),
    latency_ms: latencyMs,
    collected_at: collectedAt,
  }
}
