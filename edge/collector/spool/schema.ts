/**
 * `open_samples`: written within moments of the read, not yet in a batch. `batches`: whole `TelemetryBatch`es,
 * zstd-compressed JSON; the id is given when the row is written and never changes. A sample is in one of the two or
 * in `quarantine` (refused by the server, kept to be looked at), never in two.
 */
export const SPOOL_SCHEMA = `
CREATE TABLE IF NOT EXISTS open_samples (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collected_ms INTEGER NOT NULL,
  miner_key TEXT NOT NULL,
  sample TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS batches (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id TEXT NOT NULL UNIQUE,
  collected_ms INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before_ms INTEGER NOT NULL DEFAULT 0,
  payload BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS batches_collected ON batches (collected_ms, seq);
CREATE TABLE IF NOT EXISTS quarantine (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  message TEXT NOT NULL,
  quarantined_ms INTEGER NOT NULL,
  sample TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`
