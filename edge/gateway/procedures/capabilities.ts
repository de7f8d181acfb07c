import { recordCapabilities } from "#server/commands/record-capabilities.ts"
import { capabilitiesInputSchema } from "#server/contract/edge.ts"
import { procedure } from "../trpc.ts"

export const capabilities = procedure
  .input(capabilitiesInputSchema)
  .mutation(({ ctx: { ctx }, input }) => recordCapabilities(ctx, input))
