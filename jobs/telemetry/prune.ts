import { pruneTelemetry } from "#server/telemetry/prune-telemetry.ts"
import type { JobHandler } from "../register.ts"

export const pruneSamples: JobHandler<"telemetry.prune"> = (ctx) => pruneTelemetry(ctx)
