import { readNeighbours } from "#edge/scanner/neighbours.ts"

/** The MAC that the system's neighbour table has for an IPv4 address of the local network; null when it has none. */
export function neighbourMac(host: string, table?: string): string | null {
  return readNeighbours(table).get(host) ?? null
}
