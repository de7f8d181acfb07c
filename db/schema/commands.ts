import { sql } from "drizzle-orm"
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core"
import {
  COMMAND_FEATURES,
  COMMAND_SOURCES,
  COMMAND_STATUSES,
  COMMAND_TYPES,
  EDGE_STATUSES,
  RESULT_STATUSES,
  SKIP_REASONS,
} from "#server/contract/commands.ts"

const at = (name: string) => timestamp(name, { withTimezone: true })

/** What a person (or a schedule, an alert) asked for, for one site. Kept for good. */
export const remoteCommands = pgTable(
  "remote_commands",
  {
    siteId: integer("site_id").notNull(),
    id: uuid().notNull(),
    /** Joins the commands that one request over several sites made. */
    batchId: uuid("batch_id"),
    /** From the form: a double click runs once. */
    requestId: uuid("request_id").notNull(),
    commandType: text("command_type", { enum: COMMAND_TYPES }).notNull(),
    parameters: jsonb().notNull(),
    status: text({ enum: COMMAND_STATUSES }).notNull(),
    source: text({ enum: COMMAND_SOURCES }).notNull().default("manual"),
    /** `hosting_miners.id` of every target, frozen at the request. */
    targetIds: integer("target_ids").array().notNull(),
    /** The filter that chose the targets, as the request gave it; null: they were picked by hand. */
    targetFilter: jsonb("target_filter"),
    /** SHA-256 over type, parameters, sealed secrets and targets: what was asked for is what is approved and dispatched. */
    fingerprint: text().notNull().default(""),
    /** The command whose failed part this one repeats. */
    retryOf: uuid("retry_of"),
    /** Take a backup of each machine before acting on it. */
    backupFirst: boolean("backup_first").notNull().default(false),
    /** Why it needs approval; empty when it does not. */
    approvalReasons: text("approval_reasons").array().notNull().default(sql`'{}'`),
    note: text(),
    priority: smallint().notNull(),
    ttlMinutes: integer("ttl_minutes").notNull(),
    requestedBy: integer("requested_by"),
    requestedAt: at("requested_at").notNull(),
    approvalExpiresAt: at("approval_expires_at"),
    approvedBy: integer("approved_by"),
    approvedAt: at("approved_at"),
    deniedBy: integer("denied_by"),
    denyReason: text("deny_reason"),
    cancelledBy: integer("cancelled_by"),
    cancelledAt: at("cancelled_at"),
    queuedAt: at("queued_at"),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
    /** Machines in a wave; null: as the site says, decided at dispatch. */
    waveSize: integer("wave_size"),
    wavePauseS: integer("wave_pause_s"),
    /** Share of a wave, per cent, that may fail or stay away before the command halts. */
    waveFailPercent: smallint("wave_fail_percent"),
    /** Share of its rate before, per cent, that a machine must hash at to count as back. */
    waveHashPercent: smallint("wave_hash_percent"),
    /** Waves in all, and the last one that was released; 0 before the dispatch. */
    waves: integer().notNull().default(0),
    releasedWave: integer("released_wave").notNull().default(0),
    /** When the next wave may start: the pause after a gate that was passed. */
    nextWaveAt: at("next_wave_at"),
    haltedAt: at("halted_at"),
    haltReason: text("halt_reason"),
    /** How the targets stand, kept by a trigger on the results. */
    targetCount: integer("target_count").notNull().default(0),
    runningCount: integer("running_count").notNull().default(0),
    succeededCount: integer("succeeded_count").notNull().default(0),
    failedCount: integer("failed_count").notNull().default(0),
    unknownCount: integer("unknown_count").notNull().default(0),
    skippedCount: integer("skipped_count").notNull().default(0),
    /** Of the skipped: nobody fetched them in time. */
    expiredCount: integer("expired_count").notNull().default(0),
    /** One sentence on how it ended, with counts. */
    outcome: text(),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.id] }),
    index("remote_commands_id_idx").on(t.id),
    uniqueIndex("remote_commands_request_key").on(t.siteId, t.requestId),
    index("remote_commands_requested_idx").on(t.siteId, t.requestedAt),
    index("remote_commands_open_idx")
      .on(t.siteId, t.status)
      .where(sql`status in ('PENDING','PENDING_APPROVAL','QUEUED','RUNNING')`),
    index("remote_commands_at_idx").on(t.requestedAt, t.id),
    index("remote_commands_person_idx").on(t.requestedBy, t.requestedAt),
    index("remote_commands_retry_idx").on(t.siteId, t.retryOf).where(sql`retry_of is not null`),
  ],
)

/** What a wave had to show and showed; made at the dispatch, one row a wave. */
export const commandWaves = pgTable(
  "command_waves",
  {
    siteId: integer("site_id").notNull(),
    commandId: uuid("command_id").notNull(),
    wave: integer().notNull(),
    targets: integer().notNull(),
    releasedAt: at("released_at"),
    /** When its last target had answered. */
    answeredAt: at("answered_at"),
    passedAt: at("passed_at"),
    haltedAt: at("halted_at"),
    haltReason: text("halt_reason"),
    resumedAt: at("resumed_at"),
    resumedBy: integer("resumed_by"),
    /** At the last look: targets back as the gate asks, and not. */
    good: integer().notNull().default(0),
    bad: integer().notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.commandId, t.wave] })],
)

/** Secrets of a command or a template, one ciphertext a collector; wiped when the command ends. */
export const sealedSecrets = pgTable(
  "sealed_secrets",
  {
    siteId: integer("site_id").notNull(),
    subjectType: text("subject_type", { enum: ["command", "template"] }).notNull(),
    subjectId: uuid("subject_id").notNull(),
    deviceId: integer("device_id").notNull(),
    sealed: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.subjectType, t.subjectId, t.deviceId] })],
)

/** One row a target, created with the command. `miner_id` is `hosting_miners.id`. */
export const remoteCommandResults = pgTable(
  "remote_command_results",
  {
    siteId: integer("site_id").notNull(),
    commandId: uuid("command_id").notNull(),
    minerId: integer("miner_id").notNull(),
    resultStatus: text("result_status", { enum: RESULT_STATUSES }).notNull().default("PENDING"),
    resultCode: smallint("result_code"),
    resultMessage: text("result_message"),
    /** Why the server ended it; null: the edge did. */
    skipReason: text("skip_reason", { enum: SKIP_REASONS }),
    /** From the dispatch on, beginning with 1. */
    wave: integer(),
    already: boolean().notNull().default(false),
    /** Its rate when its wave was released, GH/s: what the gate compares with. */
    hashrateBeforeGhs: real("hashrate_before_ghs"),
    /** The action in the miner's own terms. */
    ran: text(),
    before: jsonb(),
    after: jsonb(),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
    /** When the machine showed what its wave's gate asks: hashing again, or online. */
    recoveredAt: at("recovered_at"),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.commandId, t.minerId] }),
    index("remote_command_results_miner_idx").on(t.siteId, t.minerId),
  ],
)

/**
 * Which clients owned targets of a command when it was requested, and how these stand: what their lists are read from.
 * Kept by triggers on the results and on `user_miners`, whose dates people may correct later.
 */
export const remoteCommandClients = pgTable(
  "remote_command_clients",
  {
    siteId: integer("site_id").notNull(),
    userId: integer("user_id").notNull(),
    commandId: uuid("command_id").notNull(),
    requestedAt: at("requested_at").notNull(),
    /** His first target: the only one where there is one. */
    minerId: integer("miner_id").notNull(),
    targetCount: integer("target_count").notNull(),
    runningCount: integer("running_count").notNull(),
    succeededCount: integer("succeeded_count").notNull(),
    failedCount: integer("failed_count").notNull(),
    unknownCount: integer("unknown_count").notNull(),
    skippedCount: integer("skipped_count").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.userId, t.commandId] }),
    index("remote_command_clients_at_idx").on(t.userId, t.requestedAt, t.commandId),
  ],
)

/** The edge-facing queue: one row a target, made by the dispatcher. Thirty days. */
export const minerCommands = pgTable(
  "miner_commands",
  {
    siteId: integer("site_id").notNull(),
    id: bigint({ mode: "bigint" }).notNull().generatedAlwaysAsIdentity(),
    remoteCommandId: uuid("remote_command_id").notNull(),
    minerId: integer("miner_id").notNull(),
    deviceId: integer("device_id").notNull(),
    commandType: text("command_type", { enum: COMMAND_TYPES }).notNull(),
    parameters: jsonb().notNull(),
    feature: text({ enum: COMMAND_FEATURES }).notNull(),
    wave: integer().notNull().default(1),
    status: text({ enum: EDGE_STATUSES }).notNull().default("pending"),
    priority: smallint().notNull(),
    attempt: smallint().notNull().default(0),
    fencingToken: bigint("fencing_token", { mode: "bigint" }).notNull().default(sql`0`),
    leaseUntil: at("lease_until"),
    createdAt: at("created_at").notNull().defaultNow(),
    sentAt: at("sent_at"),
    completedAt: at("completed_at"),
    /** From the release of its wave on; null: not released, and nobody may lease it. */
    expiresAt: at("expires_at"),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.id] }),
    uniqueIndex("miner_commands_target_key").on(t.siteId, t.remoteCommandId, t.minerId),
    index("miner_commands_queue_idx")
      .on(t.siteId, t.deviceId, t.priority.desc(), t.id)
      .where(sql`status in ('pending','sent') and expires_at is not null`),
    // What counts against a site's cap, and whose leases lapse: few rows, beside a queue of any length.
    index("miner_commands_sent_idx").on(t.siteId, t.deviceId, t.leaseUntil).where(sql`status = 'sent'`),
    index("miner_commands_open_miner_idx").on(t.siteId, t.minerId).where(sql`status in ('pending','sent')`),
    index("miner_commands_created_idx").on(t.createdAt),
  ],
)
