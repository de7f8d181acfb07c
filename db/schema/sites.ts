import { boolean, index, integer, pgTable, real, smallint, text, timestamp } from "drizzle-orm/pg-core"

const at = (name: string) => timestamp(name, { withTimezone: true })

/** A mining site with its settings. `config_version` grows whenever something that `edge.config` sends changes. */
export const hostingSites = pgTable("hosting_sites", {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  slug: text().notNull().unique(),
  name: text().notNull(),
  location: text(),
  /** IANA zone: the site's pages show its times in it. */
  timezone: text().notNull().default("UTC"),
  /** A contact, not a grant (`decisions.md` 7). */
  ownerId: integer("owner_id"),
  contact: text(),
  pollIntervalS: integer("poll_interval_s").notNull().default(60),
  chipWarningC: real("chip_warning_c").notNull().default(85),
  chipCriticalC: real("chip_critical_c").notNull().default(95),
  boardWarningC: real("board_warning_c").notNull().default(70),
  boardCriticalC: real("board_critical_c").notNull().default(80),
  approvalBatchThreshold: integer("approval_batch_threshold").notNull().default(1),
  twoPersonRule: boolean("two_person_rule").notNull().default(false),
  clientCommandsAllowed: boolean("client_commands_allowed").notNull().default(false),
  /** Share of the site's machines in a wave, and the pause after a gate that was passed. */
  wavePercent: smallint("wave_percent").notNull().default(10),
  wavePauseS: integer("wave_pause_s").notNull().default(60),
  /** A wave halts when more than this share of it fails or stays away. */
  waveFailPercent: smallint("wave_fail_percent").notNull().default(10),
  /** A machine is back when it hashes at this share of its rate before. */
  waveHashPercent: smallint("wave_hash_percent").notNull().default(80),
  commandTtlMinutes: integer("command_ttl_minutes").notNull().default(30),
  /** Actions at the same time over all collectors of the site. */
  commandCap: integer("command_cap").notNull().default(32),
  /** Take a backup before CHANGE_POOL and UPDATE_FIRMWARE. */
  backupBeforeChange: boolean("backup_before_change").notNull().default(false),
  /** The kill switch: since then no collector of the site starts a command. */
  commandsPausedAt: at("commands_paused_at"),
  commandsPausedBy: integer("commands_paused_by"),
  commandsPauseReason: text("commands_pause_reason"),
  /** Days of 5-minute history; 0 keeps it. */
  historyDays: integer("history_days").notNull().default(30),
  statusPageEnabled: boolean("status_page_enabled").notNull().default(false),
  statusShowHashrate: boolean("status_show_hashrate").notNull().default(true),
  configVersion: integer("config_version").notNull().default(1),
  createdAt: at("created_at").notNull().defaultNow(),
  archivedAt: at("archived_at"),
})

/** What happened on the farm, for the lists of changes: a miner went offline, a board died, a collector fell silent. */
export const fleetEvents = pgTable(
  "fleet_events",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    siteId: integer("site_id").notNull(),
    minerId: integer("miner_id"),
    deviceId: integer("device_id"),
    kind: text({
      enum: [
        "miner_offline",
        "miner_online",
        "miner_added",
        "miner_moved",
        "board_lost",
        "board_back",
        "hot",
        "cooled",
        "collector_silent",
        "collector_back",
        "edge_event",
        "command_digest",
      ],
    }).notNull(),
    severity: text({ enum: ["info", "warning", "critical"] }).notNull(),
    message: text().notNull(),
    at: at("at").notNull(),
  },
  (t) => [
    index("fleet_events_site_at_idx").on(t.siteId, t.at),
    index("fleet_events_miner_at_idx").on(t.siteId, t.minerId, t.at),
  ],
)
