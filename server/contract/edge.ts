import { z } from "zod"
import { COMMAND_FEATURES, COMMAND_TYPES, resultCodeSchema } from "./commands.ts"
import { edgeCredentialSchema, loginRetrySchema } from "./miner-credentials.ts"
import { minerIdSchema } from "./telemetry.ts"
import { thermalPolicySchema } from "./thermal.ts"

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
  /** Actions at the same time at the site; a collector holds it for itself, the gateway over all of them. */
  command_cap: z.number().int().min(1).max(500).default(32),
  /** The kill switch of the site or of this collector: nothing starts while it is on. */
  commands_paused: z.boolean().default(false),
  targets: z.array(edgeTargetSchema),
  limits: z.object({
    chip_warning_c: z.number(),
    chip_critical_c: z.number(),
    board_warning_c: z.number(),
    board_critical_c: z.number(),
  }),
  /** The thermal guard's policy; absent: it warns by the chip limits and never acts. */
  thermal: thermalPolicySchema.optional(),
  /** Logins of the machines, sealed to this collector; absent from an older server: it says nothing of them. */
  credentials: z.array(edgeCredentialSchema).optional(),
  /** Refused logins that a person wants tried again now. */
  login_retries: z.array(loginRetrySchema).optional(),
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
  /** The first poll of a process: nothing of what an earlier one held is running any more. */
  started: z.boolean().default(false),
})
export type PollInput = z.infer<typeof pollInputSchema>

/** A miner's settings as a backup keeps them; pool passwords are masked here and sealed beside it. Unknown is null. */
export const minerConfigurationSchema = z.object({
  family: z.string().min(1).max(64),
  model: z.string().max(128).nullable(),
  firmware_version: z.string().max(128).nullable(),
  pools: z.array(z.object({ url: z.string().max(512), user: z.string().max(256) })).max(16),
  power_mode: z.enum(["eco", "normal", "high", "sleep"]).nullable(),
  frequency_mhz: z.number().nullable(),
  /** Per cent of the nominal frequency, where the family sets it so. */
  frequency_level_pct: z.number().nullable(),
  voltage_v: z.number().nullable(),
  fan: z
    .object({ mode: z.enum(["auto", "manual", "immersion"]), speed_pct: z.number().nullable() })
    .nullable(),
  network: z
    .object({
      dhcp: z.boolean().nullable(),
      hostname: z.string().max(255).nullable(),
      ip_address: z.string().max(64).nullable(),
      netmask: z.string().max(64).nullable(),
      gateway: z.string().max(64).nullable(),
      dns: z.array(z.string().max(255)).max(8),
    })
    .nullable(),
  /** The vendor's own document, secrets masked: a restore writes it back whole. */
  raw: z.record(z.string(), z.unknown()),
})
export type MinerConfiguration = z.infer<typeof minerConfigurationSchema>

/** `sealed`: JSON `{"passwords": [...]}` in the order of `pools`, sealed to the collector that took it; null: none set. */
export const takenBackupSchema = z.object({
  config: minerConfigurationSchema,
  sealed: z.string().max(8_192).nullable(),
})
export type TakenBackup = z.infer<typeof takenBackupSchema>

/**
 * One leased command for one miner. The edge joins `parameters` and what it opens of `sealed`, and validates the whole
 * again by `commandActionSchema`.
 */
export const leasedCommandSchema = z.object({
  /** The edge row: a bigint as a string. */
  id: z.string(),
  command_id: z.uuid(),
  miner_id: minerIdSchema,
  ip_address: z.string().nullable(),
  mac: z.string().nullable(),
  serial: z.string().nullable(),
  label: z.string().nullable().default(null),
  type: z.enum(COMMAND_TYPES),
  parameters: z.record(z.string(), z.unknown()),
  /** `CommandSecrets` as JSON, sealed to this collector; null: the command carries none. */
  sealed: z.string().nullable().default(null),
  /** Take a backup before the act, and do not act without it. */
  backup_first: z.boolean().default(false),
  /** RESTORE_CONFIG: what to write. */
  backup: takenBackupSchema.nullable().default(null),
  /** UPDATE_FIRMWARE: what to fetch by `edge.artifact` and verify. */
  artifact: z
    .object({
      id: z.uuid(),
      file_name: z.string().max(255),
      version: z.string().max(64),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      size_bytes: z.number().int().min(1),
      /** The driver families it is for; the edge refuses it on any other. Absent: not told. */
      families: z.array(z.string().max(64)).max(50).optional(),
    })
    .nullable()
    .default(null),
  priority: z.number().int(),
  attempt: z.number().int(),
  fencing_token: z.string(),
  lease_until: z.iso.datetime({ offset: true }),
  expires_at: z.iso.datetime({ offset: true }),
})
export type LeasedCommand = z.infer<typeof leasedCommandSchema>
/** `paused`: the kill switch is on; what is leased and has not begun must not begin. */
export type PollAnswer = {
  server_time: string
  paused: boolean
  commands: LeasedCommand[]
  /** Ask `edge.discovery`: a scan waits, or one has to end. Absent: an older server. */
  discovery?: boolean
}

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
  /** The machine was so already: nothing was written. */
  already: z.boolean().default(false),
  /** The backup that the command took, itself or before it acted. */
  backup: takenBackupSchema.nullable().default(null),
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

/** What each model and firmware on this collector's floor can do: null: it can; else why not, a sentence for a person. */
export const capabilitiesInputSchema = z.object({
  instance_id: z.uuid(),
  profiles: z
    .array(
      z.object({
        make: z.string().max(64).nullable(),
        model: z.string().max(128).nullable(),
        firmware: z.string().max(64).nullable(),
        firmware_version: z.string().max(128).nullable(),
        /** A collector of an earlier release does not know the newest features. */
        features: z.partialRecord(z.enum(COMMAND_FEATURES), z.string().max(300).nullable()),
      }),
    )
    .min(1)
    .max(200),
})
export type CapabilitiesInput = z.infer<typeof capabilitiesInputSchema>

/** A piece of a firmware artifact that a command of this collector names; base64, at most 1 MiB of the file. */
export const artifactInputSchema = z.object({
  instance_id: z.uuid(),
  artifact_id: z.uuid(),
  offset: z.number().int().min(0),
})
export const ARTIFACT_PIECE_BYTES = 1_048_576
export type ArtifactAnswer = { offset: number; size_bytes: number; sha256: string; piece: string }

/** Something worth telling that is no sample: dropped samples, quarantine, start and stop. */
export const edgeEventInputSchema = z.object({
  instance_id: z.uuid(),
  type: z.enum(["started", "stopping", "spool_dropped", "quarantined", "disk_full", "journal_lost"]),
  severity: z.enum(["info", "warning", "critical"]),
  message: z.string().max(1_000),
  at: z.iso.datetime({ offset: true }),
})
export type EdgeEventInput = z.infer<typeof edgeEventInputSchema>
