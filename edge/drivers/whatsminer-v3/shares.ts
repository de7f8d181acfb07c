import type { DriverContext, Reading } from "../driver.ts"
import { count } from "../transport/coerce.ts"
import { rows } from "../transport/reply.ts"
import { rpcSession } from "../transport/rpc-session.ts"
import { frameTarget } from "./session.ts"

const REST_MS = 15 * 60_000
const ADDRESSES_MAX = 20_000
/** Addresses whose port 4028 did not answer, and when it is asked again. */
const shut = new Map<string, number>()

type Shares = Partial<
  Pick<Reading, "accepted_shares" | "rejected_shares" | "stale_shares" | "hardware_errors">
>

/** Counters that API v3 leaves out, from the older `summary`; nothing where that is gone. */
export async function readShares(context: DriverContext): Promise<Shares> {
  const { host, rpcPort } = context.address
  const key = `${host}:${rpcPort}`
  const nowMs = context.now?.() ?? Date.now()
  if (rpcPort === frameTarget(context).port || nowMs < (shut.get(key) ?? 0)) return {}
  const reply = await rpcSession({ ...context, retry: [] }).read("summary")
  if (!reply.ok) {
    if (shut.size >= ADDRESSES_MAX) shut.clear()
    shut.set(key, nowMs + REST_MS)
    return {}
  }
  shut.delete(key)
  const summary = rows(reply.value.body, "SUMMARY")[0]
  return {
    accepted_shares: count(summary?.Accepted),
    rejected_shares: count(summary?.Rejected),
    stale_shares: count(summary?.Stale),
    hardware_errors: count(summary?.["Hardware Errors"]),
  }
}

/** Asks everybody again; for tests. */
export function forgetShutDoors(): void {
  shut.clear()
}
