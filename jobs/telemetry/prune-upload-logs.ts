import { pruneUploadLogs } from "#server/telemetry/prune-upload-logs.ts"
import type { JobHandler } from "../register.ts"

export const pruneUploads: JobHandler<"upload-log.prune"> = (ctx) => pruneUploadLogs(ctx)
