CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS btree_gist;--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"user_id" integer,
	"actor" text NOT NULL,
	"source" text NOT NULL,
	"address" text,
	"request_id" text,
	"action" text NOT NULL,
	"site_id" integer,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"details" jsonb
);
--> statement-breakpoint
CREATE TABLE "miner_commands" (
	"site_id" integer NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "miner_commands_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"remote_command_id" uuid NOT NULL,
	"miner_id" integer NOT NULL,
	"device_id" integer NOT NULL,
	"command_type" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"priority" smallint NOT NULL,
	"attempt" smallint DEFAULT 0 NOT NULL,
	"fencing_token" bigint DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp with time zone,
	"completed_at" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "miner_commands_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "remote_command_results" (
	"site_id" integer NOT NULL,
	"command_id" uuid NOT NULL,
	"miner_id" integer NOT NULL,
	"result_status" text DEFAULT 'PENDING' NOT NULL,
	"result_code" smallint,
	"result_message" text,
	"ran" text,
	"before" jsonb,
	"after" jsonb,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"recovered_at" timestamp with time zone,
	CONSTRAINT "remote_command_results_site_id_command_id_miner_id_pk" PRIMARY KEY("site_id","command_id","miner_id")
);
--> statement-breakpoint
CREATE TABLE "remote_commands" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"batch_id" uuid,
	"request_id" uuid NOT NULL,
	"command_type" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"status" text NOT NULL,
	"source" text DEFAULT 'manual' NOT NULL,
	"target_ids" integer[] NOT NULL,
	"approval_reasons" text[] DEFAULT '{}' NOT NULL,
	"note" text,
	"priority" smallint NOT NULL,
	"ttl_minutes" integer NOT NULL,
	"requested_by" integer,
	"requested_at" timestamp with time zone NOT NULL,
	"approval_expires_at" timestamp with time zone,
	"approved_by" integer,
	"approved_at" timestamp with time zone,
	"denied_by" integer,
	"deny_reason" text,
	"cancelled_by" integer,
	"cancelled_at" timestamp with time zone,
	"queued_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"outcome" text,
	CONSTRAINT "remote_commands_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "collector_keys" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "collector_keys_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"device_id" integer NOT NULL,
	"key_hash" text NOT NULL,
	"prefix" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"revoked_by" integer
);
--> statement-breakpoint
CREATE TABLE "collector_upload_logs" (
	"site_id" integer NOT NULL,
	"batch_id" uuid NOT NULL,
	"device_id" integer NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"collected_at" timestamp with time zone NOT NULL,
	"miner_count" integer NOT NULL,
	"online" integer NOT NULL,
	"offline" integer NOT NULL,
	"rejected" integer DEFAULT 0 NOT NULL,
	"wire_bytes" integer,
	"processing_ms" integer NOT NULL,
	"edge_version" text
);
--> statement-breakpoint
CREATE TABLE "edge_devices" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "edge_devices_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"name" text NOT NULL,
	"instance_id" uuid,
	"public_key" text,
	"hostname" text,
	"platform" text,
	"edge_version" text,
	"enrolled_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone,
	"silent_since" timestamp with time zone,
	"clock_offset_ms" integer,
	"config_version" integer DEFAULT 0 NOT NULL,
	"miners_known" integer,
	"miners_online" integer,
	"spool" jsonb,
	"rss_bytes" bigint,
	"last_poll_cycle_ms" integer,
	"unacked_results" integer,
	"journal_epoch" uuid,
	"journal_seq" bigint,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "edge_targets" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "edge_targets_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"device_id" integer NOT NULL,
	"value" text NOT NULL,
	"web_port" integer,
	"family" text,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "enrollment_codes" (
	"code_hash" text PRIMARY KEY NOT NULL,
	"site_id" integer NOT NULL,
	"device_name" text NOT NULL,
	"created_by" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"device_id" integer
);
--> statement-breakpoint
CREATE TABLE "hosting_miners" (
	"id" integer GENERATED ALWAYS AS IDENTITY (sequence name "hosting_miners_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"miner_id" text NOT NULL,
	"miner_key" text GENERATED ALWAYS AS (lower(miner_id)) STORED NOT NULL,
	"device_id" integer,
	"ip_address" text,
	"make" text,
	"model" text,
	"firmware" text,
	"firmware_version" text,
	"mac" text,
	"serial" text,
	"label" text,
	"place" text,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"notes" text,
	"state" text DEFAULT 'active' NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"search_text" text GENERATED ALWAYS AS (lower(miner_id || ' ' || coalesce(ip_address, '') || ' ' || coalesce(make, '') || ' ' || coalesce(model, '') || ' ' || coalesce(mac, '') || ' ' || coalesce(serial, '') || ' ' || coalesce(label, '') || ' ' || coalesce(place, ''))) STORED NOT NULL,
	CONSTRAINT "hosting_miners_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"name" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "user_miners" (
	"id" integer GENERATED ALWAYS AS IDENTITY (sequence name "user_miners_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"miner_id" integer NOT NULL,
	"user_id" integer NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone,
	"created_by" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_miners_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "account_links" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"user_id" integer NOT NULL,
	"created_by" integer,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "login_throttle" (
	"key" text PRIMARY KEY NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"locked_until" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"address" text,
	"user_agent" text
);
--> statement-breakpoint
CREATE TABLE "site_memberships" (
	"site_id" integer NOT NULL,
	"user_id" integer NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "site_memberships_site_id_user_id_pk" PRIMARY KEY("site_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "user_access" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "user_access_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text,
	"kind" text DEFAULT 'staff' NOT NULL,
	"global_role" text,
	"disabled_at" timestamp with time zone,
	"password_changed_at" timestamp with time zone,
	"last_login_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_access_client_has_no_role" CHECK ("user_access"."kind" = 'staff' or "user_access"."global_role" is null)
);
--> statement-breakpoint
CREATE TABLE "fleet_events" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "fleet_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"miner_id" integer,
	"device_id" integer,
	"kind" text NOT NULL,
	"severity" text NOT NULL,
	"message" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hosting_sites" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "hosting_sites_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"location" text,
	"timezone" text DEFAULT 'UTC' NOT NULL,
	"owner_id" integer,
	"contact" text,
	"poll_interval_s" integer DEFAULT 60 NOT NULL,
	"chip_warning_c" real DEFAULT 85 NOT NULL,
	"chip_critical_c" real DEFAULT 95 NOT NULL,
	"board_warning_c" real DEFAULT 70 NOT NULL,
	"board_critical_c" real DEFAULT 80 NOT NULL,
	"approval_batch_threshold" integer DEFAULT 1 NOT NULL,
	"two_person_rule" boolean DEFAULT false NOT NULL,
	"client_commands_allowed" boolean DEFAULT false NOT NULL,
	"wave_percent" smallint DEFAULT 10 NOT NULL,
	"history_days" integer DEFAULT 30 NOT NULL,
	"status_page_enabled" boolean DEFAULT false NOT NULL,
	"status_show_hashrate" boolean DEFAULT true NOT NULL,
	"config_version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp with time zone,
	CONSTRAINT "hosting_sites_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "job_runs" (
	"name" text PRIMARY KEY NOT NULL,
	"last_success_at" timestamp with time zone,
	"last_started_at" timestamp with time zone,
	"last_duration_ms" integer,
	"last_error" text,
	"last_error_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "miner_board_telemetry" (
	"site_id" integer NOT NULL,
	"miner_id" integer NOT NULL,
	"bucket_at" timestamp with time zone NOT NULL,
	"board" smallint NOT NULL,
	"samples" smallint NOT NULL,
	"hashrate_ghs" real,
	"temp" real,
	"temp_chip_max" real,
	"frequency" real,
	"voltage" real,
	"chips_ok" smallint,
	"chips_total" smallint,
	"health" smallint,
	CONSTRAINT "miner_board_telemetry_site_id_miner_id_bucket_at_board_pk" PRIMARY KEY("site_id","miner_id","bucket_at","board")
) PARTITION BY RANGE ("bucket_at");
--> statement-breakpoint
CREATE TABLE "miner_telemetry_history" (
	"site_id" integer NOT NULL,
	"miner_id" integer NOT NULL,
	"bucket_at" timestamp with time zone NOT NULL,
	"samples" smallint NOT NULL,
	"samples_online" smallint NOT NULL,
	"samples_mining" smallint NOT NULL,
	"hashrate_ghs" real,
	"hashrate_min_ghs" real,
	"hashrate_max_ghs" real,
	"hashrate_expected_ghs" real,
	"temperature_avg" real,
	"temperature_min" real,
	"temperature_max" real,
	"temperature_inlet" real,
	"temperature_outlet" real,
	"fan_speed" real,
	"frequency_avg" real,
	"voltage_avg" real,
	"power_consumption" real,
	"power_max" real,
	"efficiency" real,
	"pool_latency_ms" real,
	"latency_ms" real,
	"accepted_shares" bigint,
	"rejected_shares" bigint,
	"stale_shares" bigint,
	"hardware_errors" bigint,
	"uptime_seconds" integer,
	"overall_health" smallint,
	CONSTRAINT "miner_telemetry_history_site_id_miner_id_bucket_at_pk" PRIMARY KEY("site_id","miner_id","bucket_at")
) PARTITION BY RANGE ("bucket_at");
--> statement-breakpoint
CREATE TABLE "miner_telemetry_live" (
	"site_id" integer NOT NULL,
	"miner_id" integer NOT NULL,
	"collected_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"online" boolean NOT NULL,
	"misses" smallint DEFAULT 0 NOT NULL,
	"offline_since" timestamp with time zone,
	"mining" boolean,
	"hashrate_ghs" double precision,
	"hashrate_5s_ghs" double precision,
	"hashrate_expected_ghs" double precision,
	"temperature_avg" real,
	"temperature_min" real,
	"temperature_max" real,
	"temperature_chips" real[],
	"temperature_inlet" real,
	"temperature_outlet" real,
	"fan_speeds" integer[],
	"frequency_avg" real,
	"voltage_avg" real,
	"accepted_shares" bigint,
	"rejected_shares" bigint,
	"stale_shares" bigint,
	"hardware_errors" bigint,
	"uptime_seconds" integer,
	"power_consumption" real,
	"power_estimated" boolean,
	"efficiency" real,
	"power_mode" text,
	"pool_url" text,
	"worker_name" text,
	"pool_latency_ms" real,
	"pools" jsonb,
	"boards" jsonb,
	"boards_total" smallint,
	"boards_healthy" smallint,
	"overall_health" text,
	"errors" jsonb,
	"error_message" text,
	"latency_ms" real,
	CONSTRAINT "miner_telemetry_live_site_id_miner_id_pk" PRIMARY KEY("site_id","miner_id")
) WITH (fillfactor = 70);
--> statement-breakpoint
CREATE TABLE "rollup_pending" (
	"site_id" integer NOT NULL,
	"bucket_at" timestamp with time zone NOT NULL,
	"touched_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rollup_pending_site_id_bucket_at_pk" PRIMARY KEY("site_id","bucket_at")
);
--> statement-breakpoint
CREATE TABLE "site_telemetry_history" (
	"site_id" integer NOT NULL,
	"bucket_at" timestamp with time zone NOT NULL,
	"miners" integer NOT NULL,
	"miners_online" integer NOT NULL,
	"hashrate_ghs" double precision,
	"hashrate_expected_ghs" double precision,
	"power_consumption" double precision,
	"temperature_max" real,
	"samples" integer NOT NULL,
	"samples_online" integer NOT NULL,
	CONSTRAINT "site_telemetry_history_site_id_bucket_at_pk" PRIMARY KEY("site_id","bucket_at")
);
--> statement-breakpoint
CREATE TABLE "site_uptime_daily" (
	"site_id" integer NOT NULL,
	"day" date NOT NULL,
	"samples" bigint NOT NULL,
	"samples_online" bigint NOT NULL,
	CONSTRAINT "site_uptime_daily_site_id_day_pk" PRIMARY KEY("site_id","day")
);
--> statement-breakpoint
CREATE TABLE "telemetry_labels" (
	"site_id" integer NOT NULL,
	"id" integer GENERATED ALWAYS AS IDENTITY (sequence name "telemetry_labels_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"pool_url" text NOT NULL,
	"worker_name" text NOT NULL,
	CONSTRAINT "telemetry_labels_site_id_pool_url_worker_name_pk" PRIMARY KEY("site_id","pool_url","worker_name")
);
--> statement-breakpoint
CREATE TABLE "telemetry_raw_24h" (
	"site_id" integer NOT NULL,
	"miner_id" integer NOT NULL,
	"collected_at" timestamp with time zone NOT NULL,
	"accepted_shares" bigint,
	"rejected_shares" bigint,
	"stale_shares" bigint,
	"hardware_errors" bigint,
	"uptime_seconds" integer,
	"hashrate_ghs" real,
	"hashrate_5s_ghs" real,
	"hashrate_expected_ghs" real,
	"temperature_avg" real,
	"temperature_min" real,
	"temperature_max" real,
	"temperature_inlet" real,
	"temperature_outlet" real,
	"frequency_avg" real,
	"voltage_avg" real,
	"power_consumption" real,
	"efficiency" real,
	"pool_latency_ms" real,
	"latency_ms" real,
	"label_id" integer,
	"boards_total" smallint,
	"boards_healthy" smallint,
	"online" boolean NOT NULL,
	"mining" boolean,
	"power_estimated" boolean,
	"power_mode" smallint,
	"overall_health" smallint,
	"fan_speeds" integer[],
	"temperature_chips" real[],
	"board_ids" smallint[],
	"board_hashrate_ghs" real[],
	"board_temp" real[],
	"board_temp_chip_max" real[],
	"board_frequency" real[],
	"board_voltage" real[],
	"board_chips_ok" smallint[],
	"board_chips_total" smallint[],
	"rare" jsonb
) PARTITION BY RANGE ("collected_at");
--> statement-breakpoint
ALTER TABLE "collector_keys" ADD CONSTRAINT "collector_keys_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collector_keys" ADD CONSTRAINT "collector_keys_device_id_edge_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."edge_devices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "edge_devices" ADD CONSTRAINT "edge_devices_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "edge_targets" ADD CONSTRAINT "edge_targets_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "edge_targets" ADD CONSTRAINT "edge_targets_device_id_edge_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."edge_devices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrollment_codes" ADD CONSTRAINT "enrollment_codes_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hosting_miners" ADD CONSTRAINT "hosting_miners_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_links" ADD CONSTRAINT "account_links_user_id_user_access_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_access"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_user_access_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_access"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "site_memberships" ADD CONSTRAINT "site_memberships_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "site_memberships" ADD CONSTRAINT "site_memberships_user_id_user_access_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_access"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_log_at_idx" ON "audit_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "audit_log_site_at_idx" ON "audit_log" USING btree ("site_id","at");--> statement-breakpoint
CREATE INDEX "audit_log_subject_idx" ON "audit_log" USING btree ("subject_type","subject_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "miner_commands_target_key" ON "miner_commands" USING btree ("site_id","remote_command_id","miner_id");--> statement-breakpoint
CREATE INDEX "miner_commands_queue_idx" ON "miner_commands" USING btree ("site_id","device_id","priority" DESC NULLS LAST,"id") WHERE status in ('pending','sent');--> statement-breakpoint
CREATE INDEX "miner_commands_open_miner_idx" ON "miner_commands" USING btree ("site_id","miner_id") WHERE status in ('pending','sent');--> statement-breakpoint
CREATE INDEX "miner_commands_created_idx" ON "miner_commands" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "remote_command_results_miner_idx" ON "remote_command_results" USING btree ("site_id","miner_id");--> statement-breakpoint
CREATE INDEX "remote_commands_id_idx" ON "remote_commands" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "remote_commands_request_key" ON "remote_commands" USING btree ("site_id","request_id");--> statement-breakpoint
CREATE INDEX "remote_commands_requested_idx" ON "remote_commands" USING btree ("site_id","requested_at");--> statement-breakpoint
CREATE INDEX "remote_commands_open_idx" ON "remote_commands" USING btree ("site_id","status") WHERE status in ('PENDING','PENDING_APPROVAL','QUEUED','RUNNING');--> statement-breakpoint
CREATE UNIQUE INDEX "collector_keys_hash_key" ON "collector_keys" USING btree ("key_hash");--> statement-breakpoint
CREATE INDEX "collector_keys_device_idx" ON "collector_keys" USING btree ("device_id");--> statement-breakpoint
CREATE UNIQUE INDEX "collector_upload_logs_batch_key" ON "collector_upload_logs" USING btree ("site_id","batch_id");--> statement-breakpoint
CREATE INDEX "collector_upload_logs_received_idx" ON "collector_upload_logs" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "collector_upload_logs_device_idx" ON "collector_upload_logs" USING btree ("site_id","device_id","received_at");--> statement-breakpoint
CREATE INDEX "edge_devices_site_idx" ON "edge_devices" USING btree ("site_id");--> statement-breakpoint
CREATE UNIQUE INDEX "edge_targets_device_value_key" ON "edge_targets" USING btree ("device_id","value");--> statement-breakpoint
CREATE INDEX "edge_targets_site_idx" ON "edge_targets" USING btree ("site_id");--> statement-breakpoint
CREATE INDEX "hosting_miners_id_idx" ON "hosting_miners" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "hosting_miners_key" ON "hosting_miners" USING btree ("site_id","miner_key");--> statement-breakpoint
CREATE INDEX "hosting_miners_device_idx" ON "hosting_miners" USING btree ("site_id","device_id");--> statement-breakpoint
CREATE INDEX "hosting_miners_tags_idx" ON "hosting_miners" USING gin ("tags");--> statement-breakpoint
CREATE INDEX "hosting_miners_search_idx" ON "hosting_miners" USING gin ("search_text" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "user_miners_user_idx" ON "user_miners" USING btree ("user_id","site_id");--> statement-breakpoint
CREATE INDEX "user_miners_miner_idx" ON "user_miners" USING btree ("site_id","miner_id");--> statement-breakpoint
CREATE INDEX "sessions_user_idx" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_expires_idx" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "site_memberships_user_idx" ON "site_memberships" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "user_access_email_key" ON "user_access" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "fleet_events_site_at_idx" ON "fleet_events" USING btree ("site_id","at");--> statement-breakpoint
CREATE INDEX "fleet_events_miner_at_idx" ON "fleet_events" USING btree ("site_id","miner_id","at");--> statement-breakpoint
CREATE INDEX "miner_telemetry_history_site_idx" ON "miner_telemetry_history" USING btree ("site_id","bucket_at");--> statement-breakpoint
CREATE INDEX "miner_telemetry_live_online_idx" ON "miner_telemetry_live" USING btree ("site_id","online");--> statement-breakpoint
CREATE INDEX "telemetry_raw_24h_miner_idx" ON "telemetry_raw_24h" USING btree ("site_id","miner_id","collected_at");;--> statement-breakpoint
-- One machine has one owner at a time.
ALTER TABLE "user_miners" ADD CONSTRAINT "user_miners_no_overlap" EXCLUDE USING gist ("site_id" WITH =, "miner_id" WITH =, tstzrange("from_at", "to_at") WITH &&);--> statement-breakpoint
ALTER TABLE "user_miners" ADD CONSTRAINT "user_miners_dates_in_order" CHECK ("to_at" IS NULL OR "to_at" > "from_at");--> statement-breakpoint
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;--> statement-breakpoint
CREATE TRIGGER "audit_log_append_only" BEFORE UPDATE OR DELETE ON "audit_log" FOR EACH ROW EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
CREATE TRIGGER "audit_log_no_truncate" BEFORE TRUNCATE ON "audit_log" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();--> statement-breakpoint
-- Makes the missing range partitions of a table from one instant to another; safe when two callers race.
CREATE FUNCTION "ensure_partitions"(parent text, from_at timestamptz, to_at timestamptz, width interval) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  lower_at timestamptz := date_bin(width, from_at, '2000-01-01 00:00:00+00');
  part text;
  made integer := 0;
BEGIN
  WHILE lower_at <= to_at LOOP
    part := parent || to_char(lower_at AT TIME ZONE 'UTC', CASE WHEN width < interval '1 day' THEN '"_"YYYYMMDD"h"HH24' ELSE '"_"YYYYMMDD' END);
    IF to_regclass(part) IS NULL THEN
      PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'), hashtext(part));
      IF to_regclass(part) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, parent, lower_at, lower_at + width);
        made := made + 1;
      END IF;
    END IF;
    lower_at := lower_at + width;
  END LOOP;
  RETURN made;
END $$;
