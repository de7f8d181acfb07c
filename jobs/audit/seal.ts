import { sealAudit } from "#server/audit/seal-audit.ts"
import type { JobHandler } from "../job-handler.ts"

export const seal: JobHandler<"audit.seal"> = (ctx) => sealAudit(ctx)
