import type { Identity } from "#edge/drivers/driver.ts"
import { POLL_BUDGET_MS } from "#server/contract/budgets.ts"
import type { CommandType } from "#server/contract/commands.ts"
import { RESULT_CODES } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { Pause } from "../client/pause.ts"
import { readMiner, withContext } from "../poll/read-miner.ts"
import { RESTART_SETTLES_MS, restartedSince } from "./decide.ts"
import { type Located, locate } from "./locate.ts"
import { type PrepareContext, restoreWork, type Work } from "./prepare.ts"
import { type Verdict, verdict } from "./verdict.ts"

const LOOK_EVERY_MS = 5_000
/**
 * `settlesMs`: what the request started shows by then, if it was heard. `lookForMs`: boards of some families take four
 * minutes to answer again after a hard restart, and longer to write a new firmware.
 */
const PATIENCE: Partial<Record<CommandType, { settlesMs: number; lookForMs: number }>> = {
  REBOOT: { settlesMs: RESTART_SETTLES_MS, lookForMs: 5 * 60_000 },
  RESTORE_CONFIG: { settlesMs: RESTART_SETTLES_MS, lookForMs: 5 * 60_000 },
  UPDATE_FIRMWARE: { settlesMs: 10 * 60_000, lookForMs: 20 * 60_000 },
}
const WHY = "nobody saw the request end"

export type LookContext = PrepareContext & { pause: Pause; signal: AbortSignal }
/** An act that may not be repeated and whose end nobody saw; `before`: who the machine was then, null when not noted. */
export type Interrupted = { lease: LeasedCommand; startedMs: number; before: Identity | null }

/**
 * Finds out what became of an act that nobody saw end. A restart shows in the machine's uptime; a restored configuration and
 * a new firmware are looked for by the driver. When the machine cannot be asked or does not tell, the outcome is
 * unknown and is said so. Null when stopped before it was clear.
 */
export async function resolveUnknown(context: LookContext, act: Interrupted): Promise<Verdict | null> {
  const patience = PATIENCE[act.lease.type]
  if (patience === undefined)
    return verdict(
      RESULT_CODES.UNKNOWN,
      `Unknown outcome: ${WHY}, and this command leaves no trace to look for.`,
    )
  const giveUpMs = context.nowMs() + patience.lookForMs
  while (context.nowMs() < giveUpMs) {
    const settled = context.nowMs() - act.startedMs >= patience.settlesMs
    const located = await locate(context, act.lease, context.signal)
    const found =
      "result_code" in located
        ? null
        : act.lease.type === "REBOOT"
          ? await lookAtUptime(context, act, located)
          : await lookByDriver(context, act, located, settled)
    if (context.signal.aborted) return null
    if (found !== null) return found
    await context.pause.wait(LOOK_EVERY_MS)
    if (context.signal.aborted) return null
  }
  return verdict(RESULT_CODES.UNKNOWN, `Unknown outcome: ${WHY}, and the machine does not tell.`)
}

async function lookAtUptime(
  context: LookContext,
  act: Interrupted,
  located: Located,
): Promise<Verdict | null> {
  const reading = await readMiner({
    ...located,
    limits: context.limits(act.lease.miner_id),
    stop: context.signal,
    retry: false,
    random: () => 0,
  })
  const uptimeSeconds = reading.ok ? (reading.value.uptime_seconds ?? null) : null
  const restarted = restartedSince({ startedMs: act.startedMs, nowMs: context.nowMs(), uptimeSeconds })
  const after = { uptime_seconds: uptimeSeconds }
  if (restarted === "yes")
    return verdict(RESULT_CODES.OK, `The machine restarted after the request (${WHY}; its uptime tells).`, {
      ran: "restart (seen by uptime)",
      after,
    })
  if (restarted === "no")
    return verdict(
      RESULT_CODES.FAILED,
      `Not run: the machine has been up since before the request (${WHY}).`,
      { after },
    )
  return null
}

/** A yes counts at once; a no, or that the machine does not tell, only when the act would show by now. */
async function lookByDriver(
  context: LookContext,
  act: Interrupted,
  { driver, identity, address }: Located,
  settled: boolean,
): Promise<Verdict | null> {
  const { look } = driver
  const work = workAgain(context, act, identity)
  if (look === undefined || act.before === null || work === null)
    return verdict(RESULT_CODES.UNKNOWN, `Unknown outcome: ${WHY}, and this machine does not tell.`)
  const before = act.before
  const seen = await withContext(
    {
      address,
      limits: context.limits(act.lease.miner_id),
      stop: context.signal,
      budgetMs: POLL_BUDGET_MS,
    },
    (asked) => look(asked, before, work),
  )
  if (!seen.ok) return null
  const after = { firmware: identity.firmware, firmware_version: identity.firmwareVersion }
  if (seen.value === true)
    return verdict(RESULT_CODES.OK, `It took effect (${WHY}; the machine shows it).`, {
      ran: `${act.lease.type.toLowerCase().replace("_", " ")} (seen at the machine)`,
      before: { firmware: before.firmware, firmware_version: before.firmwareVersion },
      after,
    })
  if (!settled) return null
  return seen.value === false
    ? verdict(RESULT_CODES.FAILED, `Not run: the machine shows nothing of it (${WHY}).`, { after })
    : verdict(RESULT_CODES.UNKNOWN, `Unknown outcome: ${WHY}, and the machine does not tell.`)
}

/** What was asked of the machine; only to compare, so the firmware file need not be there any more. */
function workAgain(
  context: LookContext,
  { lease }: Interrupted,
  identity: Identity,
): Exclude<Work, { type: "BACKUP_CONFIG" }> | null {
  if (lease.type === "RESTORE_CONFIG") {
    const work = restoreWork(lease, identity, context.keys)
    return "result_code" in work ? null : work
  }
  if (lease.type !== "UPDATE_FIRMWARE" || lease.artifact === null) return null
  const { file_name, version, sha256, size_bytes } = lease.artifact
  return {
    type: "UPDATE_FIRMWARE",
    file: { path: "", fileName: file_name, version, sha256, sizeBytes: size_bytes },
  }
}
