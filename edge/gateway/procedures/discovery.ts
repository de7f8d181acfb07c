import { discoveryInputSchema } from "#server/contract/discovery.ts"
import { exchangeDiscovery } from "#server/discovery/exchange-discovery.ts"
import { procedure } from "../trpc.ts"

export const discovery = procedure
  .input(discoveryInputSchema)
  .mutation(({ ctx: { ctx }, input }) => exchangeDiscovery(ctx, input))
