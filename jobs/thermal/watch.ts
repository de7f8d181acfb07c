import { watchThermal } from "#server/thermal/watch-thermal.ts"
import type { JobHandler } from "../job-handler.ts"

export const watchThermalGuards: JobHandler<"thermal.watch"> = (ctx) => watchThermal(ctx)
