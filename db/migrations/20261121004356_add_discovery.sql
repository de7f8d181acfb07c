CREATE TABLE "discovered_miners" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "discovered_miners_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"device_id" integer NOT NULL,
	"scan_id" uuid,
	"identity_key" text NOT NULL,
	"address" text NOT NULL,
	"address_number" bigint NOT NULL,
	"rpc_port" integer NOT NULL,
	"web_port" integer NOT NULL,
	"ports" integer[] NOT NULL,
	"family" text NOT NULL,
	"make" text,
	"model" text,
	"firmware" text,
	"firmware_version" text,
	"mac" text,
	"serial" text,
	"confidence" real NOT NULL,
	"evidence" text[] NOT NULL,
	"needs_login" boolean DEFAULT false NOT NULL,
	"state" text NOT NULL,
	"miner_id" integer,
	"moved_from" text,
	"first_seen_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"decided_by" integer,
	"decided_at" timestamp with time zone,
	"decision_id" uuid,
	"state_before" text,
	"target_id" integer
);
--> statement-breakpoint
CREATE TABLE "discovery_findings" (
	"scan_id" uuid NOT NULL,
	"address" text NOT NULL,
	"address_number" bigint NOT NULL,
	"discovered_id" integer,
	"ports" integer[] NOT NULL,
	"seen" text[] NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "discovery_findings_scan_id_address_pk" PRIMARY KEY("scan_id","address")
);
--> statement-breakpoint
CREATE TABLE "discovery_scans" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" integer NOT NULL,
	"device_id" integer NOT NULL,
	"source" text NOT NULL,
	"schedule_id" integer,
	"request_id" uuid NOT NULL,
	"requested_by" integer,
	"requested_at" timestamp with time zone NOT NULL,
	"targets" text[] NOT NULL,
	"ranges" text[] NOT NULL,
	"options" jsonb NOT NULL,
	"auto_accept" boolean DEFAULT false NOT NULL,
	"state" text DEFAULT 'requested' NOT NULL,
	"total" integer NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"found" integer DEFAULT 0 NOT NULL,
	"unknown" integer DEFAULT 0 NOT NULL,
	"closed" integer DEFAULT 0 NOT NULL,
	"absent" integer DEFAULT 0 NOT NULL,
	"per_second" real,
	"started_at" timestamp with time zone,
	"progress_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"error" text
);
--> statement-breakpoint
CREATE TABLE "discovery_schedules" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "discovery_schedules_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"device_id" integer NOT NULL,
	"targets" text[] NOT NULL,
	"options" jsonb NOT NULL,
	"include_edges" boolean DEFAULT false NOT NULL,
	"every_hours" integer,
	"daily_at" text,
	"auto_accept" boolean DEFAULT false NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"created_by" integer,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "discovered_miners" ADD CONSTRAINT "discovered_miners_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovered_miners" ADD CONSTRAINT "discovered_miners_device_id_edge_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."edge_devices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovery_findings" ADD CONSTRAINT "discovery_findings_scan_id_discovery_scans_id_fk" FOREIGN KEY ("scan_id") REFERENCES "public"."discovery_scans"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovery_scans" ADD CONSTRAINT "discovery_scans_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovery_scans" ADD CONSTRAINT "discovery_scans_device_id_edge_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."edge_devices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovery_schedules" ADD CONSTRAINT "discovery_schedules_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discovery_schedules" ADD CONSTRAINT "discovery_schedules_device_id_edge_devices_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."edge_devices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "discovered_miners_identity_key" ON "discovered_miners" USING btree ("site_id","identity_key");--> statement-breakpoint
CREATE INDEX "discovered_miners_state_idx" ON "discovered_miners" USING btree ("site_id","state","address_number");--> statement-breakpoint
CREATE INDEX "discovered_miners_decision_idx" ON "discovered_miners" USING btree ("decision_id");--> statement-breakpoint
CREATE INDEX "discovered_miners_device_idx" ON "discovered_miners" USING btree ("device_id","address_number");--> statement-breakpoint
CREATE UNIQUE INDEX "discovery_scans_request_key" ON "discovery_scans" USING btree ("site_id","request_id");--> statement-breakpoint
CREATE INDEX "discovery_scans_site_idx" ON "discovery_scans" USING btree ("site_id","requested_at");--> statement-breakpoint
CREATE INDEX "discovery_scans_device_idx" ON "discovery_scans" USING btree ("device_id","state");--> statement-breakpoint
CREATE INDEX "discovery_schedules_site_idx" ON "discovery_schedules" USING btree ("site_id");--> statement-breakpoint
CREATE INDEX "discovery_schedules_next_idx" ON "discovery_schedules" USING btree ("next_at");