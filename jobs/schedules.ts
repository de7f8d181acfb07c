import type { JobName } from "#server/contract/jobs.ts"

/**
 * Jobs that run more often than the minute of a cron. Every run asks for the next one so many seconds later, at most
 * one of which waits; the cron of the catalogue starts the chain anew should it break.
 */
export const FOLLOW_UP_S: Partial<Record<JobName, number>> = {
  // A wave is looked at within seconds of what its machines show; its last answer sends the job itself.
  "command.advance-waves": 3,
  // A machine that dies is told of within its interval, not a minute later.
  "fleet.detect-offline": 20,
  // Charts of a site end at the newest bucket that is rolled up.
  "telemetry.rollup": 20,
}
