import { type Outcome, ok } from "#server/contract/driver-faults.ts"
import type { DriverContext, Identity, Seen } from "../driver.ts"
import { mac, text } from "../transport/coerce.ts"
import {
  apiVersion,
  FAMILY_V3 as FAMILY,
  identify as identifyOn4028,
  MAKE,
  modelName,
} from "../whatsminer/identify.ts"
import { frameSession, member } from "./session.ts"

export { FAMILY, MAKE }

/** Everything in one report. Where port 4433 is shut, the older reports on 4028 say what the machine is. */
export async function identify(context: DriverContext, seen?: Seen): Promise<Outcome<Identity>> {
  const frames = frameSession(context)
  const info = await frames.read("get.device.info")
  if (!info.ok) {
    if (!frames.isAbsent()) return info
    const older = await identifyOn4028(context, seen)
    const isOne = older.ok && (older.value.model ?? older.value.firmwareVersion) !== null
    return isOne ? older : info
  }
  const { msg } = info.value
  const [miner, system, network] = [member(msg, "miner"), member(msg, "system"), member(msg, "network")]
  const reported = text(miner.type, 128)
  const firmwareVersion = text(system.fwversion, 128)
  return ok({
    family: FAMILY,
    make: MAKE,
    model: reported === null ? null : modelName(reported),
    firmware: "stock",
    firmwareVersion,
    api: apiVersion(system.api),
    mac: mac(network.mac),
    serial: text(miner["miner-sn"], 128),
    confidence: 1,
    evidence: [`get.device.info: ${reported ?? "no model"}, ${firmwareVersion ?? "no version"}`],
  })
}
