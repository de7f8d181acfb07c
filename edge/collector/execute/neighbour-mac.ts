import { readFileSync } from "node:fs"
import { normalMac } from "../poll/known-ids.ts"

/** The MAC that the system's neighbour table has for an IPv4 address of the local network; null when it has none. */
export function neighbourMac(host: string, table = readTable()): string | null {
  for (const line of table.split("\n").slice(1)) {
    const [address, , flags, mac] = line.trim().split(/\s+/)
    if (address === host && flags !== "0x0") return normalMac(mac ?? null)
  }
  return null
}

function readTable(): string {
  try {
    return readFileSync("/proc/net/arp", "utf8")
  } catch {
    // Not Linux: there is no such table, and what is unknown stays unknown.
    return ""
  }
}
