import type { Transaction } from "#db/client.ts"
import { type FoundRow, selectTwins, upsertDiscovered } from "#db/queries/discovered-record.ts"
import { insertFindings } from "#db/queries/discovery-findings.ts"
import type { Scan } from "#db/queries/discovery-scans.ts"
import { parseIpv4 } from "#server/contract/address-ranges.ts"
import type { FoundMachine, UnknownDevice } from "#server/contract/discovery.ts"

/** Puts what a scan found into the inbox and under the scan, each machine and each address once. */
export async function recordFound(
  tx: Transaction,
  input: { scan: Pick<Scan, "id" | "siteId" | "deviceId">; machines: FoundMachine[]; at: Date },
): Promise<void> {
  const { scan, at } = input
  if (input.machines.length === 0) return
  const rows = input.machines.map(foundRow)
  const twins = await selectTwins(tx, scan.siteId, scan.id, rows)
  const keys = new Map<string, string>()
  const unique = new Map<string, FoundRow>()
  for (const row of rows) {
    // Two machines with the same number on them are two machines.
    const taken = keys.get(row.identityKey) ?? row.address
    const twin = twins.has(row.identityKey) || taken !== row.address
    keys.set(row.identityKey, taken)
    const identityKey = twin ? `${row.identityKey} at:${row.address}:${row.rpcPort}` : row.identityKey
    unique.set(identityKey, { ...row, identityKey })
  }
  const made = await upsertDiscovered(
    tx,
    { siteId: scan.siteId, deviceId: scan.deviceId, scanId: scan.id, at },
    [...unique.values()],
  )
  const idOf = new Map(made.map((row) => [row.address, row.id]))
  const findings = [...unique.values()].map(({ address, addressNumber, ports }) => ({
    address,
    addressNumber,
    ports,
    seen: [],
    discoveredId: idOf.get(address) ?? null,
  }))
  await insertFindings(tx, scan.id, findings, at)
}

/** Keeps what answered a scan and is no known miner. */
export async function recordUnknown(
  tx: Transaction,
  input: { scan: Pick<Scan, "id">; devices: UnknownDevice[]; at: Date },
): Promise<void> {
  const rows = input.devices.map(({ address, ports, seen }) => ({
    address,
    addressNumber: parseIpv4(address) ?? 0,
    ports,
    seen,
    discoveredId: null,
  }))
  await insertFindings(tx, input.scan.id, rows, input.at)
}

export function foundRow(machine: FoundMachine): FoundRow {
  const serial = machine.serial?.trim() || null
  const mac = normalMac(machine.mac)
  const place = `at:${machine.address}:${machine.rpc_port}`
  return {
    identityKey: (serial !== null ? `sn:${serial}` : mac !== null ? `mac:${mac}` : place).toLowerCase(),
    address: machine.address,
    addressNumber: parseIpv4(machine.address) ?? 0,
    rpcPort: machine.rpc_port,
    webPort: machine.web_port,
    ports: machine.ports,
    family: machine.family,
    make: machine.make,
    model: machine.model,
    firmware: machine.firmware,
    firmwareVersion: machine.firmware_version,
    mac,
    serial,
    confidence: machine.confidence,
    evidence: machine.evidence,
    needsLogin: machine.needs_login,
  }
}

/** Six pairs in lower case with colons; null for anything else. */
function normalMac(mac: string | null): string | null {
  const digits = (mac ?? "").toLowerCase().replace(/[^0-9a-f]/g, "")
  return digits.length === 12 ? digits.replace(/(..)(?!$)/g, "$1:") : null
}
