CREATE TABLE "owner_rollup_pending" (
	"site_id" integer NOT NULL,
	"user_id" integer NOT NULL,
	"day" date NOT NULL,
	CONSTRAINT "owner_rollup_pending_site_id_user_id_day_pk" PRIMARY KEY("site_id","user_id","day")
);
--> statement-breakpoint
CREATE TABLE "owner_telemetry_history" (
	"site_id" integer NOT NULL,
	"user_id" integer NOT NULL,
	"bucket_at" timestamp with time zone NOT NULL,
	"miners" integer NOT NULL,
	"miners_online" integer NOT NULL,
	"hashrate_ghs" double precision,
	"hashrate_expected_ghs" double precision,
	"power_consumption" double precision,
	"temperature_max" real,
	"samples" integer NOT NULL,
	"samples_online" integer NOT NULL,
	CONSTRAINT "owner_telemetry_history_site_id_user_id_bucket_at_pk" PRIMARY KEY("site_id","user_id","bucket_at")
);--> statement-breakpoint
-- Yesterday and today at once, since pages show them; the days before are left to the roll-up.
INSERT INTO "owner_telemetry_history" ("site_id", "user_id", "bucket_at", "miners", "miners_online", "hashrate_ghs",
  "hashrate_expected_ghs", "power_consumption", "temperature_max", "samples", "samples_online")
SELECT o.site_id, o.user_id, h.bucket_at, count(*), count(*) FILTER (WHERE h.samples_online > 0),
  sum(h.hashrate_ghs::float8), sum(h.hashrate_expected_ghs::float8), sum(h.power_consumption::float8), max(h.temperature_max),
  coalesce(sum(h.samples) FILTER (WHERE m.state = 'active'), 0),
  coalesce(sum(h.samples_online) FILTER (WHERE m.state = 'active'), 0)
FROM user_miners o
JOIN hosting_miners m ON m.site_id = o.site_id AND m.id = o.miner_id AND m.state <> 'retired'
JOIN miner_telemetry_history h ON h.site_id = o.site_id AND h.miner_id = o.miner_id
  AND h.bucket_at >= o.from_at AND (o.to_at IS NULL OR h.bucket_at < o.to_at)
WHERE h.bucket_at >= (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '1 day') AT TIME ZONE 'UTC'
GROUP BY o.site_id, o.user_id, h.bucket_at;--> statement-breakpoint
INSERT INTO "owner_rollup_pending" ("site_id", "user_id", "day")
SELECT DISTINCT o.site_id, o.user_id, day::date
FROM user_miners o
JOIN (SELECT s.id, (SELECT min(h.bucket_at) FROM miner_telemetry_history h WHERE h.site_id = s.id) AS at FROM hosting_sites s) oldest
  ON oldest.id = o.site_id AND oldest.at IS NOT NULL
CROSS JOIN LATERAL generate_series(date_trunc('day', greatest(o.from_at, oldest.at) AT TIME ZONE 'UTC'),
  least(date_trunc('day', now() AT TIME ZONE 'UTC') - interval '2 days', o.to_at AT TIME ZONE 'UTC'), interval '1 day') day;
