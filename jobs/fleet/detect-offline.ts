import { detectOffline } from "#server/fleet/detect-offline.ts"
import type { JobHandler } from "../job-handler.ts"

export const detectOfflineMiners: JobHandler<"fleet.detect-offline"> = (ctx) => detectOffline(ctx)
