import { digestFailures } from "#server/commands/digest-failures.ts"
import type { JobHandler } from "../job-handler.ts"

export const digest: JobHandler<"command.digest"> = (ctx) => digestFailures(ctx)
