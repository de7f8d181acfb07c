import { RESULT_CODES } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { Pause } from "../client/pause.ts"
import { identifyAt, readMiner } from "../poll/read-miner.ts"
import { checkTarget } from "./check-target.ts"
import { RESTART_SETTLES_MS, restartedSince } from "./decide.ts"
import { neighbourMac } from "./neighbour-mac.ts"
import { type PerformContext, type Verdict, verdict } from "./perform.ts"

const LOOK_EVERY_MS = 5_000
/** Boards of some families take four minutes to answer again after a hard restart. */
const LOOK_FOR_MS = 5 * 60_000

/**
 * Finds out what became of an act that nobody saw end. A restart shows in the machine's uptime; for everything else,
 * and when the machine cannot be asked, the outcome is unknown and is said so. Null when stopped before it was clear.
 */
export async function resolveUnknown(
  context: PerformContext & { nowMs: () => number; pause: Pause },
  lease: LeasedCommand,
  startedMs: number,
): Promise<Verdict | null> {
  const why = "nobody saw the request end"
  if (lease.type !== "REBOOT")
    return verdict(
      RESULT_CODES.UNKNOWN,
      `Unknown outcome: ${why}, and this command leaves no trace to look for.`,
    )
  const giveUpMs = context.nowMs() + Math.max(LOOK_FOR_MS, RESTART_SETTLES_MS)
  while (context.nowMs() < giveUpMs) {
    const uptimeSeconds = await readUptime(context, lease)
    if (context.signal.aborted) return null
    const restarted = restartedSince({ startedMs, nowMs: context.nowMs(), uptimeSeconds })
    if (restarted === "yes")
      return verdict(RESULT_CODES.OK, `The machine restarted after the request (${why}; its uptime tells).`, {
        ran: "restart (seen by uptime)",
        after: { uptime_seconds: uptimeSeconds },
      })
    if (restarted === "no")
      return verdict(
        RESULT_CODES.FAILED,
        `Not run: the machine has been up since before the request (${why}).`,
        {
          after: { uptime_seconds: uptimeSeconds },
        },
      )
    await context.pause.wait(LOOK_EVERY_MS)
    if (context.signal.aborted) return null
  }
  return verdict(RESULT_CODES.UNKNOWN, `Unknown outcome: ${why}, and the machine's uptime does not tell.`)
}

/** Seconds since its last start, of the machine that the command means; null when it does not say. */
async function readUptime(context: PerformContext, lease: LeasedCommand): Promise<number | null> {
  const known = context.identities.byId(lease.miner_id)
  const address =
    known?.address ??
    (lease.ip_address === null ? null : { host: lease.ip_address, rpcPort: 4028, webPort: 80 })
  if (address === null) return null
  const ask = { address, limits: context.limits(), stop: context.signal }
  const found = await identifyAt({
    ...ask,
    drivers: context.drivers,
    family: known?.identity?.family ?? null,
  })
  if (!found.ok) return null
  const same = checkTarget({ lease, known, found: found.value, arpMac: () => neighbourMac(address.host) })
  const driver = context.drivers.driverOf(found.value.family)
  if (!same.ok || driver === null) return null
  const reading = await readMiner({ ...ask, driver, identity: found.value, retry: false, random: () => 0 })
  return reading.ok ? (reading.value.uptime_seconds ?? null) : null
}
