import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core"
import { edgeDevices } from "./edge.ts"
import { hostingSites } from "./sites.ts"

const at = (name: string) => timestamp(name, { withTimezone: true })

/** A scan of address ranges by one collector: asked for, run, ended. */
export const discoveryScans = pgTable(
  "discovery_scans",
  {
    id: uuid().primaryKey(),
    siteId: integer("site_id")
      .notNull()
      .references(() => hostingSites.id),
    deviceId: integer("device_id")
      .notNull()
      .references(() => edgeDevices.id),
    source: text({ enum: ["manual", "schedule"] }).notNull(),
    scheduleId: integer("schedule_id"),
    /** The form that asked for it: the same one sent twice is one scan. */
    requestId: uuid("request_id").notNull(),
    /** null: the system. */
    requestedBy: integer("requested_by"),
    requestedAt: at("requested_at").notNull(),
    /** As a person wrote them. */
    targets: text().array().notNull(),
    /** What the collector gets: addresses and `FROM-TO`, without overlaps. */
    ranges: text().array().notNull(),
    options: jsonb().$type<{ ports: number[]; gpu: boolean; concurrency: number | null }>().notNull(),
    autoAccept: boolean("auto_accept").notNull().default(false),
    state: text({
      enum: ["requested", "running", "cancelling", "done", "failed", "cancelled", "interrupted"],
    })
      .notNull()
      .default("requested"),
    total: integer().notNull(),
    done: integer().notNull().default(0),
    found: integer().notNull().default(0),
    unknown: integer().notNull().default(0),
    closed: integer().notNull().default(0),
    absent: integer().notNull().default(0),
    perSecond: real("per_second"),
    startedAt: at("started_at"),
    progressAt: at("progress_at"),
    endedAt: at("ended_at"),
    error: text(),
  },
  (t) => [
    uniqueIndex("discovery_scans_request_key").on(t.siteId, t.requestId),
    index("discovery_scans_site_idx").on(t.siteId, t.requestedAt),
    index("discovery_scans_device_idx").on(t.deviceId, t.state),
  ],
)

/** What one scan found where: a machine or something else that answers. Each address once a scan. Thirty days. */
export const discoveryFindings = pgTable(
  "discovery_findings",
  {
    scanId: uuid("scan_id")
      .notNull()
      .references(() => discoveryScans.id, { onDelete: "cascade" }),
    address: text().notNull(),
    /** `address` as a number, for its order. */
    addressNumber: bigint("address_number", { mode: "number" }).notNull(),
    /** The row of the inbox; null: no machine that we know. */
    discoveredId: integer("discovered_id"),
    ports: integer().array().notNull(),
    /** What was seen of a device that is no known miner. */
    seen: text().array().notNull(),
    at: at("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.scanId, t.address] })],
)

/** The inbox: machines that scans found, each once a site. */
export const discoveredMiners = pgTable(
  "discovered_miners",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    siteId: integer("site_id")
      .notNull()
      .references(() => hostingSites.id),
    /** Who found it last: the one that will read it. */
    deviceId: integer("device_id")
      .notNull()
      .references(() => edgeDevices.id),
    scanId: uuid("scan_id"),
    /** `sn:` serial, else `mac:` MAC, else `at:` address and port; in lower case. */
    identityKey: text("identity_key").notNull(),
    address: text().notNull(),
    addressNumber: bigint("address_number", { mode: "number" }).notNull(),
    rpcPort: integer("rpc_port").notNull(),
    webPort: integer("web_port").notNull(),
    ports: integer().array().notNull(),
    family: text().notNull(),
    make: text(),
    model: text(),
    firmware: text(),
    firmwareVersion: text("firmware_version"),
    mac: text(),
    serial: text(),
    confidence: real().notNull(),
    evidence: text().array().notNull(),
    needsLogin: boolean("needs_login").notNull().default(false),
    state: text({ enum: ["new", "accepted", "ignored", "known", "gone"] }).notNull(),
    /** `hosting_miners.id` of the same machine. */
    minerId: integer("miner_id"),
    /** Where that machine is read now, when that is another address. */
    movedFrom: text("moved_from"),
    firstSeenAt: at("first_seen_at").notNull(),
    lastSeenAt: at("last_seen_at").notNull(),
    decidedBy: integer("decided_by"),
    decidedAt: at("decided_at"),
    /** Rows that were decided together, to take it back together. */
    decisionId: uuid("decision_id"),
    stateBefore: text("state_before", { enum: ["new", "accepted", "ignored", "known", "gone"] }),
    /** The target that its acceptance made. */
    targetId: integer("target_id"),
  },
  (t) => [
    uniqueIndex("discovered_miners_identity_key").on(t.siteId, t.identityKey),
    index("discovered_miners_state_idx").on(t.siteId, t.state, t.addressNumber),
    index("discovered_miners_decision_idx").on(t.decisionId),
    index("discovered_miners_device_idx").on(t.deviceId, t.addressNumber),
  ],
)

/** Scans that happen by themselves. */
export const discoverySchedules = pgTable(
  "discovery_schedules",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    siteId: integer("site_id")
      .notNull()
      .references(() => hostingSites.id),
    deviceId: integer("device_id")
      .notNull()
      .references(() => edgeDevices.id),
    targets: text().array().notNull(),
    options: jsonb().$type<{ ports: number[]; gpu: boolean; concurrency: number | null }>().notNull(),
    includeEdges: boolean("include_edges").notNull().default(false),
    /** One of the two. */
    everyHours: integer("every_hours"),
    /** `HH:MM` of the site's zone. */
    dailyAt: text("daily_at"),
    autoAccept: boolean("auto_accept").notNull().default(false),
    enabled: boolean().notNull().default(true),
    nextAt: at("next_at").notNull(),
    createdBy: integer("created_by"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    index("discovery_schedules_site_idx").on(t.siteId),
    index("discovery_schedules_next_idx").on(t.nextAt),
  ],
)
