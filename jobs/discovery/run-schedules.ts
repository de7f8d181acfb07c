import { runSchedules } from "#server/discovery/run-schedules.ts"
import type { JobHandler } from "../job-handler.ts"

export const runDiscoverySchedules: JobHandler<"discovery.run-schedules"> = (ctx) => runSchedules(ctx)
