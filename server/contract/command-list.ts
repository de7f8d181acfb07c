import { COMMAND_STATUSES } from "./commands.ts"

/** How lists of commands and of their results can be narrowed and sorted: the same words in address, verb and query. */

/**
 * `open`: everything that has not ended; `halted`: running, and standing still until somebody resumes it;
 * `unsuccessful`: failed or expired.
 */
export const COMMAND_STATUS_FILTERS = ["open", "halted", "unsuccessful", ...COMMAND_STATUSES] as const
export type CommandStatusFilter = (typeof COMMAND_STATUS_FILTERS)[number]

/** `FAILED` without the unknown outcomes, which are `UNKNOWN`; `OPEN`: pending and running ones together. */
export const RESULT_FILTERS = [
  "OPEN",
  "PENDING",
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "UNKNOWN",
  "SKIPPED",
] as const
export type ResultFilter = (typeof RESULT_FILTERS)[number]

/** `status`: what needs a look first. */
export const RESULT_SORTS = [
  "status",
  "name",
  "model",
  "wave",
  "started",
  "finished",
  "took",
  "recovered",
] as const
export type ResultSort = (typeof RESULT_SORTS)[number]

/** Steps of a command's timeline, as the audit log tells them; `other`: an action that has no word of its own. */
export const TIMELINE_KINDS = [
  "requested",
  "awaiting_approval",
  "queued",
  "approved",
  "denied",
  "approval_expired",
  "dispatched",
  "started",
  "wave_released",
  "wave_passed",
  "halted",
  "resumed",
  "results",
  "targets_expired",
  "journal_lost",
  "rest_cancelled",
  "cancelled",
  "succeeded",
  "failed",
  "expired",
  "other",
] as const
export type TimelineKind = (typeof TIMELINE_KINDS)[number]
