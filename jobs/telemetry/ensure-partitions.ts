import { ensureTelemetryPartitions } from "#server/telemetry/ensure-telemetry-partitions.ts"
import type { JobHandler } from "../job-handler.ts"

export const ensurePartitionsAhead: JobHandler<"partition.ensure"> = (ctx) => ensureTelemetryPartitions(ctx)
