-- Every row is made again below, with its counts.
TRUNCATE "remote_command_clients";--> statement-breakpoint
ALTER TABLE "remote_command_clients" ADD COLUMN "miner_id" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_command_clients" ADD COLUMN "target_count" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_command_clients" ADD COLUMN "running_count" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_command_clients" ADD COLUMN "succeeded_count" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_command_clients" ADD COLUMN "failed_count" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_command_clients" ADD COLUMN "unknown_count" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "remote_command_clients" ADD COLUMN "skipped_count" integer NOT NULL;--> statement-breakpoint
-- A command's targets are there from its request on, and change with it. Both statements are planned at each call: a
-- plan for the one machine of one command is quadratic for ten thousand.
CREATE OR REPLACE FUNCTION "list_command_for_clients"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "user_miners") THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' THEN
    EXECUTE $q$
      INSERT INTO "remote_command_clients" AS l ("site_id", "user_id", "command_id", "requested_at", "miner_id",
    "target_count", "running_count", "succeeded_count", "failed_count", "unknown_count", "skipped_count")
      SELECT n."site_id", o."user_id", n."command_id", c."requested_at", min(n."miner_id"),
    count(*)::int, count(*) FILTER (WHERE n."result_status" = 'RUNNING')::int,
    count(*) FILTER (WHERE n."result_status" = 'SUCCEEDED')::int,
    count(*) FILTER (WHERE n."result_status" = 'FAILED' AND n."result_code" IS DISTINCT FROM 5)::int,
    count(*) FILTER (WHERE n."result_status" = 'FAILED' AND n."result_code" = 5)::int,
    count(*) FILTER (WHERE n."result_status" = 'SKIPPED')::int
      FROM new_rows n
      JOIN "remote_commands" c ON c."site_id" = n."site_id" AND c."id" = n."command_id"
      JOIN "user_miners" o ON o."site_id" = n."site_id" AND o."miner_id" = n."miner_id"
        AND o."from_at" <= c."requested_at" AND (o."to_at" IS NULL OR o."to_at" > c."requested_at")
      GROUP BY n."site_id", o."user_id", n."command_id", c."requested_at"
      ON CONFLICT ("site_id", "user_id", "command_id") DO UPDATE SET
        "miner_id" = least(l."miner_id", excluded."miner_id"), "target_count" = l."target_count" + excluded."target_count",
        "running_count" = l."running_count" + excluded."running_count",
        "succeeded_count" = l."succeeded_count" + excluded."succeeded_count",
        "failed_count" = l."failed_count" + excluded."failed_count",
        "unknown_count" = l."unknown_count" + excluded."unknown_count",
        "skipped_count" = l."skipped_count" + excluded."skipped_count"
    $q$;
  ELSE
    EXECUTE $q$
      UPDATE "remote_command_clients" l SET
        "running_count" = l."running_count" + d.running, "succeeded_count" = l."succeeded_count" + d.succeeded,
        "failed_count" = l."failed_count" + d.failed, "unknown_count" = l."unknown_count" + d.unknown,
        "skipped_count" = l."skipped_count" + d.skipped
      FROM (
        SELECT x."site_id", o."user_id", x."command_id",
          coalesce(sum(sign) FILTER (WHERE x."result_status" = 'RUNNING'), 0) AS running,
          coalesce(sum(sign) FILTER (WHERE x."result_status" = 'SUCCEEDED'), 0) AS succeeded,
          coalesce(sum(sign) FILTER (WHERE x."result_status" = 'FAILED' AND x."result_code" IS DISTINCT FROM 5), 0) AS failed,
          coalesce(sum(sign) FILTER (WHERE x."result_status" = 'FAILED' AND x."result_code" = 5), 0) AS unknown,
          coalesce(sum(sign) FILTER (WHERE x."result_status" = 'SKIPPED'), 0) AS skipped
        FROM (
          SELECT "site_id", "command_id", "miner_id", "result_status", "result_code", 1 AS sign FROM new_rows
          UNION ALL
          SELECT "site_id", "command_id", "miner_id", "result_status", "result_code", -1 FROM old_rows
        ) x
        JOIN "remote_commands" c ON c."site_id" = x."site_id" AND c."id" = x."command_id"
        JOIN "user_miners" o ON o."site_id" = x."site_id" AND o."miner_id" = x."miner_id"
          AND o."from_at" <= c."requested_at" AND (o."to_at" IS NULL OR o."to_at" > c."requested_at")
        GROUP BY x."site_id", o."user_id", x."command_id"
      ) d
      WHERE l."site_id" = d."site_id" AND l."user_id" = d."user_id" AND l."command_id" = d."command_id"
        AND (d.running, d.succeeded, d.failed, d.unknown, d.skipped) <> (0, 0, 0, 0, 0)
    $q$;
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "remote_command_results_listed_on" AFTER UPDATE ON "remote_command_results" REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "list_command_for_clients"();--> statement-breakpoint
-- Lists the commands of one client at one site anew, of the requests from an instant until another. Whoever changes
-- results holds the lock of their command: those that still change are locked, so that no change is lost.
CREATE OR REPLACE FUNCTION "list_commands_of_client"(site integer, client integer, since timestamptz, until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM "remote_commands" c
    WHERE c."site_id" = site AND c."status" IN ('PENDING','PENDING_APPROVAL','QUEUED','RUNNING')
      AND c."requested_at" >= since AND c."requested_at" < until
    ORDER BY c."id" FOR UPDATE;
  DELETE FROM "remote_command_clients" l
    WHERE l."site_id" = site AND l."user_id" = client AND l."requested_at" >= since AND l."requested_at" < until;
  IF NOT EXISTS (SELECT FROM "remote_commands" c
    WHERE c."site_id" = site AND c."requested_at" >= since AND c."requested_at" < until) THEN RETURN; END IF;
  INSERT INTO "remote_command_clients" ("site_id", "user_id", "command_id", "requested_at", "miner_id",
    "target_count", "running_count", "succeeded_count", "failed_count", "unknown_count", "skipped_count")
  SELECT c."site_id", o."user_id", c."id", c."requested_at", min(r."miner_id"),
    count(*)::int, count(*) FILTER (WHERE r."result_status" = 'RUNNING')::int,
    count(*) FILTER (WHERE r."result_status" = 'SUCCEEDED')::int,
    count(*) FILTER (WHERE r."result_status" = 'FAILED' AND r."result_code" IS DISTINCT FROM 5)::int,
    count(*) FILTER (WHERE r."result_status" = 'FAILED' AND r."result_code" = 5)::int,
    count(*) FILTER (WHERE r."result_status" = 'SKIPPED')::int
  FROM "user_miners" o
  JOIN "remote_command_results" r ON r."site_id" = o."site_id" AND r."miner_id" = o."miner_id"
  JOIN "remote_commands" c ON c."site_id" = r."site_id" AND c."id" = r."command_id"
    AND o."from_at" <= c."requested_at" AND (o."to_at" IS NULL OR o."to_at" > c."requested_at")
  WHERE o."site_id" = site AND o."user_id" = client AND c."requested_at" >= since AND c."requested_at" < until
  GROUP BY c."site_id", o."user_id", c."id", c."requested_at";
END $$;--> statement-breakpoint
INSERT INTO "remote_command_clients" ("site_id", "user_id", "command_id", "requested_at", "miner_id",
    "target_count", "running_count", "succeeded_count", "failed_count", "unknown_count", "skipped_count")
SELECT c."site_id", o."user_id", c."id", c."requested_at", min(r."miner_id"),
    count(*)::int, count(*) FILTER (WHERE r."result_status" = 'RUNNING')::int,
    count(*) FILTER (WHERE r."result_status" = 'SUCCEEDED')::int,
    count(*) FILTER (WHERE r."result_status" = 'FAILED' AND r."result_code" IS DISTINCT FROM 5)::int,
    count(*) FILTER (WHERE r."result_status" = 'FAILED' AND r."result_code" = 5)::int,
    count(*) FILTER (WHERE r."result_status" = 'SKIPPED')::int
FROM "remote_commands" c
JOIN "remote_command_results" r ON r."site_id" = c."site_id" AND r."command_id" = c."id"
JOIN "user_miners" o ON o."site_id" = r."site_id" AND o."miner_id" = r."miner_id"
  AND o."from_at" <= c."requested_at" AND (o."to_at" IS NULL OR o."to_at" > c."requested_at")
GROUP BY c."site_id", o."user_id", c."id", c."requested_at";
