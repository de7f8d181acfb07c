import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core"
import { hostingSites } from "./sites.ts"

const at = (name: string) => timestamp(name, { withTimezone: true })

/** A collector as enrolled, with what its last heartbeat told. */
export const edgeDevices = pgTable(
  "edge_devices",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    siteId: integer("site_id")
      .notNull()
      .references(() => hostingSites.id),
    name: text().notNull(),
    /** The process that holds the key now; another one gets CONFLICT until this has been silent for 90 s. */
    instanceId: uuid("instance_id"),
    publicKey: text("public_key"),
    hostname: text(),
    platform: text(),
    edgeVersion: text("edge_version"),
    enrolledAt: at("enrolled_at").notNull().defaultNow(),
    lastSeenAt: at("last_seen_at"),
    /** Since when it has been heard without a gap of more than 30 s: a machine misses intervals only while it is heard. */
    aliveSince: at("alive_since"),
    /** Set by the offline job when it falls silent, cleared by its next heartbeat. */
    silentSince: at("silent_since"),
    clockOffsetMs: integer("clock_offset_ms"),
    configVersion: integer("config_version").notNull().default(0),
    minersKnown: integer("miners_known"),
    minersOnline: integer("miners_online"),
    /** The heartbeat's `spool` member. */
    spool: jsonb(),
    rssBytes: bigint("rss_bytes", { mode: "number" }),
    lastPollCycleMs: integer("last_poll_cycle_ms"),
    unackedResults: integer("unacked_results"),
    journalEpoch: uuid("journal_epoch"),
    journalSeq: bigint("journal_seq", { mode: "number" }),
    /** The kill switch of this collector. */
    commandsPausedAt: at("commands_paused_at"),
    commandsPausedBy: integer("commands_paused_by"),
    commandsPauseReason: text("commands_pause_reason"),
    revokedAt: at("revoked_at"),
  },
  (t) => [index("edge_devices_site_idx").on(t.siteId)],
)

/** Keys at rest as SHA-256 (hex); one site each, revocable at once, kept for good. */
export const collectorKeys = pgTable(
  "collector_keys",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    siteId: integer("site_id")
      .notNull()
      .references(() => hostingSites.id),
    deviceId: integer("device_id")
      .notNull()
      .references(() => edgeDevices.id),
    keyHash: text("key_hash").notNull(),
    /** The first eight characters, to tell keys apart. */
    prefix: text().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    lastUsedAt: at("last_used_at"),
    revokedAt: at("revoked_at"),
    revokedBy: integer("revoked_by"),
  },
  (t) => [
    uniqueIndex("collector_keys_hash_key").on(t.keyHash),
    index("collector_keys_device_idx").on(t.deviceId),
  ],
)

/** One-time codes of the page; only the SHA-256 is kept. */
export const enrollmentCodes = pgTable("enrollment_codes", {
  codeHash: text("code_hash").primaryKey(),
  siteId: integer("site_id")
    .notNull()
    .references(() => hostingSites.id),
  deviceName: text("device_name").notNull(),
  /** What a new device looks at from its first minute. */
  targets: jsonb().$type<{ value: string; webPort: number | null }[]>().notNull().default([]),
  createdBy: integer("created_by"),
  createdAt: at("created_at").notNull().defaultNow(),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
  deviceId: integer("device_id"),
})

/** What a collector polls: `host[:port]`, `FROM-TO` or CIDR. */
export const edgeTargets = pgTable(
  "edge_targets",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    siteId: integer("site_id")
      .notNull()
      .references(() => hostingSites.id),
    deviceId: integer("device_id")
      .notNull()
      .references(() => edgeDevices.id),
    value: text().notNull(),
    webPort: integer("web_port"),
    family: text(),
    enabled: boolean().notNull().default(true),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("edge_targets_device_value_key").on(t.deviceId, t.value),
    index("edge_targets_site_idx").on(t.siteId),
  ],
)

/** One row a batch: its unique id is what makes an upload exactly-once. Seven days. */
export const collectorUploadLogs = pgTable(
  "collector_upload_logs",
  {
    siteId: integer("site_id").notNull(),
    batchId: uuid("batch_id").notNull(),
    deviceId: integer("device_id").notNull(),
    receivedAt: at("received_at").notNull().defaultNow(),
    collectedAt: at("collected_at").notNull(),
    minerCount: integer("miner_count").notNull(),
    online: integer().notNull(),
    offline: integer().notNull(),
    rejected: integer().notNull().default(0),
    wireBytes: integer("wire_bytes"),
    processingMs: integer("processing_ms").notNull(),
    edgeVersion: text("edge_version"),
  },
  (t) => [
    uniqueIndex("collector_upload_logs_batch_key").on(t.siteId, t.batchId),
    index("collector_upload_logs_received_idx").on(t.receivedAt),
    index("collector_upload_logs_device_idx").on(t.siteId, t.deviceId, t.receivedAt),
  ],
)
