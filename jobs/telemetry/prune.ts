import { pruneTelemetry } from "#server/telemetry/prune-telemetry.ts"
import type { JobHandler } from "../job-handler.ts"

export const pruneSamples: JobHandler<"telemetry.prune"> = (ctx) => pruneTelemetry(ctx)
