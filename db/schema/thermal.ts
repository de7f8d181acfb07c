import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  real,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core"
import { hostingSites } from "./sites.ts"

const at = (name: string) => timestamp(name, { withTimezone: true })
const ACTIONS = ["fan_up", "eco", "sleep", "off"] as const

/** The thermal guard's policy of a site (`decisions.md` 30). No row: not armed, warned by the site's chip limits. */
export const thermalProtectionConfig = pgTable("thermal_protection_config", {
  siteId: integer("site_id")
    .primaryKey()
    .references(() => hostingSites.id),
  armed: boolean().notNull().default(false),
  /** °C of the hottest chip, else board sensor. */
  warningC: real("warning_c").notNull(),
  criticalC: real("critical_c").notNull(),
  resumeC: real("resume_c").notNull(),
  /** Those that may be taken, in their order. */
  actions: text({ enum: ACTIONS }).array().notNull(),
  fanUpCoolDownS: integer("fan_up_cool_down_s").notNull(),
  ecoCoolDownS: integer("eco_cool_down_s").notNull(),
  sleepCoolDownS: integer("sleep_cool_down_s").notNull(),
  offCoolDownS: integer("off_cool_down_s").notNull(),
  maxActionsPerMinute: integer("max_actions_per_minute").notNull(),
  /** Grows with every change: who saves an older one is told. */
  version: integer().notNull().default(1),
  updatedAt: at("updated_at").notNull(),
  updatedBy: integer("updated_by"),
})

/** What the guard saw and did; 400 days. `event_id` is made at the edge: an upload that comes twice is stored once. */
export const thermalEvents = pgTable(
  "thermal_events",
  {
    eventId: uuid("event_id").primaryKey(),
    seq: bigint({ mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    siteId: integer("site_id").notNull(),
    /** Null: told by the server itself. */
    deviceId: integer("device_id"),
    /** Null: of the whole site, or a machine of which no sample has arrived yet (`miner_key` knows it). */
    minerId: integer("miner_id"),
    /** The edge's name of the machine, in lower case. */
    minerKey: text("miner_key"),
    kind: text({
      enum: [
        "warning",
        "unreadable",
        "held",
        "action",
        "skipped",
        "failed",
        "resumed",
        "released",
        "cleared",
        "guard_silent",
        "unguarded",
      ],
    }).notNull(),
    action: text({ enum: ACTIONS }),
    temperatureC: real("temperature_c"),
    thresholdC: real("threshold_c"),
    message: text().notNull(),
    at: at("at").notNull(),
    receivedAt: at("received_at").notNull(),
  },
  (t) => [
    index("thermal_events_site_at_idx").on(t.siteId, t.at),
    index("thermal_events_miner_at_idx").on(t.siteId, t.minerId, t.at),
    index("thermal_events_at_idx").on(t.at),
  ],
)

/** Machines that a guard holds now, as their collector told it last. */
export const thermalHolds = pgTable(
  "thermal_holds",
  {
    siteId: integer("site_id").notNull(),
    minerId: integer("miner_id").notNull(),
    deviceId: integer("device_id").notNull(),
    since: at("since").notNull(),
    temperatureC: real("temperature_c"),
    thresholdC: real("threshold_c"),
    /** What was changed and not yet undone, in its order. */
    actions: text({ enum: ACTIONS }).array().notNull(),
    toldAt: at("told_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.minerId] }),
    index("thermal_holds_device_idx").on(t.siteId, t.deviceId),
  ],
)
