import { z } from "zod"

/** Logins of machines: whose they are, which one counts, and what a password may be. */

export const CREDENTIAL_SCOPES = ["site", "family", "miner"] as const
export type CredentialScope = (typeof CREDENTIAL_SCOPES)[number]

const PRINTABLE = /^[\x20-\x7e]*$/

/** As the machine knows it: 1 to 64 printable ASCII characters. */
export const minerUsernameSchema = z
  .string()
  .min(1, "Give the user name.")
  .max(64, "A user name has at most 64 characters.")
  .regex(PRINTABLE, "A user name holds printable ASCII only.")
export const minerPasswordSchema = z
  .string()
  .min(1, "Give the password.")
  .max(64, "A password has at most 64 characters.")
  .regex(PRINTABLE, "A password holds printable ASCII only.")

/** A password that is to be set on machines: without blanks, which several web interfaces cut off. */
export const newMinerPasswordSchema = minerPasswordSchema.regex(
  /^[\x21-\x7e]*$/,
  "A new password holds no blanks, and printable ASCII only.",
)

/** What is sealed: the password alone, as `CommandSecrets`, so that a SET_LOGIN's ciphertext serves as the credential's. */
export const loginSecretSchema = z.strictObject({ passwords: z.array(z.string().max(128)).length(1) })

/** A login as `edge.config` hands it to the one collector that can open it. */
export const edgeCredentialSchema = z.object({
  id: z.uuid(),
  /** Grows with every change of the same credential. */
  version: z.number().int().min(1),
  scope: z.enum(CREDENTIAL_SCOPES),
  /** Of scope `family`. */
  family: z.string().max(64).nullable(),
  /** Of scope `miner`: the stable id, any case. */
  miner_id: z.string().max(128).nullable(),
  username: z.string().max(64),
  sealed: z.string().max(1_024),
})
export type EdgeCredential = z.infer<typeof edgeCredentialSchema>

/** A person asked to try a machine's login again; `at` tells one request from the next. */
export const loginRetrySchema = z.object({
  miner_id: z.string().max(128),
  at: z.iso.datetime({ offset: true }),
})
export type LoginRetry = z.infer<typeof loginRetrySchema>

/**
 * Which login a machine gets: its own, else its family's, else the site's (`decisions.md` 29); null: none is assigned and
 * the driver tries the factory's once.
 */
export function credentialChooser<T extends Pick<EdgeCredential, "scope" | "family" | "miner_id">>(
  credentials: Iterable<T>,
): (machine: { minerId: string | null; family: string | null }) => T | null {
  const byKey = new Map<string, T>()
  for (const credential of credentials) {
    const { scope, family, miner_id } = credential
    byKey.set(
      `${scope} ${scope === "miner" ? miner_id?.toLowerCase() : scope === "family" ? family : ""}`,
      credential,
    )
  }
  return ({ minerId, family }) =>
    (minerId === null ? undefined : byKey.get(`miner ${minerId.toLowerCase()}`)) ??
    (family === null ? undefined : byKey.get(`family ${family}`)) ??
    byKey.get("site ") ??
    null
}

/**
 * What a collector tells of its machines' logins. `refused`: the machine refuses `username` ("" where a login has none)
 * since then; null: it took one again. `reset`: the collector lost what it had told, and forgets all that is not in here.
 * `unopened`: credentials that it cannot open, because they are sealed to another key.
 */
export const loginsInputSchema = z.object({
  instance_id: z.uuid(),
  reset: z.boolean().default(false),
  miners: z
    .array(
      z.object({
        miner_id: z.string().min(1).max(128),
        refused: z
          .object({ username: z.string().max(64), since: z.iso.datetime({ offset: true }) })
          .nullable(),
      }),
    )
    .max(500),
  unopened: z
    .array(z.object({ id: z.uuid(), version: z.number().int().min(1) }))
    .max(500)
    .default([]),
})
export type LoginsInput = z.input<typeof loginsInputSchema>
/** `unknown`: machines that the server has not met as this collector's; to be told again later. */
export type LoginsAnswer = { changed: number; unknown: string[] }
