import { renewLeases } from "#server/commands/renew-leases.ts"
import { renewInputSchema } from "#server/contract/edge.ts"
import { procedure } from "../trpc.ts"

export const renew = procedure
  .input(renewInputSchema)
  .mutation(({ ctx: { ctx }, input }) => renewLeases(ctx, input))
