import { sql } from "drizzle-orm"
import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core"
import { type COMMAND_FEATURES, COMMAND_TYPES } from "#server/contract/commands.ts"

const at = (name: string) => timestamp(name, { withTimezone: true })

/** What commands draw on: capabilities by model and firmware, templates, backups of machines, firmware. */

/** As the collectors reported it; the key is what `hosting_miners` says of a machine, '' for unknown. */
export const minerCapabilities = pgTable(
  "miner_capabilities",
  {
    siteId: integer("site_id").notNull(),
    make: text().notNull(),
    model: text().notNull(),
    firmware: text().notNull(),
    firmwareVersion: text("firmware_version").notNull(),
    /** Feature → null, or why not. */
    features: jsonb().$type<Partial<Record<(typeof COMMAND_FEATURES)[number], string | null>>>().notNull(),
    deviceId: integer("device_id").notNull(),
    reportedAt: at("reported_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.siteId, t.make, t.model, t.firmware, t.firmwareVersion] })],
)

/** A named command for a site's people to use again; its secrets are in `sealed_secrets`. */
export const commandTemplates = pgTable(
  "command_templates",
  {
    siteId: integer("site_id").notNull(),
    id: uuid().notNull(),
    name: text().notNull(),
    description: text(),
    commandType: text("command_type", { enum: COMMAND_TYPES }).notNull(),
    /** As `storedActionSchema`. */
    parameters: jsonb().notNull(),
    createdBy: integer("created_by"),
    createdAt: at("created_at").notNull(),
    updatedBy: integer("updated_by"),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.id] }),
    uniqueIndex("command_templates_name_key").on(t.siteId, sql`lower(${t.name})`),
  ],
)

/** A machine's settings at a moment. The settings are enciphered at rest, their passwords sealed to the collector. */
export const minerBackups = pgTable(
  "miner_backups",
  {
    siteId: integer("site_id").notNull(),
    id: uuid().notNull(),
    minerId: integer("miner_id").notNull(),
    name: text().notNull(),
    description: text(),
    kind: text({ enum: ["manual", "automatic", "pre_update"] }).notNull(),
    family: text().notNull(),
    model: text(),
    firmwareVersion: text("firmware_version"),
    /** `MinerConfiguration` as JSON, enciphered with the installation's secret. */
    config: text().notNull(),
    /** HMAC of the plain settings: equal for equal settings of an installation. */
    configHash: text("config_hash").notNull(),
    sealed: text(),
    deviceId: integer("device_id").notNull(),
    commandId: uuid("command_id").notNull(),
    createdBy: integer("created_by"),
    createdAt: at("created_at").notNull(),
    validatedAt: at("validated_at"),
    validatedBy: integer("validated_by"),
    /** What validation found wrong; empty: it can be restored. Null before. */
    problems: text().array(),
  },
  (t) => [
    primaryKey({ columns: [t.siteId, t.id] }),
    uniqueIndex("miner_backups_command_key").on(t.siteId, t.commandId, t.minerId),
    index("miner_backups_miner_idx").on(t.siteId, t.minerId, t.createdAt),
    index("miner_backups_created_idx").on(t.createdAt, t.id),
  ],
)

/** Firmware files, in a large object each; admins upload them (`decisions.md` 24). */
export const firmwareArtifacts = pgTable(
  "firmware_artifacts",
  {
    id: uuid().primaryKey(),
    fileName: text("file_name").notNull(),
    version: text().notNull(),
    notes: text(),
    /** Driver families and model names it is for; no models: all of the family. */
    families: text().array().notNull(),
    models: text().array().notNull(),
    sha256: text().notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    /** The large object; null once its bytes were deleted. */
    objectId: bigint("object_id", { mode: "number" }),
    uploadedBy: integer("uploaded_by"),
    uploadedAt: at("uploaded_at").notNull(),
    deletedAt: at("deleted_at"),
  },
  (t) => [uniqueIndex("firmware_artifacts_sha_key").on(t.sha256).where(sql`deleted_at is null`)],
)
