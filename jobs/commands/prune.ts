import { pruneEdgeCommands } from "#server/commands/prune-edge-commands.ts"
import type { JobHandler } from "../register.ts"

export const pruneCommands: JobHandler<"command.prune"> = (ctx) => pruneEdgeCommands(ctx)
