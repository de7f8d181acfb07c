import { pruneUploadLogs } from "#server/telemetry/prune-upload-logs.ts"
import type { JobHandler } from "../job-handler.ts"

export const pruneUploads: JobHandler<"upload-log.prune"> = (ctx) => pruneUploadLogs(ctx)
