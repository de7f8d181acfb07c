CREATE TABLE "miner_credential_seals" (
	"site_id" integer NOT NULL,
	"credential_id" uuid NOT NULL,
	"device_id" integer NOT NULL,
	"sealed" text NOT NULL,
	CONSTRAINT "miner_credential_seals_site_id_credential_id_device_id_pk" PRIMARY KEY("site_id","credential_id","device_id")
);
--> statement-breakpoint
CREATE TABLE "miner_credentials" (
	"site_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"scope" text NOT NULL,
	"family" text,
	"miner_id" integer,
	"username" text NOT NULL,
	"version" integer NOT NULL,
	"set_by" integer,
	"set_at" timestamp with time zone NOT NULL,
	"command_id" uuid,
	CONSTRAINT "miner_credentials_site_id_id_pk" PRIMARY KEY("site_id","id")
);
--> statement-breakpoint
CREATE TABLE "miner_login_refusals" (
	"site_id" integer NOT NULL,
	"miner_id" integer NOT NULL,
	"device_id" integer NOT NULL,
	"username" text NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"reported_at" timestamp with time zone NOT NULL,
	"retry_at" timestamp with time zone,
	"retry_by" integer,
	CONSTRAINT "miner_login_refusals_site_id_miner_id_pk" PRIMARY KEY("site_id","miner_id")
);
--> statement-breakpoint
CREATE INDEX "miner_credential_seals_device_idx" ON "miner_credential_seals" USING btree ("site_id","device_id");--> statement-breakpoint
CREATE UNIQUE INDEX "miner_credentials_subject_key" ON "miner_credentials" USING btree ("site_id","scope",coalesce("family", ''),coalesce("miner_id", 0));--> statement-breakpoint
CREATE INDEX "miner_credentials_miner_idx" ON "miner_credentials" USING btree ("site_id","miner_id") WHERE miner_id is not null;--> statement-breakpoint
CREATE INDEX "miner_login_refusals_device_idx" ON "miner_login_refusals" USING btree ("site_id","device_id");