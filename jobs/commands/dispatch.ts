import { dispatchCommand } from "#server/commands/dispatch-command.ts"
import type { JobHandler } from "../job-handler.ts"

export const dispatch: JobHandler<"command.dispatch"> = (ctx, payload) => dispatchCommand(ctx, payload)
