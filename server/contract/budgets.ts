/** Time and size budgets, from the contract. Each deadline fits inside the next one; `budgets.test.ts` asserts the order. */
export const CONNECT_TIMEOUT_MS = 2_000
export const READ_TIMEOUT_MS = 5_000
export const WRITE_TIMEOUT_MS = 40_000
export const COLLECTOR_COMMAND_TIMEOUT_MS = 50_000
export const LEASE_MS = 60_000
export const FIRMWARE_LEASE_MS = 30 * 60_000

/** A poll of one miner, its retry included. */
export const POLL_BUDGET_MS = 10_000
export const MINER_REPLY_MAX_BYTES = 1_048_576

export const BATCH_MAX_SAMPLES = 2_000
export const BATCH_MAX_INFLATED_BYTES = 16 * 1_048_576
export const BATCH_MAX_WIRE_BYTES = 4 * 1_048_576

/** A sample further ahead of the server's clock, or older, is rejected as `clock_skew`. */
export const SAMPLE_MAX_AHEAD_MS = 5 * 60_000
export const SAMPLE_MAX_AGE_MS = 25 * 3_600_000

export const HEARTBEAT_INTERVAL_MS = 10_000
export const COLLECTOR_SILENT_MS = 90_000
/** Samples with `online: false`, or intervals missed, before a miner is offline. */
export const OFFLINE_AFTER_MISSES = 3

export const ENROLL_CODE_TTL_MS = 15 * 60_000
export const LONG_POLL_MAX_MS = 25_000
export const KEY_REQUESTS_PER_MINUTE = 600
export const SESSION_TTL_MS = 7 * 24 * 3_600_000
export const ACCOUNT_LINK_TTL_MS = 72 * 3_600_000
export const APPROVAL_TTL_MS = 24 * 3_600_000
export const COMMAND_TTL_MINUTES = 30

/** Milliseconds after which a page marks a value as stale. */
export function staleAfterMs(pollIntervalS: number): number {
  return Math.max(2 * pollIntervalS * 1000, 30_000)
}
/** A halted command that nobody resumes is ended after this long: its machines are not blocked for ever. */
export const HALT_TTL_MS = 24 * 3_600_000
export const FIRMWARE_MAX_BYTES = 512 * 1_048_576
