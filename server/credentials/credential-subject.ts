import { z } from "zod"
import type { Executor } from "#db/client.ts"
import { type CredentialSubject, countMinersOfSite } from "#db/queries/credentials.ts"
import { DomainError } from "#server/contract/errors.ts"
import { isDriverFamily } from "#server/contract/families.ts"

const INT = z.number().int().min(1).max(2_147_483_647)

/** Whose login: all machines of a site, a family's there, or one machine's. */
export const credentialSubjectInput = z.discriminatedUnion("scope", [
  z.object({ scope: z.literal("site") }),
  z.object({
    scope: z.literal("family"),
    family: z.string().refine(isDriverFamily, "Choose a family of machines."),
  }),
  z.object({ scope: z.literal("miner"), minerId: INT }),
])
export const siteIdInput = INT

/** Throws NOT_FOUND for a machine that is not of the site. */
export async function resolveSubject(
  tx: Executor,
  siteId: number,
  given: z.output<typeof credentialSubjectInput>,
): Promise<CredentialSubject> {
  if (given.scope === "miner" && (await countMinersOfSite(tx, siteId, [given.minerId])) === 0)
    throw new DomainError("NOT_FOUND", "There is no such machine.")
  return {
    scope: given.scope,
    family: given.scope === "family" ? given.family : null,
    minerId: given.scope === "miner" ? given.minerId : null,
  }
}
