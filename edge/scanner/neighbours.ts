import { readFileSync } from "node:fs"
import { normalMac } from "#edge/collector/poll/known-ids.ts"

/** MAC by IPv4 address, as the system's neighbour table has them for the local networks. Empty where there is no such table. */
export function readNeighbours(table = readTable()): Map<string, string> {
  const macs = new Map<string, string>()
  for (const line of table.split("\n").slice(1)) {
    const [address, , flags, mac] = line.trim().split(/\s+/)
    const known = flags === "0x0" ? null : normalMac(mac ?? null)
    if (address !== undefined && known !== null) macs.set(address, known)
  }
  return macs
}

function readTable(): string {
  try {
    return readFileSync("/proc/net/arp", "utf8")
  } catch {
    // Not Linux: there is no such table, and what is unknown stays unknown.
    return ""
  }
}
