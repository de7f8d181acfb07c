import type { DriverContext } from "../driver.ts"
import { commandPort } from "../transport/ports.ts"
import { type RpcSession, rpcSession } from "../transport/rpc-session.ts"

/** Hammer and VolcMiner have cgminer's commands on a port of their own. */
export const BLACK_PORT = 8359

/** The context whose command port is the machine's, for what is shared with Antminers. */
export function atCommandPort(context: DriverContext): DriverContext {
  const { address } = context
  return { ...context, address: { ...address, rpcPort: commandPort(address, BLACK_PORT) } }
}

export const blackSession = (context: DriverContext): RpcSession =>
  rpcSession(context, { port: commandPort(context.address, BLACK_PORT) })
