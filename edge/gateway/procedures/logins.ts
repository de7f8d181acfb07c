import { loginsInputSchema } from "#server/contract/miner-credentials.ts"
import { recordLogins } from "#server/credentials/record-logins.ts"
import { procedure } from "../trpc.ts"

export const logins = procedure
  .input(loginsInputSchema)
  .mutation(({ ctx: { ctx }, input }) => recordLogins(ctx, input))
