import { readEdgeConfig } from "#server/collectors/read-edge-config.ts"
import { configInputSchema } from "#server/contract/edge.ts"
import { procedure } from "../trpc.ts"

export const config = procedure
  .input(configInputSchema)
  .query(({ ctx: { ctx }, input }) => readEdgeConfig(ctx, input))
