import { thermalInputSchema } from "#server/contract/thermal.ts"
import { recordThermal } from "#server/thermal/record-thermal.ts"
import { procedure } from "../trpc.ts"

export const thermal = procedure
  .input(thermalInputSchema)
  .mutation(({ ctx: { ctx }, input }) => recordThermal(ctx, input))
