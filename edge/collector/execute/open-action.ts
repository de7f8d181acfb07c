import { z } from "zod"
import type { MinerSettings } from "#edge/drivers/driver.ts"
import {
  type CommandAction,
  type CommandSecrets,
  commandActionSchema,
  commandSecretsSchema,
  joinSecrets,
  type StoredAction,
  storedActionSchema,
} from "#server/contract/command-parameters.ts"
import type { LeasedCommand, TakenBackup } from "#server/contract/edge.ts"
import { openSealed, SEAL_PURPOSES, SealError, sealPurposeOf, sealTo } from "#server/sealed-box.ts"
import type { SealKeys } from "../state/edge-identity.ts"

/** A command's action with its secrets, for the act and for nothing else: it is never written, logged or answered. */
export type OpenedAction =
  | { ok: true; action: CommandAction; secrets: string[] }
  | { ok: false; message: string }

const refused = (message: string) => ({ ok: false as const, message: `Rejected: ${message}` })
const notValid = (error: z.ZodError) =>
  refused(`the parameters are not valid (${error.issues[0]?.message ?? "unknown"}).`)

/** Parses what is stored, opens what is sealed, fills in the machine's own placeholders, and parses the whole again. */
export function openAction(
  lease: Pick<LeasedCommand, "type" | "parameters" | "sealed" | "label">,
  ip: string | null,
  privateKey: SealKeys["privateKey"],
): OpenedAction {
  const stored = storedActionSchema.safeParse({ type: lease.type, parameters: lease.parameters })
  if (!stored.success) return notValid(stored.error)
  let secrets: CommandSecrets | null
  try {
    secrets = openSecrets(lease, privateKey)
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    return refused(
      "its passwords are sealed to another key than this collector's. Request the command again; should that not help, enrol the collector anew with a code from the collectors page.",
    )
  }
  if (stored.data.type === "CHANGE_POOL" && secrets?.passwords.length !== stored.data.parameters.pools.length)
    return refused("the pool passwords did not come with it. Request the command again.")
  if (stored.data.type === "SET_LOGIN" && secrets?.passwords.length !== 1)
    return refused("the new password did not come with it. Request the command again.")
  const filled = fillPlaceholders(stored.data, { label: lease.label, ip })
  if (!filled.ok) return filled
  try {
    const action = commandActionSchema.parse(joinSecrets(filled.action, secrets))
    return { ok: true, action, secrets: secrets?.passwords ?? [] }
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    return notValid(error)
  }
}

/** Null: nothing is sealed. Throws `SealError`, also when what opens is no such text. */
function openSecrets(
  { type, sealed }: Pick<LeasedCommand, "type" | "sealed">,
  privateKey: SealKeys["privateKey"],
): CommandSecrets | null {
  if (sealed === null) return null
  return parseOpened(commandSecretsSchema, openSealed(privateKey, SEAL_PURPOSES[sealPurposeOf(type)], sealed))
}

function parseOpened<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message quotes the text, which is a secret.
    throw new SealError("the sealed text is not readable")
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new SealError("the sealed text is not what it should be")
  return parsed.data
}

/** `{worker}` stays: it is in the miner's present configuration, which the driver reads. */
function fillPlaceholders(
  action: StoredAction,
  machine: { label: string | null; ip: string | null },
): { ok: true; action: StoredAction } | { ok: false; message: string } {
  if (action.type !== "CHANGE_POOL") return { ok: true, action }
  const values = { "{label}": machine.label, "{ip}": machine.ip }
  const pools = []
  for (const pool of action.parameters.pools) {
    for (const [placeholder, value] of Object.entries(values)) {
      if (!pool.worker_name.includes(placeholder)) continue
      if (value === null || value === "")
        return refused(
          `the worker name ${pool.worker_name} needs the machine's ${placeholder.slice(1, -1)}, and it has none.`,
        )
      if (!/^[\x21-\x7a\x7c\x7e]+$/.test(value))
        return refused(
          `the machine's ${placeholder.slice(1, -1)} “${value}” does not fit into a worker name: only printable ASCII without spaces and braces does.`,
        )
    }
    const worker_name = pool.worker_name.replace(
      /\{label\}|\{ip\}/g,
      (placeholder) => values[placeholder as keyof typeof values] as string,
    )
    pools.push({ ...pool, worker_name })
  }
  return { ok: true, action: { ...action, parameters: { ...action.parameters, pools } } }
}

const backupSecretsSchema = z.object({ passwords: z.array(z.string().max(512)).max(16) })

/** Pool passwords of a backup as text that only this collector opens; null when no pool has one. */
export function sealBackupPasswords(passwords: string[], publicKey: string): string | null {
  return passwords.every((password) => password === "")
    ? null
    : sealTo(publicKey, SEAL_PURPOSES.backup, JSON.stringify({ passwords }))
}

/** The settings of a backup with their passwords, one for each pool. */
export function openBackup(
  backup: TakenBackup,
  privateKey: SealKeys["privateKey"],
): { ok: true; settings: MinerSettings } | { ok: false; message: string } {
  const { config, sealed } = backup
  if (sealed === null) return { ok: true, settings: { config, passwords: config.pools.map(() => "") } }
  try {
    const { passwords } = parseOpened(
      backupSecretsSchema,
      openSealed(privateKey, SEAL_PURPOSES.backup, sealed),
    )
    if (passwords.length !== config.pools.length)
      return refused("the backup's passwords do not fit its pools. Take a new backup.")
    return { ok: true, settings: { config, passwords } }
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    return refused(
      "the backup's pool passwords are sealed to another key than this collector's. Take a new backup, or set the pools by CHANGE_POOL.",
    )
  }
}
