import { type FoundLine, foundLine } from "#edge/scanner/found-line.ts"
import type { FoundMachine as Scanned, UnknownDevice as ScannedDevice } from "#edge/scanner/scan.ts"
import type { FoundMachine, UnknownDevice } from "#server/contract/discovery.ts"
import { hardwareIds } from "../poll/known-ids.ts"

/** A machine as the server takes it: no placeholder passes for a serial or MAC, nothing is longer than it may be. */
export function reportedMachine(machine: Scanned, neighbourMac: string | null): FoundMachine {
  const line: FoundLine = foundLine(machine, neighbourMac)
  const ids = hardwareIds(line)
  const cut = (text: string | null, length: number) => text?.slice(0, length) ?? null
  return {
    ...line,
    ports: line.ports.slice(0, 64),
    family: line.family.slice(0, 64),
    make: cut(line.make, 64),
    model: cut(line.model, 128),
    firmware: cut(line.firmware, 64),
    firmware_version: cut(line.firmware_version, 128),
    mac: ids.mac,
    serial: ids.serial,
    evidence: line.evidence.slice(0, 16).map((text) => text.slice(0, 300)),
  }
}

export function reportedDevice({ host, ports, seen }: ScannedDevice): UnknownDevice {
  return {
    address: host,
    ports: ports.slice(0, 64),
    seen: seen.slice(0, 64).map((text) => text.slice(0, 300)),
  }
}
