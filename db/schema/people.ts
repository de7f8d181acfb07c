import { sql } from "drizzle-orm"
import { check, index, integer, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core"
import { hostingSites } from "./sites.ts"

const at = (name: string) => timestamp(name, { withTimezone: true })

/** Accounts. `kind` client: sees only the machines he owns. `global_role`: admin or auditor everywhere, else by membership. */
export const userAccess = pgTable(
  "user_access",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    email: text().notNull(),
    name: text().notNull(),
    passwordHash: text("password_hash"),
    kind: text({ enum: ["staff", "client"] })
      .notNull()
      .default("staff"),
    globalRole: text("global_role", { enum: ["admin", "auditor"] }),
    disabledAt: at("disabled_at"),
    passwordChangedAt: at("password_changed_at"),
    lastLoginAt: at("last_login_at"),
    /** A site_manager sees the client he made before that one owns a machine. */
    createdBy: integer("created_by"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("user_access_email_key").on(sql`lower(${t.email})`),
    check("user_access_client_has_no_role", sql`${t.kind} = 'staff' or ${t.globalRole} is null`),
  ],
)

export const siteMemberships = pgTable(
  "site_memberships",
  {
    siteId: integer("site_id")
      .notNull()
      .references(() => hostingSites.id, { onDelete: "cascade" }),
    userId: integer("user_id")
      .notNull()
      .references(() => userAccess.id, { onDelete: "cascade" }),
    role: text({ enum: ["site_manager", "operator", "technician", "auditor"] }).notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.userId] }), index("site_memberships_user_idx").on(t.userId)],
)

/** Lucia's sessions. `id` is the SHA-256 of what the cookie holds, so that a copy of the table opens nothing. */
export const sessions = pgTable(
  "sessions",
  {
    id: text().primaryKey(),
    userId: integer("user_id")
      .notNull()
      .references(() => userAccess.id, { onDelete: "cascade" }),
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    address: text(),
    userAgent: text("user_agent"),
  },
  (t) => [index("sessions_user_idx").on(t.userId), index("sessions_expires_idx").on(t.expiresAt)],
)

/** One-time links that set a password: invitation or reset. Only the SHA-256 of the token is kept. */
export const accountLinks = pgTable("account_links", {
  tokenHash: text("token_hash").primaryKey(),
  userId: integer("user_id")
    .notNull()
    .references(() => userAccess.id, { onDelete: "cascade" }),
  createdBy: integer("created_by"),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
  createdAt: at("created_at").notNull().defaultNow(),
})

/** Failed logins in a row, per account (`account:EMAIL`) and per address (`address:IP`). */
export const loginThrottle = pgTable("login_throttle", {
  key: text().primaryKey(),
  failures: integer().notNull().default(0),
  lockedUntil: at("locked_until"),
  updatedAt: at("updated_at").notNull().defaultNow(),
})
