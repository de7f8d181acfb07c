DROP INDEX "remote_command_results_wave_idx";--> statement-breakpoint
-- A target's row is written five times in its life and none of it is indexed: with room on its page each stays there.
ALTER TABLE "remote_command_results" SET (fillfactor = 50);--> statement-breakpoint
ALTER TABLE "miner_commands" SET (fillfactor = 70);
