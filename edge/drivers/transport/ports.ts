import type { DriverContext, MinerAddress } from "../driver.ts"
import type { HttpTarget } from "./http-client.ts"

const RPC_PORT = 4028
const WEB_PORT = 80
/** A farm on machines without the right to port 80 puts its web interfaces here. */
const FALLBACK_WEB_PORT = 8080

/**
 * Where the door is that a real machine has at `standard`. A target that names a port of its own means the port of the
 * family's commands, whatever that is (4433, 8359, a mining program's API).
 */
export function commandPort(address: MinerAddress, standard: number): number {
  const moved = address.ports?.[standard]
  if (moved !== undefined) return moved
  return address.rpcPort === RPC_PORT ? standard : address.rpcPort
}

/** The same for a second HTTP door beside the web interface (an API on 8080, 5000). */
export function webApiPort(address: MinerAddress, standard: number): number {
  const moved = address.ports?.[standard]
  if (moved !== undefined) return moved
  return address.webPort === WEB_PORT ? standard : address.webPort
}

const HTTP_DOORS_MAX = 20_000
/** Addresses whose command port turned out to speak HTTP: there the web interface is. */
const httpDoors = new Set<string>()

export function rememberHttpDoor({ host, rpcPort }: MinerAddress): void {
  if (httpDoors.size >= HTTP_DOORS_MAX) httpDoors.clear()
  httpDoors.add(`${host}:${rpcPort}`)
}

/**
 * Where the web interface may be, the likelier first: the web port, 8080 where 80 refuses, and the port that the target
 * names once that one was heard to speak HTTP.
 */
export function webTargets(context: DriverContext): HttpTarget[] {
  const { host, webPort, rpcPort } = context.address
  const { signal } = context
  const targets: HttpTarget[] = [{ host, port: webPort, signal }]
  if (webPort === WEB_PORT) targets.push({ host, port: FALLBACK_WEB_PORT, signal })
  if (httpDoors.size > 0 && httpDoors.has(`${host}:${rpcPort}`))
    targets.unshift({ host, port: rpcPort, signal })
  return targets
}
