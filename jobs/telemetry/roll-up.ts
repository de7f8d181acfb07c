import { rollUp } from "#server/telemetry/roll-up.ts"
import type { JobHandler } from "../register.ts"

export const rollUpTelemetry: JobHandler<"telemetry.rollup"> = (ctx) => rollUp(ctx)
