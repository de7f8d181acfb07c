import { enrollCollector } from "#server/collectors/enroll-collector.ts"
import { enrollInputSchema } from "#server/contract/edge.ts"
import { procedure } from "../trpc.ts"

export const enroll = procedure
  .input(enrollInputSchema)
  .mutation(({ ctx: { ctx }, input }) => enrollCollector(ctx, input))
