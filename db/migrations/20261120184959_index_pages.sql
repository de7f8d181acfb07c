ALTER TABLE "edge_devices" ADD COLUMN "alive_since" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "hosting_miners_name_idx" ON "hosting_miners" USING btree (lower(coalesce("label", "miner_id")),"site_id","id");--> statement-breakpoint
CREATE INDEX "miner_telemetry_live_worker_idx" ON "miner_telemetry_live" USING gin (lower("worker_name") gin_trgm_ops);--> statement-breakpoint
-- A live row is rewritten at every interval: room on its page keeps the update off the indexes.
ALTER TABLE "miner_telemetry_live" SET (fillfactor = 60);
