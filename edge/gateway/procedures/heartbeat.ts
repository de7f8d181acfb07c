import { recordHeartbeat } from "#server/collectors/record-heartbeat.ts"
import { heartbeatInputSchema } from "#server/contract/edge.ts"
import { procedure } from "../trpc.ts"

export const heartbeat = procedure
  .input(heartbeatInputSchema)
  .mutation(({ ctx: { ctx }, input }) => recordHeartbeat(ctx, input))
