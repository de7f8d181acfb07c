import { sql } from "drizzle-orm"
import { index, integer, pgTable, primaryKey, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core"
import { CREDENTIAL_SCOPES } from "#server/contract/miner-credentials.ts"

const at = (name: string) => timestamp(name, { withTimezone: true })

/** Logins of machines, assigned to a site, a family at a site or one machine. No password: see `miner_credential_seals`. */
export const minerCredentials = pgTable(
  "miner_credentials",
  {
    siteId: integer("site_id").notNull(),
    id: uuid().notNull(),
    scope: text({ enum: CREDENTIAL_SCOPES }).notNull(),
    /** A driver family, of scope `family`. */
    family: text(),
    /** `hosting_miners.id`, of scope `miner`. */
    minerId: integer("miner_id"),
    username: text().notNull(),
    /** Grows with each change; the seals are those of this version. */
    version: integer().notNull(),
    setBy: integer("set_by"),
    setAt: at("set_at").notNull(),
    /** The SET_LOGIN that brought it; null: a person typed it. */
    commandId: uuid("command_id"),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.id] }),
    uniqueIndex("miner_credentials_subject_key").on(
      t.siteId,
      t.scope,
      sql`coalesce(${t.family}, '')`,
      sql`coalesce(${t.minerId}, 0)`,
    ),
    index("miner_credentials_miner_idx").on(t.siteId, t.minerId).where(sql`miner_id is not null`),
  ],
)

/** The password of a login, sealed to one collector: nobody but it can open the text, the server neither. */
export const minerCredentialSeals = pgTable(
  "miner_credential_seals",
  {
    siteId: integer("site_id").notNull(),
    credentialId: uuid("credential_id").notNull(),
    deviceId: integer("device_id").notNull(),
    sealed: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.credentialId, t.deviceId] }),
    index("miner_credential_seals_device_idx").on(t.siteId, t.deviceId),
  ],
)

/** Machines that refuse the login that their collector has. A row goes when the machine takes one. */
export const minerLoginRefusals = pgTable(
  "miner_login_refusals",
  {
    siteId: integer("site_id").notNull(),
    minerId: integer("miner_id").notNull(),
    deviceId: integer("device_id").notNull(),
    /** The refused user name; '' where a login has none. */
    username: text().notNull(),
    since: at("since").notNull(),
    reportedAt: at("reported_at").notNull(),
    /** A person asked to try again; the collector hears of it with its configuration. */
    retryAt: at("retry_at"),
    retryBy: integer("retry_by"),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.minerId] }),
    index("miner_login_refusals_device_idx").on(t.siteId, t.deviceId),
  ],
)
