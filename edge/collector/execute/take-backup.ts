import type { Driver, DriverContext, Identity } from "#edge/drivers/driver.ts"
import { type TakenBackup, takenBackupSchema } from "#server/contract/edge.ts"
import { sealBackupPasswords } from "./open-action.ts"

/** What a result says ran when a backup was taken. */
export const BACKUP_RAN = "read configuration"
/** A vendor's document is a few KiB; more would hold up the other results on their way. */
const CONFIG_MAX_BYTES = 524_288
const SECRET_NAME = /pass|pwd|secret/i

export type BackupOutcome =
  | { ok: true; backup: TakenBackup; secrets: string[] }
  | { ok: false; unsupported: boolean; message: string }

/**
 * Reads a machine's whole configuration; its pool passwords leave sealed to this collector's own key. `message`: why
 * there is none. Never throws.
 */
export async function takeBackup(
  context: DriverContext,
  driver: Driver,
  identity: Identity,
  publicKey: string,
): Promise<BackupOutcome> {
  const failed = (message: string, unsupported = false) => ({ ok: false as const, unsupported, message })
  if (driver.backup === undefined)
    return failed(`${identity.make} machines with this firmware have no configuration to read`, true)
  try {
    const read = await driver.backup(context, identity)
    if (!read.ok) return failed(read.fault.message, read.fault.kind === "unsupported")
    const { config, passwords } = read.value
    if (passwords.length !== config.pools.length) return failed("its pools and their passwords do not match")
    if (holdsSecret(config.raw, new Set(passwords)))
      return failed("the configuration would hold a password in clear")
    const taken = takenBackupSchema.safeParse({ config, sealed: sealBackupPasswords(passwords, publicKey) })
    if (!taken.success)
      return failed(
        `the configuration is not valid (${taken.error.issues[0]?.path.join(".")}: ${taken.error.issues[0]?.message})`,
      )
    if (Buffer.byteLength(JSON.stringify(taken.data.config)) > CONFIG_MAX_BYTES)
      return failed(`the configuration is larger than ${CONFIG_MAX_BYTES / 1024} KiB`)
    return { ok: true, backup: taken.data, secrets: passwords }
  } catch (error) {
    return failed(`the driver failed: ${(error as Error).message}`)
  }
}

/** Whether a field named like a password holds one of these; a driver has to mask them, and this is the second look. */
function holdsSecret(value: unknown, passwords: ReadonlySet<string>, name = ""): boolean {
  // A driver masks with stars, and a password of stars looks the same.
  if (typeof value === "string") return !/^\**$/.test(value) && SECRET_NAME.test(name) && passwords.has(value)
  if (typeof value !== "object" || value === null) return false
  return Object.entries(value).some(([key, inner]) =>
    holdsSecret(inner, passwords, Array.isArray(value) ? name : key),
  )
}
