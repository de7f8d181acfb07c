import { sql } from "drizzle-orm"
import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core"
import {
  COMMAND_SOURCES,
  COMMAND_STATUSES,
  COMMAND_TYPES,
  EDGE_STATUSES,
  RESULT_STATUSES,
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
  ],
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
    /** The action in the miner's own terms. */
    ran: text(),
    before: jsonb(),
    after: jsonb(),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
    /** REBOOT: when it was seen hashing again. */
    recoveredAt: at("recovered_at"),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.commandId, t.minerId] }),
    index("remote_command_results_miner_idx").on(t.siteId, t.minerId),
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
    status: text({ enum: EDGE_STATUSES }).notNull().default("pending"),
    priority: smallint().notNull(),
    attempt: smallint().notNull().default(0),
    fencingToken: bigint("fencing_token", { mode: "bigint" }).notNull().default(sql`0`),
    leaseUntil: at("lease_until"),
    createdAt: at("created_at").notNull().defaultNow(),
    sentAt: at("sent_at"),
    completedAt: at("completed_at"),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.id] }),
    uniqueIndex("miner_commands_target_key").on(t.siteId, t.remoteCommandId, t.minerId),
    index("miner_commands_queue_idx")
      .on(t.siteId, t.deviceId, t.priority.desc(), t.id)
      .where(sql`status in ('pending','sent')`),
    index("miner_commands_open_miner_idx").on(t.siteId, t.minerId).where(sql`status in ('pending','sent')`),
    index("miner_commands_created_idx").on(t.createdAt),
  ],
)
