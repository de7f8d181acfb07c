import { sql } from "drizzle-orm"
import { bigint, customType, index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core"

/** Who did what, when and from where. Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE; rows hold no secrets. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** null: the system or a device; `actor` says which. */
    userId: integer("user_id"),
    /** `user:3 mail`, `device:2 name`, `system:job`. */
    actor: text().notNull(),
    source: text({ enum: ["manual", "scheduled", "automatic", "api", "edge", "cli"] }).notNull(),
    address: text(),
    requestId: text("request_id"),
    /** `noun.verb`, e.g. `command.request`, `site.update`, `user.disable`. */
    action: text().notNull(),
    siteId: integer("site_id"),
    subjectType: text("subject_type").notNull(),
    subjectId: text("subject_id").notNull(),
    before: jsonb(),
    after: jsonb(),
    details: jsonb(),
  },
  (t) => [
    index("audit_log_at_idx").on(t.at),
    index("audit_log_site_at_idx").on(t.siteId, t.at),
    index("audit_log_subject_idx").on(t.subjectType, t.subjectId, t.at),
  ],
)

const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" })

/** Rows that the chain does not hold yet; a trigger on `audit_log` puts them here, sealing takes them out. */
export const auditUnsealed = pgTable("audit_unsealed", {
  auditId: bigint("audit_id", { mode: "number" }).primaryKey(),
})

/** The append-only chain over `audit_log` (`decisions.md` 25): `hash` = SHA-256 of the link before and the row's text. */
export const auditChain = pgTable("audit_chain", {
  seq: bigint({ mode: "number" }).primaryKey(),
  auditId: bigint("audit_id", { mode: "number" }).notNull().unique(),
  hash: bytea().notNull(),
  sealedAt: timestamp("sealed_at", { withTimezone: true }).notNull().default(sql`now()`),
})
