import { artifactInputSchema } from "#server/contract/edge.ts"
import { readArtifactPiece } from "#server/firmware/read-artifact-piece.ts"
import { procedure } from "../trpc.ts"

export const artifact = procedure
  .input(artifactInputSchema)
  .query(({ ctx: { ctx }, input }) => readArtifactPiece(ctx, input))
