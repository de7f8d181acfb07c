import { pruneEdgeCommands } from "#server/commands/prune-edge-commands.ts"
import type { JobHandler } from "../job-handler.ts"

export const pruneCommands: JobHandler<"command.prune"> = (ctx) => pruneEdgeCommands(ctx)
