CREATE TABLE "remote_command_clients" (
	"site_id" integer NOT NULL,
	"user_id" integer NOT NULL,
	"command_id" uuid NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	CONSTRAINT "remote_command_clients_site_id_user_id_command_id_pk" PRIMARY KEY("site_id","user_id","command_id")
);
--> statement-breakpoint
CREATE INDEX "remote_command_clients_at_idx" ON "remote_command_clients" USING btree ("user_id","requested_at","command_id");--> statement-breakpoint
-- A command's targets are there from its request on: whoever owns one then may list it.
CREATE FUNCTION "list_command_for_clients"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "remote_command_clients" ("site_id", "user_id", "command_id", "requested_at")
  SELECT DISTINCT n."site_id", o."user_id", n."command_id", c."requested_at"
  FROM new_rows n
  JOIN "remote_commands" c ON c."site_id" = n."site_id" AND c."id" = n."command_id"
  JOIN "user_miners" o ON o."site_id" = n."site_id" AND o."miner_id" = n."miner_id"
    AND o."from_at" <= c."requested_at" AND (o."to_at" IS NULL OR o."to_at" > c."requested_at")
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "remote_command_results_listed" AFTER INSERT ON "remote_command_results" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "list_command_for_clients"();--> statement-breakpoint
-- Lists the commands of one client at one site anew, of the requests from an instant until another.
CREATE FUNCTION "list_commands_of_client"(site integer, client integer, since timestamptz, until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "remote_command_clients" l
  WHERE l."site_id" = site AND l."user_id" = client AND l."requested_at" >= since AND l."requested_at" < until;
  IF NOT EXISTS (SELECT FROM "remote_commands" c
    WHERE c."site_id" = site AND c."requested_at" >= since AND c."requested_at" < until) THEN RETURN; END IF;
  INSERT INTO "remote_command_clients" ("site_id", "user_id", "command_id", "requested_at")
  SELECT DISTINCT c."site_id", o."user_id", c."id", c."requested_at"
  FROM "user_miners" o
  JOIN "remote_command_results" r ON r."site_id" = o."site_id" AND r."miner_id" = o."miner_id"
  JOIN "remote_commands" c ON c."site_id" = r."site_id" AND c."id" = r."command_id"
    AND o."from_at" <= c."requested_at" AND (o."to_at" IS NULL OR o."to_at" > c."requested_at")
  WHERE o."site_id" = site AND o."user_id" = client
    AND c."requested_at" >= since AND c."requested_at" < until
  ON CONFLICT DO NOTHING;
END $$;--> statement-breakpoint
-- Dates of ownership may be corrected: only the requests between the old and the new date change hands.
CREATE FUNCTION "relist_commands_of_clients"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM "list_commands_of_client"("site_id", "user_id", min("from_at"), max(coalesce("to_at", 'infinity')))
    FROM new_rows GROUP BY "site_id", "user_id";
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM "list_commands_of_client"("site_id", "user_id", min("from_at"), max(coalesce("to_at", 'infinity')))
    FROM old_rows GROUP BY "site_id", "user_id";
  ELSE
    PERFORM "list_commands_of_client"("site_id", "user_id", min(since), max(until))
    FROM (
      SELECT n."site_id", n."user_id", least(coalesce(o."to_at", 'infinity'), coalesce(n."to_at", 'infinity')) AS since,
        greatest(coalesce(o."to_at", 'infinity'), coalesce(n."to_at", 'infinity')) AS until
      FROM new_rows n JOIN old_rows o ON o."site_id" = n."site_id" AND o."id" = n."id"
      WHERE (n."user_id", n."miner_id", n."from_at") = (o."user_id", o."miner_id", o."from_at")
        AND n."to_at" IS DISTINCT FROM o."to_at"
      UNION ALL
      SELECT side."site_id", side."user_id", side."from_at", coalesce(side."to_at", 'infinity')
      FROM new_rows n JOIN old_rows o ON o."site_id" = n."site_id" AND o."id" = n."id"
      CROSS JOIN LATERAL (VALUES (n."site_id", n."user_id", n."from_at", n."to_at"), (o."site_id", o."user_id", o."from_at", o."to_at"))
        AS side ("site_id", "user_id", "from_at", "to_at")
      WHERE (n."user_id", n."miner_id", n."from_at") <> (o."user_id", o."miner_id", o."from_at")
    ) changed GROUP BY "site_id", "user_id";
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "user_miners_listed_in" AFTER INSERT ON "user_miners" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "relist_commands_of_clients"();--> statement-breakpoint
CREATE TRIGGER "user_miners_listed_on" AFTER UPDATE ON "user_miners" REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "relist_commands_of_clients"();--> statement-breakpoint
CREATE TRIGGER "user_miners_listed_out" AFTER DELETE ON "user_miners" REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "relist_commands_of_clients"();--> statement-breakpoint
INSERT INTO "remote_command_clients" ("site_id", "user_id", "command_id", "requested_at")
SELECT DISTINCT c."site_id", o."user_id", c."id", c."requested_at"
FROM "remote_commands" c
JOIN "remote_command_results" r ON r."site_id" = c."site_id" AND r."command_id" = c."id"
JOIN "user_miners" o ON o."site_id" = r."site_id" AND o."miner_id" = r."miner_id"
  AND o."from_at" <= c."requested_at" AND (o."to_at" IS NULL OR o."to_at" > c."requested_at");
