import { randomUUID } from "node:crypto"
import { recordJobError, recordJobStart, recordJobSuccess } from "#db/queries/job-runs.ts"
import { createContext, type Services } from "#server/context.ts"
import { DomainError, ERROR_TABLE } from "#server/contract/errors.ts"
import { JOBS, type JobName, type JobPayload } from "#server/contract/jobs.ts"
import { jobLastSuccess } from "#server/metrics.ts"
import { seal } from "./audit/seal.ts"
import { pruneExpiredSessions } from "./auth/prune-sessions.ts"
import { advanceCommandWaves } from "./commands/advance-waves.ts"
import { digest } from "./commands/digest.ts"
import { dispatch } from "./commands/dispatch.ts"
import { expire } from "./commands/expire.ts"
import { pruneCommands } from "./commands/prune.ts"
import { runDiscoverySchedules } from "./discovery/run-schedules.ts"
import { detectOfflineMiners } from "./fleet/detect-offline.ts"
import type { JobHandler } from "./job-handler.ts"
import { FOLLOW_UP_S } from "./schedules.ts"
import { ensurePartitionsAhead } from "./telemetry/ensure-partitions.ts"
import { pruneSamples } from "./telemetry/prune.ts"
import { pruneUploads } from "./telemetry/prune-upload-logs.ts"
import { rollUpTelemetry } from "./telemetry/roll-up.ts"
import { watchThermalGuards } from "./thermal/watch.ts"

export const HANDLERS: { [N in JobName]: JobHandler<N> } = {
  "command.dispatch": dispatch,
  "command.advance-waves": advanceCommandWaves,
  "command.expire": expire,
  "command.digest": digest,
  "command.prune": pruneCommands,
  "telemetry.rollup": rollUpTelemetry,
  "telemetry.prune": pruneSamples,
  "partition.ensure": ensurePartitionsAhead,
  "fleet.detect-offline": detectOfflineMiners,
  "thermal.watch": watchThermalGuards,
  "discovery.run-schedules": runDiscoverySchedules,
  "upload-log.prune": pruneUploads,
  "audit.seal": seal,
  "session.prune": pruneExpiredSessions,
}

/** Starts handling every queue of the catalogue, as the system. */
export async function registerJobs(services: Services): Promise<void> {
  for (const name of Object.keys(JOBS) as JobName[])
    await services.queue.work(name, (payload) => runJob(services, name, payload))
}

/**
 * One run with its record, its metric and its line in the log. An error that another try cannot mend is recorded and
 * ends the job; any other is thrown, so that the queue tries again.
 */
export async function runJob<N extends JobName>(
  services: Services,
  name: N,
  payload: JobPayload<N>,
): Promise<void> {
  const requestId = randomUUID()
  const log = services.log.child({ job: name, request_id: requestId })
  const ctx = createContext(services, {
    actor: { kind: "system", name },
    requestId,
    source: "automatic",
    log,
  })
  const startedMs = performance.now()
  const followUpS = FOLLOW_UP_S[name]
  await recordJobStart(services.sql, name, services.now())
  try {
    const outcome = await HANDLERS[name](ctx, payload)
    const durationMs = Math.round(performance.now() - startedMs)
    await recordJobSuccess(services.sql, name, services.now(), durationMs)
    jobLastSuccess.set({ job: name }, services.now().getTime() / 1000)
    log.info({ duration_ms: durationMs, outcome }, "job ran")
  } catch (error) {
    await recordJobError(services.sql, name, services.now(), String(error))
    log.error({ err: error, duration_ms: Math.round(performance.now() - startedMs) }, "job failed")
    if (!(error instanceof DomainError) || ERROR_TABLE[error.code].retryable) throw error
  } finally {
    if (followUpS !== undefined)
      await services.queue.send(services.db, name, {} as JobPayload<N>, {
        singletonKey: "follow-up",
        startAfterS: followUpS,
      })
  }
}
