import type { z } from "zod"
import { selectPieceForDevice } from "#db/queries/firmware.ts"
import { ARTIFACT_PIECE_BYTES, type ArtifactAnswer, artifactInputSchema } from "#server/contract/edge.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { claimInstance } from "../collectors/claim-instance.ts"
import { requireDevice } from "../collectors/require-device.ts"
import type { Context } from "../context.ts"

/**
 * At most 1 MiB of a firmware file from `offset` on, for a collector that holds a command which names it; to anybody
 * else it does not exist (NOT_FOUND). Past the end the piece is empty. Throws CONFLICT when another process holds the key.
 */
export async function readArtifactPiece(
  ctx: Context,
  input: z.input<typeof artifactInputSchema>,
): Promise<ArtifactAnswer> {
  const device = requireDevice(ctx)
  const { instance_id, artifact_id, offset } = parseInput(artifactInputSchema, input)
  await claimInstance(ctx, { instanceId: instance_id })
  const found = await selectPieceForDevice(ctx.db, device, artifact_id, {
    offset,
    length: ARTIFACT_PIECE_BYTES,
  })
  if (!found) throw new DomainError("NOT_FOUND", "No command that you hold installs such a file.")
  return { offset, size_bytes: found.sizeBytes, sha256: found.sha256, piece: found.piece }
}
