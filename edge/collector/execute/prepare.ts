import type { DriverAction, Identity, MinerAddress } from "#edge/drivers/driver.ts"
import { WRITE_TIMEOUT_MS } from "#server/contract/budgets.ts"
import type { CommandAction } from "#server/contract/command-parameters.ts"
import { type CommandFeature, featureOf, RESULT_CODES } from "#server/contract/commands.ts"
import type { LeasedCommand } from "#server/contract/edge.ts"
import type { ArtifactStore, HeldArtifact } from "../artifact/artifact-store.ts"
import { ArtifactError } from "../artifact/fetch-pieces.ts"
import { withContext } from "../poll/read-miner.ts"
import type { SealKeys } from "../state/edge-identity.ts"
import type { Journal } from "./journal.ts"
import { addressOf, type LocateContext, type Located, locate } from "./locate.ts"
import { openAction, openBackup } from "./open-action.ts"
import { type BackupOutcome, takeBackup } from "./take-backup.ts"
import { type Verdict, verdict } from "./verdict.ts"

/** What a command comes down to at the machine: a driver's action, or a reading of its configuration. */
export type Work = DriverAction | { type: "BACKUP_CONFIG" }

export type Prepared = Located & {
  work: Work
  /** Passwords of the command and of the machine: nothing that leaves the process may hold them. */
  secrets: string[]
  /** Lets go of files that were held for the act. */
  done: () => void
}
export type PrepareContext = LocateContext & {
  keys: SealKeys
  artifacts: ArtifactStore
  journal: Pick<Journal, "keepBackup" | "keptBackup">
  nowMs: () => number
  /** Why the thermal guard lets nothing be done to the machine now (`decisions.md` 30), a whole sentence; null: it does. */
  thermalHold: (minerId: string, feature: CommandFeature) => string | null
}

/**
 * Everything before the act: parameters and secrets, the machine's identity, what this unit can do, the firmware file, the
 * backup that has to come first. Changes nothing at the machine; what takes time is followed by another look who is there.
 */
export async function prepare(
  context: PrepareContext,
  lease: LeasedCommand,
  signal: AbortSignal,
): Promise<Prepared | Verdict> {
  const opened = openAction(lease, addressOf(context, lease)?.host ?? null, context.keys.privateKey)
  if (!opened.ok) return verdict(RESULT_CODES.REJECTED, opened.message)
  const hold = context.thermalHold(lease.miner_id, featureOf(opened.action))
  if (hold !== null) return verdict(RESULT_CODES.REJECTED, hold)
  const located = await locate(context, lease, signal)
  if ("result_code" in located) return located
  const can = located.driver.capabilities(located.identity).can(featureOf(opened.action))
  if (!can.ok) return verdict(RESULT_CODES.SKIPPED, `Skipped: ${can.fault.message}`)
  const held = await workOf(context, lease, opened.action, located, signal)
  if ("result_code" in held) return held
  const { work, secrets, done } = held
  const first = await backupFirst(context, lease, located, signal)
  if ("result_code" in first) {
    done()
    return first
  }
  const prepared = { work, secrets: [...opened.secrets, ...secrets, ...first.secrets], done }
  if (lease.artifact === null && !lease.backup_first) return { ...located, ...prepared }
  const again = await locate(context, lease, signal)
  if (!("result_code" in again)) return { ...again, ...prepared }
  done()
  return again
}

/** The action with what it needs at hand. */
async function workOf(
  context: PrepareContext,
  lease: LeasedCommand,
  action: CommandAction,
  located: Located,
  signal: AbortSignal,
): Promise<{ work: Work; secrets: string[]; done: () => void } | Verdict> {
  const plain = { secrets: [], done: () => {} }
  switch (action.type) {
    case "BACKUP_CONFIG":
      return { ...plain, work: { type: "BACKUP_CONFIG" } }
    case "RESTORE_CONFIG": {
      const work = restoreWork(lease, located.identity, context.keys)
      return "result_code" in work ? work : { ...plain, work, secrets: work.settings.passwords }
    }
    case "UPDATE_FIRMWARE": {
      const { families } = lease.artifact ?? {}
      if (families?.length && !families.includes(located.identity.family))
        return verdict(
          RESULT_CODES.REJECTED,
          `Rejected: the firmware is for ${families.join(", ")}, and this machine runs ${located.identity.family}.`,
        )
      const held = await obtainArtifact(context, lease, signal)
      return "result_code" in held
        ? held
        : { ...plain, work: { type: "UPDATE_FIRMWARE", file: held.file }, done: held.release }
    }
    default:
      return { ...plain, work: action }
  }
}

export function restoreWork(
  lease: LeasedCommand,
  identity: Identity,
  keys: SealKeys,
): Extract<Work, { type: "RESTORE_CONFIG" }> | Verdict {
  if (lease.backup === null)
    return verdict(RESULT_CODES.REJECTED, "Rejected: the backup did not come with the command.")
  const { family } = lease.backup.config
  if (family !== identity.family)
    return verdict(
      RESULT_CODES.REJECTED,
      `Rejected: the backup is of a ${family} machine, and this one runs ${identity.family}.`,
    )
  const backup = openBackup(lease.backup, keys.privateKey)
  if (!backup.ok) return verdict(RESULT_CODES.REJECTED, backup.message)
  return { type: "RESTORE_CONFIG", settings: backup.settings }
}

/** Waits for the file as long as the command lives. */
async function obtainArtifact(
  context: PrepareContext,
  lease: LeasedCommand,
  signal: AbortSignal,
): Promise<HeldArtifact | Verdict> {
  if (lease.artifact === null)
    return verdict(RESULT_CODES.REJECTED, "Rejected: the firmware file is not named.")
  const expired = new AbortController()
  const leftMs = Math.max(0, Date.parse(lease.expires_at) - context.nowMs())
  const timer = setTimeout(() => expired.abort(), Math.min(leftMs, 2 ** 31 - 1))
  try {
    return await context.artifacts.obtain(lease.artifact, AbortSignal.any([signal, expired.signal]))
  } catch (error) {
    if (expired.signal.aborted)
      return verdict(
        RESULT_CODES.SKIPPED,
        "Skipped: the command expired before the firmware file had arrived.",
      )
    if (signal.aborted) return verdict(RESULT_CODES.FAILED, "Not run: the collector is stopping.")
    if (!(error instanceof ArtifactError)) throw error
    return verdict(RESULT_CODES.FAILED, `Not run: ${error.message}.`)
  } finally {
    clearTimeout(timer)
  }
}

/** Nothing is done without it; one that an interrupted run of this command took is the one that counts. */
async function backupFirst(
  context: PrepareContext,
  lease: LeasedCommand,
  located: Located,
  signal: AbortSignal,
): Promise<{ secrets: string[] } | Verdict> {
  if (!lease.backup_first || context.journal.keptBackup(lease.id) !== null) return { secrets: [] }
  const taken = await readBackup(context, lease, located, signal)
  if (!taken.ok)
    return verdict(RESULT_CODES.FAILED, `Not run: no backup could be taken first (${taken.message}).`)
  context.journal.keepBackup(lease.id, taken.backup, context.nowMs())
  return { secrets: taken.secrets }
}

/** One reading of the whole configuration, inside the deadline of a slow request. */
export async function readBackup(
  context: Pick<PrepareContext, "limits" | "keys">,
  lease: LeasedCommand,
  located: { address: MinerAddress; identity: Identity; driver: Located["driver"] },
  signal: AbortSignal,
): Promise<BackupOutcome> {
  let taken: BackupOutcome = { ok: false, unsupported: false, message: "no answer in time" }
  await withContext(
    {
      address: located.address,
      limits: context.limits(lease.miner_id),
      stop: signal,
      budgetMs: WRITE_TIMEOUT_MS,
    },
    async (asked) => {
      taken = await takeBackup(asked, located.driver, located.identity, context.keys.publicKey)
      return { ok: true, value: null }
    },
  )
  return taken
}
