import { expireCommands } from "#server/commands/expire-commands.ts"
import type { JobHandler } from "../job-handler.ts"

export const expire: JobHandler<"command.expire"> = (ctx) => expireCommands(ctx)
