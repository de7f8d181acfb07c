import type { Identity } from "#edge/drivers/driver.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { KnownMiner } from "../poll/identity-map.ts"
import { compareIds, type HardwareIds, hardwareIds, normalMac } from "../poll/known-ids.ts"

/**
 * Whether the machine at the address is the one the command means. Everything that both sides tell must agree; when
 * there is nothing to compare, the answer is no. `arpMac` stands in for a MAC that the family does not tell.
 */
export function checkTarget(input: {
  lease: Pick<LeasedCommand, "serial" | "mac" | "miner_id">
  known: KnownMiner | null
  found: Identity
  arpMac: () => string | null
}): { ok: true } | { ok: false; message: string } {
  const { lease, known } = input
  const named = hardwareIds({ serial: lease.serial, mac: lease.mac })
  const wanted: HardwareIds = {
    serial: named.serial ?? known?.serial ?? null,
    mac: named.mac ?? known?.mac ?? null,
  }
  const told = hardwareIds(input.found)
  const found = { serial: told.serial, mac: told.mac ?? normalMac(input.arpMac()) }
  const verdict = compareIds(wanted, found)
  if (verdict === "same") return { ok: true }
  if (verdict === "unknown")
    return {
      ok: false,
      message: "Rejected: identity unknown, the machine tells neither serial nor MAC to compare.",
    }
  return {
    ok: false,
    message: `Rejected: another machine answers at this address (serial ${found.serial ?? "not told"}, MAC ${found.mac ?? "not told"}).`,
  }
}
