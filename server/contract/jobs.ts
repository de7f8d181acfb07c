import { z } from "zod"

/**
 * Every queue on one page: its payload, how often it runs by itself, and its limits. A job is idempotent and safe
 * with two workers running.
 */
export const siteCommandSchema = z.object({ siteId: z.number().int(), commandId: z.uuid() })
const empty = z.object({})

type JobDefinition = {
  schema: z.ZodType
  /** Cron in UTC, once a minute at most; null: only when something sends it. */
  cron: string | null
  /** Seconds after which a run counts as failed and is tried again. */
  expireInSeconds: number
  retryLimit: number
}

export const JOBS = {
  "command.dispatch": { schema: siteCommandSchema, cron: null, expireInSeconds: 60, retryLimit: 10 },
  /** Gates of waves: releases the next one, or halts. */
  "command.advance-waves": { schema: empty, cron: "* * * * *", expireInSeconds: 60, retryLimit: 2 },
  "command.expire": { schema: empty, cron: "* * * * *", expireInSeconds: 60, retryLimit: 2 },
  /** The failed ones of the last day, in the morning of each site. */
  "command.digest": { schema: empty, cron: "3 * * * *", expireInSeconds: 60, retryLimit: 2 },
  "command.prune": { schema: empty, cron: "17 3 * * *", expireInSeconds: 600, retryLimit: 2 },
  "telemetry.rollup": { schema: empty, cron: "* * * * *", expireInSeconds: 300, retryLimit: 2 },
  "telemetry.prune": { schema: empty, cron: "5 * * * *", expireInSeconds: 600, retryLimit: 2 },
  "partition.ensure": { schema: empty, cron: "*/30 * * * *", expireInSeconds: 60, retryLimit: 5 },
  "fleet.detect-offline": { schema: empty, cron: "* * * * *", expireInSeconds: 60, retryLimit: 2 },
  /** What no collector can tell of the thermal guard. */
  "thermal.watch": { schema: empty, cron: "* * * * *", expireInSeconds: 60, retryLimit: 2 },
  "discovery.run-schedules": { schema: empty, cron: "* * * * *", expireInSeconds: 120, retryLimit: 2 },
  "upload-log.prune": { schema: empty, cron: "27 3 * * *", expireInSeconds: 600, retryLimit: 2 },
  "audit.seal": { schema: empty, cron: "* * * * *", expireInSeconds: 300, retryLimit: 2 },
  "session.prune": { schema: empty, cron: "37 * * * *", expireInSeconds: 60, retryLimit: 2 },
} as const satisfies Record<string, JobDefinition>

export type JobName = keyof typeof JOBS
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]["schema"]>
