import type { DriverContext } from "../driver.ts"
import type { HttpTarget } from "./http-client.ts"

/** A farm on machines without the right to port 80 puts its web interfaces here. */
const FALLBACK: Record<number, number> = { 80: 8080 }

/** Where the web interface may be, the likelier first: port 80, and 8080 where 80 refuses. */
export function webTargets(context: DriverContext): HttpTarget[] {
  const { host, webPort } = context.address
  const fallback = FALLBACK[webPort]
  const ports = fallback === undefined ? [webPort] : [webPort, fallback]
  return ports.map((port) => ({ host, port, signal: context.signal }))
}
