import { z } from "zod"
import { minerIdSchema } from "./telemetry.ts"

/** What collector and gateway say to each other about looking for machines (`edge.discovery`). */

export const SCAN_STATES = [
  "requested",
  "running",
  "cancelling",
  "done",
  "failed",
  "cancelled",
  "interrupted",
] as const
export type ScanState = (typeof SCAN_STATES)[number]
/** A scan that can still become something else. */
export const OPEN_SCAN_STATES = ["requested", "running", "cancelling"] as const satisfies readonly ScanState[]

export const SCAN_SOURCES = ["manual", "schedule"] as const
export const DISCOVERED_STATES = ["new", "accepted", "ignored", "known", "gone"] as const
export type DiscoveredState = (typeof DISCOVERED_STATES)[number]

const port = z.number().int().min(1).max(65_535)
export const scanOptionsSchema = z.object({
  /** Empty: those of all families. */
  ports: z.array(port).max(64).default([]),
  /** Also the ports of GPU rigs' programs. */
  gpu: z.boolean().default(false),
  /** Sockets at the same time; null: the collector's own measure. */
  concurrency: z.number().int().min(1).max(4_096).nullable().default(null),
})
export type DiscoveryOptions = z.infer<typeof scanOptionsSchema>

/** A scan as a collector is asked for it. `ranges`: addresses and `FROM-TO`, without overlaps. */
export const scanJobSchema = z.object({
  id: z.uuid(),
  ranges: z.array(z.string().max(64)).min(1).max(20_000),
  options: scanOptionsSchema,
})
export type ScanJob = z.infer<typeof scanJobSchema>

const text = (length: number) => z.string().max(length).nullable()
export const foundMachineSchema = z.object({
  address: z.ipv4(),
  rpc_port: port,
  web_port: port,
  ports: z.array(port).max(64),
  family: z.string().min(1).max(64),
  make: text(64),
  model: text(128),
  firmware: text(64),
  firmware_version: text(128),
  mac: text(64),
  serial: text(128),
  /** 1: the family's own signature was seen. */
  confidence: z.number().min(0).max(1),
  evidence: z.array(z.string().max(300)).max(16),
  needs_login: z.boolean(),
})
export type FoundMachine = z.infer<typeof foundMachineSchema>

export const unknownDeviceSchema = z.object({
  address: z.ipv4(),
  ports: z.array(port).max(64),
  seen: z.array(z.string().max(300)).max(64),
})
export type UnknownDevice = z.infer<typeof unknownDeviceSchema>

const count = z.number().int().min(0)
export const scanProgressSchema = z.object({
  scan_id: z.uuid(),
  /** `interrupted`: the collector lost what it had of it. The last three are the end. */
  state: z.enum(["running", "done", "failed", "cancelled"]),
  total: count,
  done: count,
  found: count,
  unknown: count,
  closed: count,
  absent: count,
  per_second: z.number().min(0).nullable(),
  /** One sentence for a person. */
  error: text(500),
})
export type ScanProgressReport = z.infer<typeof scanProgressSchema>

/** A known machine that answers at another address now; the collector reads it there already. */
export const movedMinerSchema = z.object({
  miner_id: minerIdSchema,
  from: z.ipv4().nullable(),
  from_rpc_port: port.nullable(),
  to: foundMachineSchema,
  at: z.iso.datetime({ offset: true }),
})
export type MovedMiner = z.infer<typeof movedMinerSchema>

export const DISCOVERY_MACHINES_MAX = 200
export const discoveryInputSchema = z.object({
  instance_id: z.uuid(),
  /** What was found since the last answer; kept at the edge until an answer came. A second time changes nothing. */
  found: z
    .array(z.object({ scan_id: z.uuid(), machine: foundMachineSchema }))
    .max(DISCOVERY_MACHINES_MAX)
    .default([]),
  unknown: z
    .array(z.object({ scan_id: z.uuid(), device: unknownDeviceSchema }))
    .max(DISCOVERY_MACHINES_MAX)
    .default([]),
  moved: z.array(movedMinerSchema).max(DISCOVERY_MACHINES_MAX).default([]),
  /** How the scan stands; its end is told after everything that it found. */
  progress: scanProgressSchema.nullable().default(null),
})
export type DiscoveryInput = z.infer<typeof discoveryInputSchema>
/** `scan`: what to run now, the same one until its end was told. `cancelled`: end these. */
export type DiscoveryAnswer = { scan: ScanJob | null; cancelled: string[] }

/** How often a schedule looks: every so many hours, or daily at a time of the site's zone. */
export const scheduleTimesSchema = z.union([
  z.object({ everyHours: z.number().int().min(1).max(720), dailyAt: z.null() }),
  z.object({ everyHours: z.null(), dailyAt: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/) }),
])
