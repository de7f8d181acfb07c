import { recordEdgeEvent } from "#server/collectors/record-edge-event.ts"
import { edgeEventInputSchema } from "#server/contract/edge.ts"
import { procedure } from "../trpc.ts"

export const event = procedure
  .input(edgeEventInputSchema)
  .mutation(({ ctx: { ctx }, input }) => recordEdgeEvent(ctx, input))
