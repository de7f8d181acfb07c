// path: telemetry 4/8
import { batchEnvelopeSchema } from "#server/contract/telemetry.ts"
import { ingestBatch } from "#server/telemetry/ingest-batch.ts"
import { procedure } from "../trpc.ts"

export const upload = procedure
  .input(batchEnvelopeSchema)
  .mutation(({ ctx: { ctx, wireBytes, startedMs }, input }) =>
    ingestBatch(ctx, { batch: input, wireBytes: wireBytes(), startedMs }),
  )
