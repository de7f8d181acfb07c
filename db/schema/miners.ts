import { sql } from "drizzle-orm"
import { index, integer, jsonb, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core"
import { hostingSites } from "./sites.ts"

const at = (name: string) => timestamp(name, { withTimezone: true })

/**
 * Machines, provisioned from uploads. Uploads own address, make, model, firmware, MAC and serial; people own
 * label, place, tags, notes and state (`decisions.md` 8). `miner_key` is `miner_id` in lower case.
 */
export const hostingMiners = pgTable(
  "hosting_miners",
  {
    id: integer().notNull().generatedAlwaysAsIdentity(),
    siteId: integer("site_id")
      .notNull()
      .references(() => hostingSites.id),
    minerId: text("miner_id").notNull(),
    minerKey: text("miner_key").notNull().generatedAlwaysAs(sql`lower(miner_id)`),
    deviceId: integer("device_id"),
    ipAddress: text("ip_address"),
    make: text(),
    model: text(),
    firmware: text(),
    firmwareVersion: text("firmware_version"),
    mac: text(),
    serial: text(),
    label: text(),
    place: text(),
    tags: text().array().notNull().default(sql`'{}'`),
    notes: text(),
    state: text({ enum: ["active", "spare", "retired"] })
      .notNull()
      .default("active"),
    firstSeenAt: at("first_seen_at").notNull().defaultNow(),
    /** Free-text search: every word a person may type, in lower case; worker and owner are joined at the query. */
    searchText: text("search_text")
      .notNull()
      .generatedAlwaysAs(
        sql`lower(miner_id || ' ' || coalesce(ip_address, '') || ' ' || coalesce(make, '') || ' ' || coalesce(model, '') || ' ' || coalesce(mac, '') || ' ' || coalesce(serial, '') || ' ' || coalesce(label, '') || ' ' || coalesce(place, ''))`,
      ),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.id] }),
    index("hosting_miners_id_idx").on(t.id),
    uniqueIndex("hosting_miners_key").on(t.siteId, t.minerKey),
    // All that counts and totals need of a machine, without reading its row.
    index("hosting_miners_state_idx").on(t.siteId, t.state, t.id, t.deviceId),
    index("hosting_miners_device_idx").on(t.siteId, t.deviceId),
    index("hosting_miners_tags_idx").using("gin", t.tags),
    // The order of lists: the first page of a million machines is read, not sorted.
    index("hosting_miners_name_idx").on(sql`lower(coalesce(${t.label}, ${t.minerId}))`, t.siteId, t.id),
    index("hosting_miners_search_idx").using("gin", sql`${t.searchText} gin_trgm_ops`),
  ],
)

/** Which client owns which machine, and when. An exclusion constraint forbids overlapping ownership of one machine. */
export const userMiners = pgTable(
  "user_miners",
  {
    id: integer().notNull().generatedAlwaysAsIdentity(),
    siteId: integer("site_id").notNull(),
    minerId: integer("miner_id").notNull(),
    userId: integer("user_id").notNull(),
    fromAt: at("from_at").notNull(),
    /** Exclusive; null: until further notice. */
    toAt: at("to_at"),
    createdBy: integer("created_by"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.id] }),
    index("user_miners_user_idx").on(t.userId, t.siteId),
    index("user_miners_miner_idx").on(t.siteId, t.minerId),
  ],
)

/** Small facts about this installation, e.g. the demo that was seeded. */
export const installation = pgTable("installation", {
  name: text().primaryKey(),
  value: jsonb().notNull(),
  updatedAt: at("updated_at").notNull().defaultNow(),
})
