import { createHash, randomUUID } from "node:crypto"
import { z } from "zod"
import type { Transaction } from "#db/client.ts"
import { isOutOfSpace } from "#db/queries/errors.ts"
import {
  createObject,
  insertArtifact,
  selectArtifactBySha,
  tryUploadLock,
  writePiece,
} from "#db/queries/firmware.ts"
import { FIRMWARE_MAX_BYTES } from "#server/contract/budgets.ts"
import { DomainError } from "#server/contract/errors.ts"
import { DRIVER_FAMILIES } from "#server/contract/families.ts"
import { parseInput } from "../access/parse-input.ts"
import { requireAdmin } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"
import { inPieces } from "./pieces.ts"

const PIECE_BYTES = 524_288
const STALL_MS = 60_000

export const uploadArtifactInput = z.object({
  fileName: z
    .string()
    .trim()
    .min(1, "Choose a file.")
    .max(255)
    .regex(/^[^\p{Cc}/\\]+$/u, "A file name has no slashes and no control characters."),
  version: z.string().trim().min(1, "Say which version it is.").max(64),
  notes: z.string().trim().max(2_000).nullable().default(null),
  families: z.array(z.enum(DRIVER_FAMILIES)).min(1, "Choose at least one family."),
  /** As the machines report them; none: every model of the families. */
  models: z.array(z.string().trim().min(1).max(128)).max(50).default([]),
})

export type UploadLimits = { maxBytes?: number; stallMs?: number }

/**
 * Stores a firmware file while it comes in, with its sha-256, in one transaction: what fails half way, is too large or
 * stands still for a minute leaves nothing. Admins only. Throws CONFLICT when the same file is there already or another
 * upload is under way, PAYLOAD_TOO_LARGE, INVALID, and UNAVAILABLE when the database's disk is full.
 */
export async function uploadArtifact(
  ctx: Context,
  input: z.input<typeof uploadArtifactInput> & { stream: AsyncIterable<Uint8Array> },
  { maxBytes = FIRMWARE_MAX_BYTES, stallMs = STALL_MS }: UploadLimits = {},
): Promise<{ artifactId: string; sha256: string; sizeBytes: number }> {
  requireAdmin(ctx)
  const { stream, ...given } = input
  const facts = parseInput(uploadArtifactInput, given)
  try {
    return await ctx.db.transaction(async (tx) => {
      if (!(await tryUploadLock(tx)))
        throw new DomainError(
          "CONFLICT",
          "Another firmware file is being uploaded now. Wait until it is done.",
        )
      const stored = await storeBytes(tx, inPieces(stream, { pieceBytes: PIECE_BYTES, maxBytes, stallMs }))
      const { sha256, sizeBytes, objectId } = stored
      const same = await selectArtifactBySha(tx, sha256)
      if (same)
        throw new DomainError(
          "CONFLICT",
          `This file is here already: ${same.fileName}, version ${same.version}.`,
        )
      const id = randomUUID()
      await insertArtifact(tx, {
        id,
        ...facts,
        sha256,
        sizeBytes,
        objectId,
        uploadedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
        uploadedAt: ctx.now(),
      })
      await writeAudit(tx, ctx, {
        action: "firmware.upload",
        siteId: null,
        subjectType: "firmware",
        subjectId: id,
        after: { ...facts, sha256, sizeBytes },
      })
      return { artifactId: id, sha256, sizeBytes }
    })
  } catch (error) {
    if (!isOutOfSpace(error)) throw error
    throw new DomainError("UNAVAILABLE", "The database's disk is full: the file was not stored.", {
      cause: error,
    })
  }
}

async function storeBytes(tx: Transaction, pieces: AsyncIterable<Uint8Array>) {
  const objectId = await createObject(tx)
  const hash = createHash("sha256")
  let sizeBytes = 0
  for await (const piece of pieces) {
    hash.update(piece)
    await writePiece(tx, objectId, sizeBytes, piece)
    sizeBytes += piece.byteLength
  }
  if (sizeBytes === 0)
    throw new DomainError("INVALID", "The file is empty.", {
      details: [{ path: "file", message: "Choose a file that is not empty." }],
    })
  return { objectId, sizeBytes, sha256: hash.digest("hex") }
}
