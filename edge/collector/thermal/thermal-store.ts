import type { ThermalEvent } from "#server/contract/thermal.ts"
import { openDatabase, transact } from "../state/open-database.ts"
import type { MachineState } from "./machine-state.ts"

/**
 * What the guard knows, on disk before it acts: the state of each machine that is not simply well, the moments of its
 * acts within the last minute, and every event until the gateway has it.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS machines (miner_id TEXT PRIMARY KEY COLLATE NOCASE, state TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS begun (at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, event TEXT NOT NULL
) STRICT;
`
/** Months of a farm with an uplink that never comes back. */
const EVENTS_MAX = 100_000

export type ThermalStore = {
  states: () => MachineState[]
  /** Durable when it returns. `state` null: the machine is well and nothing is kept of it. */
  save: (
    minerId: string,
    state: MachineState | null,
    events: readonly ThermalEvent[],
    begunMs?: number,
  ) => void
  begunMs: () => number[]
  /** Oldest first. */
  events: (limit: number) => ThermalEvent[]
  countEvents: () => number
  sent: (eventIds: readonly string[]) => void
  close: () => void
}

export function openThermalStore(file: string): { store: ThermalStore; movedAside: string | null } {
  const { db, movedAside } = openDatabase(file, SCHEMA)
  const sql = {
    states: db.prepare("SELECT state FROM machines"),
    put: db.prepare("INSERT OR REPLACE INTO machines VALUES (?, ?)"),
    drop: db.prepare("DELETE FROM machines WHERE miner_id = ?"),
    begin: db.prepare("INSERT INTO begun VALUES (?)"),
    forget: db.prepare("DELETE FROM begun WHERE at_ms < ?"),
    begun: db.prepare("SELECT at_ms FROM begun ORDER BY at_ms"),
    event: db.prepare("INSERT OR IGNORE INTO events (event_id, event) VALUES (?, ?)"),
    bound: db.prepare("DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?"),
    events: db.prepare("SELECT event FROM events ORDER BY seq LIMIT ?"),
    count: db.prepare("SELECT count(*) AS n FROM events"),
    sent: db.prepare("DELETE FROM events WHERE event_id = ?"),
  }
  const store: ThermalStore = {
    states: () =>
      (sql.states.all() as { state: string }[]).map(({ state }) => JSON.parse(state) as MachineState),
    save: (minerId, state, events, begunMs) =>
      transact(db, () => {
        if (state === null) sql.drop.run(minerId)
        else sql.put.run(minerId, JSON.stringify(state))
        for (const event of events) sql.event.run(event.event_id, JSON.stringify(event))
        if (events.length > 0) sql.bound.run(EVENTS_MAX)
        if (begunMs !== undefined) {
          sql.forget.run(Math.round(begunMs) - 60_000)
          sql.begin.run(Math.round(begunMs))
        }
      }),
    begunMs: () => (sql.begun.all() as { at_ms: number }[]).map((row) => row.at_ms),
    events: (limit) =>
      (sql.events.all(limit) as { event: string }[]).map(({ event }) => JSON.parse(event) as ThermalEvent),
    countEvents: () => (sql.count.get() as { n: number }).n,
    sent: (eventIds) =>
      transact(db, () => {
        for (const id of eventIds) sql.sent.run(id)
      }),
    close: () => db.close(),
  }
  return { store, movedAside }
}
