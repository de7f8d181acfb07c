CREATE TABLE "thermal_events" (
	"event_id" uuid PRIMARY KEY NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "thermal_events_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"site_id" integer NOT NULL,
	"device_id" integer,
	"miner_id" integer,
	"miner_key" text,
	"kind" text NOT NULL,
	"action" text,
	"temperature_c" real,
	"threshold_c" real,
	"message" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "thermal_holds" (
	"site_id" integer NOT NULL,
	"miner_id" integer NOT NULL,
	"device_id" integer NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"temperature_c" real,
	"threshold_c" real,
	"actions" text[] NOT NULL,
	"told_at" timestamp with time zone NOT NULL,
	CONSTRAINT "thermal_holds_site_id_miner_id_pk" PRIMARY KEY("site_id","miner_id")
);
--> statement-breakpoint
CREATE TABLE "thermal_protection_config" (
	"site_id" integer PRIMARY KEY NOT NULL,
	"armed" boolean DEFAULT false NOT NULL,
	"warning_c" real NOT NULL,
	"critical_c" real NOT NULL,
	"resume_c" real NOT NULL,
	"actions" text[] NOT NULL,
	"fan_up_cool_down_s" integer NOT NULL,
	"eco_cool_down_s" integer NOT NULL,
	"sleep_cool_down_s" integer NOT NULL,
	"off_cool_down_s" integer NOT NULL,
	"max_actions_per_minute" integer NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"updated_by" integer
);
--> statement-breakpoint
ALTER TABLE "thermal_protection_config" ADD CONSTRAINT "thermal_protection_config_site_id_hosting_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."hosting_sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "thermal_events_site_at_idx" ON "thermal_events" USING btree ("site_id","at");--> statement-breakpoint
CREATE INDEX "thermal_events_miner_at_idx" ON "thermal_events" USING btree ("site_id","miner_id","at");--> statement-breakpoint
CREATE INDEX "thermal_events_at_idx" ON "thermal_events" USING btree ("at");--> statement-breakpoint
CREATE INDEX "thermal_holds_device_idx" ON "thermal_holds" USING btree ("site_id","device_id");