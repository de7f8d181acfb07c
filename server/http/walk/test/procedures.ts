import { randomUUID } from "node:crypto"
import { COMMAND_FEATURES } from "#server/contract/commands.ts"
import { NOW, publicKey } from "./company.ts"
import { sampleOf, type WalkSite } from "./site.ts"

/**
 * A good call of each procedure, and what its answer to site B's key must say when the call names things of site A:
 * nothing of them. `body` is made for a site whose things it names.
 */
export type ProcedureRow = {
  kind: "query" | "mutation"
  body: (site: WalkSite, instance_id: string) => Record<string, unknown>
  /** What a collector of site B learns when it names site A's things. */
  aboutOthers?: Record<string, unknown>
  /** The refusal that it gets instead. */
  refusal?: string
}

const at = NOW.toISOString()
const scanDone = (scan_id: string) => ({
  scan_id,
  state: "running",
  total: 254,
  done: 1,
  found: 0,
  unknown: 0,
  closed: 1,
  absent: 0,
  per_second: 1,
  error: null,
})
const spool = {
  batches: 0,
  samples: 0,
  bytes: 0,
  oldest_at: null,
  dropped_samples: 0,
  quarantined_samples: 0,
}

export const PROCEDURE_ROWS: Record<string, ProcedureRow> = {
  "edge.enroll": {
    kind: "mutation",
    body: (_, instance_id) => ({
      code: "AAAA-BBBB-CCCC",
      instance_id,
      public_key: publicKey(),
      edge_version: "walk",
    }),
  },
  "edge.heartbeat": {
    kind: "mutation",
    body: (_, instance_id) => ({
      instance_id,
      edge_version: "walk",
      uptime_s: 1,
      edge_time: at,
      config_version: 1,
      miners_known: 1,
      miners_online: 1,
      spool,
      rss_bytes: 1,
      last_poll_cycle_ms: 1,
      unacked_results: 0,
    }),
  },
  "edge.config": { kind: "query", body: () => ({ have_version: 0 }), aboutOthers: { unchanged: false } },
  "edge.artifact": {
    kind: "query",
    body: (site, instance_id) => ({ instance_id, artifact_id: site.artifactId, offset: 0 }),
    refusal: "404 NOT_FOUND",
  },
  "edge.capabilities": {
    kind: "mutation",
    body: (_, instance_id) => ({
      instance_id,
      profiles: [
        {
          make: null,
          model: null,
          firmware: null,
          firmware_version: null,
          features: Object.fromEntries(COMMAND_FEATURES.map((name) => [name, null])),
        },
      ],
    }),
    aboutOthers: { recorded: 1 },
  },
  "edge.logins": {
    kind: "mutation",
    body: (site, instance_id) => ({
      instance_id,
      miners: [{ miner_id: `SN-${site.word}-walked`, refused: { username: "root", since: at } }],
    }),
    aboutOthers: { changed: 0 },
  },
  "edge.thermal": {
    kind: "mutation",
    body: (site, instance_id) => ({
      instance_id,
      events: [
        {
          event_id: randomUUID(),
          miner_id: `SN-${site.word}-walked`,
          kind: "action",
          action: "eco",
          temperature_c: 96,
          threshold_c: 95,
          message: "Low power: done.",
          at,
        },
      ],
      holds: [
        {
          miner_id: `SN-${site.word}-walked`,
          since: at,
          temperature_c: 96,
          threshold_c: 95,
          actions: ["eco"],
        },
      ],
    }),
    aboutOthers: { recorded: 1, duplicates: 0 },
  },
  "edge.event": {
    kind: "mutation",
    body: (_, instance_id) => ({ instance_id, type: "started", severity: "info", message: randomUUID(), at }),
  },
  "edge.discovery": {
    kind: "mutation",
    body: (site, instance_id) => ({ instance_id, progress: scanDone(site.scanId) }),
    aboutOthers: { cancelled: [] },
  },
  "telemetry.upload": {
    kind: "mutation",
    body: (site) => ({
      batch_id: randomUUID(),
      collected_at: at,
      edge_version: "walk",
      samples: [sampleOf(`SN-${site.word}-walked`, "10.1.0.1")],
    }),
    aboutOthers: { processed: 1 },
  },
  "commands.poll": {
    kind: "mutation",
    body: (_, instance_id) => ({
      instance_id,
      wait_ms: 0,
      max: 100,
      journal_epoch: randomUUID(),
      journal_seq: 0,
    }),
  },
  "commands.ack": {
    kind: "mutation",
    body: (site, instance_id) => ({
      instance_id,
      results: [
        {
          id: site.dispatched.edgeId,
          fencing_token: "1",
          result_code: 0,
          message: "done",
          ran: "led",
          started_at: at,
          finished_at: at,
        },
      ],
    }),
    aboutOthers: { results: [{ state: "unknown" }] },
  },
  "commands.renew": {
    kind: "mutation",
    body: (site, instance_id) => ({
      instance_id,
      leases: [{ id: site.dispatched.edgeId, fencing_token: "1" }],
    }),
    aboutOthers: { leases: [{ lease_until: null }] },
  },
}
