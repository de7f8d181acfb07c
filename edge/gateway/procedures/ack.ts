// path: command 8/10
import { recordResult } from "#server/commands/record-result.ts"
import { ackInputSchema } from "#server/contract/edge.ts"
import { procedure } from "../trpc.ts"

export const ack = procedure
  .input(ackInputSchema)
  .mutation(({ ctx: { ctx }, input }) => recordResult(ctx, { results: input.results }))
