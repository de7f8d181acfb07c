import { z } from "zod"
import { countOpenUpdates, lockArtifact, removeArtifact } from "#db/queries/firmware.ts"
import { DomainError } from "#server/contract/errors.ts"
import { parseInput } from "../access/parse-input.ts"
import { requireAdmin } from "../access/permission.ts"
import { writeAudit } from "../audit/write-audit.ts"
import type { Context } from "../context.ts"

export const deleteArtifactInput = z.object({ artifactId: z.uuid() })

/**
 * Deletes the bytes of a firmware file; its name stays with the commands that installed it. Admins only. Throws
 * CONFLICT while a command that has not ended would install it.
 */
export async function deleteArtifact(
  ctx: Context,
  input: z.input<typeof deleteArtifactInput>,
): Promise<{ fileName: string }> {
  requireAdmin(ctx)
  const { artifactId } = parseInput(deleteArtifactInput, input)
  return ctx.db.transaction(async (tx) => {
    const artifact = await lockArtifact(tx, artifactId)
    if (!artifact) throw new DomainError("NOT_FOUND", "There is no such firmware file.")
    const open = await countOpenUpdates(tx, artifactId)
    if (open > 0)
      throw new DomainError(
        "CONFLICT",
        `${open === 1 ? "A command that has not ended installs" : `${open} commands that have not ended install`} this file. Cancel ${open === 1 ? "it" : "them"} or wait.`,
      )
    await removeArtifact(tx, artifactId, artifact.objectId, ctx.now())
    const { objectId: _, ...facts } = artifact
    await writeAudit(tx, ctx, {
      action: "firmware.delete",
      siteId: null,
      subjectType: "firmware",
      subjectId: artifactId,
      before: facts,
    })
    return { fileName: artifact.fileName }
  })
}
