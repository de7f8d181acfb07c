import { rollUp } from "#server/telemetry/roll-up.ts"
import type { JobHandler } from "../job-handler.ts"

export const rollUpTelemetry: JobHandler<"telemetry.rollup"> = (ctx) => rollUp(ctx)
