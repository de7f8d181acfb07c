import { advanceWaves } from "#server/commands/advance-waves.ts"
import type { JobHandler } from "../job-handler.ts"

export const advanceCommandWaves: JobHandler<"command.advance-waves"> = (ctx) => advanceWaves(ctx)
