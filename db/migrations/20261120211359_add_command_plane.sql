CREATE TABLE "audit_chain" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"audit_id" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	"sealed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_chain_audit_id_unique" UNIQUE("audit_id")
);
--> statement-breakpoint
CREATE TABLE "audit_unsealed" (
	"audit_id" bigint PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "command_templates" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"command_type" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"created_by" integer,
	"created_at" timestamp with time zone NOT NULL,
	"updated_by" integer,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "command_templates_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "firmware_artifacts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"file_name" text NOT NULL,
	"version" text NOT NULL,
	"notes" text,
	"families" text[] NOT NULL,
	"models" text[] NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"object_id" bigint,
	"uploaded_by" integer,
	"uploaded_at" timestamp with time zone NOT NULL,
	"deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "miner_backups" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"miner_id" integer NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"kind" text NOT NULL,
	"family" text NOT NULL,
	"model" text,
	"firmware_version" text,
	"config" text NOT NULL,
	"config_hash" text NOT NULL,
	"sealed" text,
	"device_id" integer NOT NULL,
	"command_id" uuid NOT NULL,
	"created_by" integer,
	"created_at" timestamp with time zone NOT NULL,
	"validated_at" timestamp with time zone,
	"validated_by" integer,
	"problems" text[],
	CONSTRAINT "miner_backups_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "miner_capabilities" (
	"site_id" integer NOT NULL,
	"make" text NOT NULL,
	"model" text NOT NULL,
	"firmware" text NOT NULL,
	"firmware_version" text NOT NULL,
	"features" jsonb NOT NULL,
	"device_id" integer NOT NULL,
	"reported_at" timestamp with time zone NOT NULL,
	CONSTRAINT "miner_capabilities_site_id_make_model_firmware_firmware_version_pk" PRIMARY KEY("site_id","make","model","firmware","firmware_version")
);
--> statement-breakpoint
CREATE TABLE "command_waves" (
	"site_id" integer NOT NULL,
	"command_id" uuid NOT NULL,
	"wave" integer NOT NULL,
	"targets" integer NOT NULL,
	"released_at" timestamp with time zone,
	"answered_at" timestamp with time zone,
	"passed_at" timestamp with time zone,
	"halted_at" timestamp with time zone,
	"halt_reason" text,
	"resumed_at" timestamp with time zone,
	"resumed_by" integer,
	"good" integer DEFAULT 0 NOT NULL,
	"bad" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "command_waves_site_id_command_id_wave_pk" PRIMARY KEY("site_id","command_id","wave")
);
--> statement-breakpoint
CREATE TABLE "sealed_secrets" (
	"site_id" integer NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"device_id" integer NOT NULL,
	"sealed" text NOT NULL,
	CONSTRAINT "sealed_secrets_site_id_subject_type_subject_id_device_id_pk" PRIMARY KEY("site_id","subject_type","subject_id","device_id")
);
--> statement-breakpoint
DROP INDEX "miner_commands_queue_idx";--> statement-breakpoint
ALTER TABLE "miner_commands" ALTER COLUMN "expires_at" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "miner_commands" ADD COLUMN "feature" text;--> statement-breakpoint
UPDATE "miner_commands" SET "feature" = CASE "command_type" WHEN 'REBOOT' THEN 'REBOOT.' || ("parameters"->>'mode') ELSE "command_type" END;--> statement-breakpoint
ALTER TABLE "miner_commands" ALTER COLUMN "feature" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "miner_commands" ADD COLUMN "wave" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_command_results" ADD COLUMN "skip_reason" text;--> statement-breakpoint
ALTER TABLE "remote_command_results" ADD COLUMN "wave" integer;--> statement-breakpoint
ALTER TABLE "remote_command_results" ADD COLUMN "already" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_command_results" ADD COLUMN "hashrate_before_ghs" real;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "target_filter" jsonb;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "fingerprint" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "retry_of" uuid;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "backup_first" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "wave_size" integer;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "wave_pause_s" integer;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "wave_fail_percent" smallint;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "wave_hash_percent" smallint;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "waves" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "released_wave" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "next_wave_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "halted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "halt_reason" text;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "target_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "running_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "succeeded_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "failed_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "unknown_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "skipped_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_commands" ADD COLUMN "expired_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "edge_devices" ADD COLUMN "commands_paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "edge_devices" ADD COLUMN "commands_paused_by" integer;--> statement-breakpoint
ALTER TABLE "edge_devices" ADD COLUMN "commands_pause_reason" text;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "wave_pause_s" integer DEFAULT 60 NOT NULL;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "wave_fail_percent" smallint DEFAULT 10 NOT NULL;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "wave_hash_percent" smallint DEFAULT 80 NOT NULL;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "command_ttl_minutes" integer DEFAULT 30 NOT NULL;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "command_cap" integer DEFAULT 32 NOT NULL;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "backup_before_change" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "commands_paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "commands_paused_by" integer;--> statement-breakpoint
ALTER TABLE "hosting_sites" ADD COLUMN "commands_pause_reason" text;--> statement-breakpoint
CREATE UNIQUE INDEX "command_templates_name_key" ON "command_templates" USING btree ("site_id",lower("name"));--> statement-breakpoint
CREATE UNIQUE INDEX "firmware_artifacts_sha_key" ON "firmware_artifacts" USING btree ("sha256") WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "miner_backups_command_key" ON "miner_backups" USING btree ("site_id","command_id","miner_id");--> statement-breakpoint
CREATE INDEX "miner_backups_miner_idx" ON "miner_backups" USING btree ("site_id","miner_id","created_at");--> statement-breakpoint
CREATE INDEX "miner_backups_created_idx" ON "miner_backups" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "remote_command_results_wave_idx" ON "remote_command_results" USING btree ("site_id","command_id","wave");--> statement-breakpoint
CREATE INDEX "remote_commands_at_idx" ON "remote_commands" USING btree ("requested_at","id");--> statement-breakpoint
CREATE INDEX "remote_commands_person_idx" ON "remote_commands" USING btree ("requested_by","requested_at");--> statement-breakpoint
CREATE INDEX "remote_commands_retry_idx" ON "remote_commands" USING btree ("site_id","retry_of") WHERE retry_of is not null;--> statement-breakpoint
CREATE INDEX "miner_commands_queue_idx" ON "miner_commands" USING btree ("site_id","device_id","priority" DESC NULLS LAST,"id") WHERE status in ('pending','sent') and expires_at is not null;--> statement-breakpoint
-- How the targets of a command stand, exactly and without counting: every statement that touches results carries its difference over.
CREATE FUNCTION "count_command_results"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE "remote_commands" c SET
      "target_count" = c."target_count" + d.targets, "running_count" = c."running_count" + d.running,
      "succeeded_count" = c."succeeded_count" + d.succeeded, "failed_count" = c."failed_count" + d.failed,
      "unknown_count" = c."unknown_count" + d.unknown, "skipped_count" = c."skipped_count" + d.skipped,
      "expired_count" = c."expired_count" + d.expired
    FROM (
      SELECT "site_id", "command_id", count(*) AS targets,
        count(*) FILTER (WHERE "result_status" = 'RUNNING') AS running,
        count(*) FILTER (WHERE "result_status" = 'SUCCEEDED') AS succeeded,
        count(*) FILTER (WHERE "result_status" = 'FAILED' AND "result_code" IS DISTINCT FROM 5) AS failed,
        count(*) FILTER (WHERE "result_status" = 'FAILED' AND "result_code" = 5) AS unknown,
        count(*) FILTER (WHERE "result_status" = 'SKIPPED') AS skipped,
        count(*) FILTER (WHERE "skip_reason" = 'expired') AS expired
      FROM new_rows GROUP BY "site_id", "command_id"
    ) d WHERE c."site_id" = d."site_id" AND c."id" = d."command_id";
  ELSE
    UPDATE "remote_commands" c SET
      "running_count" = c."running_count" + d.running, "succeeded_count" = c."succeeded_count" + d.succeeded,
      "failed_count" = c."failed_count" + d.failed, "unknown_count" = c."unknown_count" + d.unknown,
      "skipped_count" = c."skipped_count" + d.skipped, "expired_count" = c."expired_count" + d.expired
    FROM (
      SELECT "site_id", "command_id",
        sum(sign) FILTER (WHERE "result_status" = 'RUNNING') AS running,
        sum(sign) FILTER (WHERE "result_status" = 'SUCCEEDED') AS succeeded,
        sum(sign) FILTER (WHERE "result_status" = 'FAILED' AND "result_code" IS DISTINCT FROM 5) AS failed,
        sum(sign) FILTER (WHERE "result_status" = 'FAILED' AND "result_code" = 5) AS unknown,
        sum(sign) FILTER (WHERE "result_status" = 'SKIPPED') AS skipped,
        sum(sign) FILTER (WHERE "skip_reason" = 'expired') AS expired
      FROM (
        SELECT "site_id", "command_id", "result_status", "result_code", "skip_reason", 1 AS sign FROM new_rows
        UNION ALL
        SELECT "site_id", "command_id", "result_status", "result_code", "skip_reason", -1 FROM old_rows
      ) changes GROUP BY "site_id", "command_id"
    ) raw
    CROSS JOIN LATERAL (SELECT raw."site_id", raw."command_id", coalesce(raw.running, 0) AS running,
      coalesce(raw.succeeded, 0) AS succeeded, coalesce(raw.failed, 0) AS failed, coalesce(raw.unknown, 0) AS unknown,
      coalesce(raw.skipped, 0) AS skipped, coalesce(raw.expired, 0) AS expired) d
    WHERE c."site_id" = d."site_id" AND c."id" = d."command_id"
      AND (d.running, d.succeeded, d.failed, d.unknown, d.skipped, d.expired) <> (0, 0, 0, 0, 0, 0);
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "remote_command_results_counted_in" AFTER INSERT ON "remote_command_results" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_command_results"();--> statement-breakpoint
CREATE TRIGGER "remote_command_results_counted_on" AFTER UPDATE ON "remote_command_results" REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "count_command_results"();--> statement-breakpoint
UPDATE "remote_command_results" r SET "skip_reason" = 'expired' FROM "miner_commands" e WHERE e."site_id" = r."site_id" AND e."remote_command_id" = r."command_id" AND e."miner_id" = r."miner_id" AND e."status" = 'expired';--> statement-breakpoint
UPDATE "remote_commands" c SET
  "target_count" = n.targets, "running_count" = n.running, "succeeded_count" = n.succeeded, "failed_count" = n.failed,
  "unknown_count" = n.unknown, "skipped_count" = n.skipped, "expired_count" = n.expired
FROM (
  SELECT "site_id", "command_id", count(*) AS targets,
    count(*) FILTER (WHERE "result_status" = 'RUNNING') AS running,
    count(*) FILTER (WHERE "result_status" = 'SUCCEEDED') AS succeeded,
    count(*) FILTER (WHERE "result_status" = 'FAILED' AND "result_code" IS DISTINCT FROM 5) AS failed,
    count(*) FILTER (WHERE "result_status" = 'FAILED' AND "result_code" = 5) AS unknown,
    count(*) FILTER (WHERE "result_status" = 'SKIPPED') AS skipped,
    count(*) FILTER (WHERE "skip_reason" = 'expired') AS expired
  FROM "remote_command_results" GROUP BY "site_id", "command_id"
) n WHERE c."site_id" = n."site_id" AND c."id" = n."command_id";--> statement-breakpoint
-- Every audit row waits to be sealed; committing tells the worker.
CREATE FUNCTION "queue_audit_seal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "audit_unsealed" SELECT "id" FROM new_rows;
  PERFORM pg_notify('lamproom_audit', '');
  RETURN NULL;
END $$;--> statement-breakpoint
INSERT INTO "audit_unsealed" SELECT "id" FROM "audit_log";--> statement-breakpoint
CREATE TRIGGER "audit_log_queue_seal" AFTER INSERT ON "audit_log" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "queue_audit_seal"();--> statement-breakpoint
CREATE TRIGGER "audit_chain_append_only" BEFORE UPDATE OR DELETE ON "audit_chain" FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "audit_chain_no_truncate" BEFORE TRUNCATE ON "audit_chain" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
