import type { DriverContext } from "../driver.ts"
import { type RpcSession, rpcSession } from "../transport/rpc-session.ts"

const READS: ReadonlySet<string> = new Set(["temps", "fans", "tunerstatus"])
/** The two writes of port 4028. */
export const RPC_WRITES: ReadonlySet<string> = new Set(["pause", "resume"])

export const bosRpc = (context: DriverContext): RpcSession =>
  rpcSession(context, { reads: READS, newline: true })
