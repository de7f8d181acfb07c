import { z } from "zod"
import { COMMAND_TYPES, resultCodeSchema } from "./commands.ts"
import { minerIdSchema } from "./telemetry.ts"

/** What collector and gateway say to each other besides telemetry. All times are ISO 8601, the server's clock unless named otherwise. */

export const KEY_PATTERN = /^hsc_[A-Za-z0-9_-]{40}$/
/** `hsc_` and 40 base64url characters (30 random bytes), 44 in all. */
export const collectorKeySchema = z.string().regex(KEY_PATTERN, "a collector key is hsc_ and 40 characters")

/** Enrollment code as the page shows it: `XXXX-XXXX-XXXX`, Crockford base 32 (60 random bits); case and dashes do not matter. */
export const enrollInputSchema = z.object({
  code: z.string().min(8).max(40),
  instance_id: z.uuid(),
  /** X25519 public key, raw 32 bytes, base64url: secrets are sealed to it. */
  public_key: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  edge_version: z.string().min(1).max(64),
  hostname: z.string().max(255).default(""),
  platform: z.string().max(128).default(""),
})
export type EnrollInput = z.infer<typeof enrollInputSchema>
export type EnrollAnswer = {
  key: string
  device_id: number
  device_name: string
  site: { id: number; slug: string; name: string }
}

export const heartbeatInputSchema = z.object({
  instance_id: z.uuid(),
  edge_version: z.string().min(1).max(64),
  uptime_s: z.number().min(0),
  /** The edge's clock, uncorrected. */
  edge_time: z.iso.datetime({ offset: true }),
  config_version: z.number().int().min(0),
  miners_known: z.number().int().min(0),
  miners_online: z.number().int().min(0),
  spool: z.object({
    batches: z.number().int().min(0),
    samples: z.number().int().min(0),
    bytes: z.number().int().min(0),
    oldest_at: z.iso.datetime({ offset: true }).nullable(),
    dropped_samples: z.number().int().min(0),
    quarantined_samples: z.number().int().min(0),
  }),
  rss_bytes: z.number().int().min(0),
  last_poll_cycle_ms: z.number().min(0).nullable(),
  unacked_results: z.number().int().min(0),
})
export type HeartbeatInput = z.infer<typeof heartbeatInputSchema>
/** The edge takes `server_time` at the middle of its round trip as the true time. */
export type HeartbeatAnswer = { server_time: string; config_version: number }

export const configInputSchema = z.object({ have_version: z.number().int().min(0) })

/** `host[:port]`, `FROM-TO` or CIDR; a port applies to every address of it. */
export const edgeTargetSchema = z.object({
  id: z.number().int(),
  value: z.string(),
  web_port: z.number().int().min(1).max(65_535).nullable(),
  family: z.string().nullable(),
})
export type EdgeTarget = z.infer<typeof edgeTargetSchema>

export const edgeConfigSchema = z.object({
  version: z.number().int(),
  site: z.object({ id: z.number().int(), slug: z.string(), name: z.string(), timezone: z.string() }),
  device: z.object({ id: z.number().int(), name: z.string() }),
  poll_interval_s: z.number().int().min(10).max(600),
  targets: z.array(edgeTargetSchema),
  limits: z.object({
    chip_warning_c: z.number(),
    chip_critical_c: z.number(),
    board_warning_c: z.number(),
    board_critical_c: z.number(),
  }),
  /** Identities the server knows for this device: gives `miner_id` back to an edge that lost its disk. */
  miners: z.array(
    z.object({
      miner_id: minerIdSchema,
      ip_address: z.string().nullable(),
      mac: z.string().nullable(),
      serial: z.string().nullable(),
    }),
  ),
})
export type EdgeConfig = z.infer<typeof edgeConfigSchema>
/** `unchanged` when the edge already has the newest version. */
export type ConfigAnswer = { unchanged: true; version: number } | ({ unchanged: false } & EdgeConfig)

export const pollInputSchema = z.object({
  instance_id: z.uuid(),
  /** Long poll: answer at once when something is there, else after this long, at most 25,000. */
  wait_ms: z.number().int().min(0).max(25_000),
  max: z.number().int().min(1).max(500).default(100),
  /** Changes when the journal is lost or restored; `journal_seq` only grows within an epoch (`decisions.md` 20). */
  journal_epoch: z.uuid(),
  journal_seq: z.number().int().min(0),
})
export type PollInput = z.infer<typeof pollInputSchema>

/** One leased command for one miner. `parameters` is validated again at the edge by `commandActionSchema`. */
export const leasedCommandSchema = z.object({
  /** The edge row: a bigint as a string. */
  id: z.string(),
  command_id: z.uuid(),
  miner_id: minerIdSchema,
  ip_address: z.string().nullable(),
  mac: z.string().nullable(),
  serial: z.string().nullable(),
  type: z.enum(COMMAND_TYPES),
  parameters: z.record(z.string(), z.unknown()),
  priority: z.number().int(),
  attempt: z.number().int(),
  fencing_token: z.string(),
  lease_until: z.iso.datetime({ offset: true }),
  expires_at: z.iso.datetime({ offset: true }),
})
export type LeasedCommand = z.infer<typeof leasedCommandSchema>
export type PollAnswer = { server_time: string; commands: LeasedCommand[] }

export const commandResultSchema = z.object({
  id: z.string().regex(/^\d{1,19}$/),
  fencing_token: z.string().regex(/^\d{1,19}$/),
  result_code: resultCodeSchema,
  /** What really ran, or why it did not: one sentence for a person, no secrets. */
  message: z.string().max(2_000),
  /** The action that ran in the miner's own terms, e.g. `restart`, `reboot.cgi`. Null when none did. */
  ran: z.string().max(128).nullable(),
  started_at: z.iso.datetime({ offset: true }),
  finished_at: z.iso.datetime({ offset: true }),
  before: z.record(z.string(), z.unknown()).nullable().default(null),
  after: z.record(z.string(), z.unknown()).nullable().default(null),
})
export type CommandResult = z.infer<typeof commandResultSchema>

export const ackInputSchema = z.object({
  instance_id: z.uuid(),
  results: z.array(commandResultSchema).min(1).max(500),
})
/** `taken`: recorded now or before. `stale`: another lease has it (fencing token too old); the edge drops it. `unknown`: no such row. */
export type AckAnswer = { results: { id: string; state: "taken" | "stale" | "unknown" }[] }

export const renewInputSchema = z.object({
  instance_id: z.uuid(),
  leases: z
    .array(z.object({ id: z.string().regex(/^\d{1,19}$/), fencing_token: z.string().regex(/^\d{1,19}$/) }))
    .min(1)
    .max(500),
})
export type RenewAnswer = { leases: { id: string; lease_until: string | null }[] }

/** Something worth telling that is no sample: dropped samples, quarantine, start and stop. */
export const edgeEventInputSchema = z.object({
  instance_id: z.uuid(),
  type: z.enum(["started", "stopping", "spool_dropped", "quarantined", "disk_full", "journal_lost"]),
  severity: z.enum(["info", "warning", "critical"]),
  message: z.string().max(1_000),
  at: z.iso.datetime({ offset: true }),
})
export type EdgeEventInput = z.infer<typeof edgeEventInputSchema>
