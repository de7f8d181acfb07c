import type { Context } from "#server/context.ts"
import type { JobName, JobPayload } from "#server/contract/jobs.ts"

/** Runs a job once. Idempotent: the queue delivers again when a worker dies, and two workers may run at once. */
export type JobHandler<N extends JobName> = (ctx: Context, payload: JobPayload<N>) => Promise<unknown>
