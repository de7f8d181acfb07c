import { pruneSessions } from "#server/auth/prune-sessions.ts"
import type { JobHandler } from "../job-handler.ts"

export const pruneExpiredSessions: JobHandler<"session.prune"> = (ctx) => pruneSessions(ctx)
