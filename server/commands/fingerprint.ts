import { createHash } from "node:crypto"
import type { CommandType } from "#server/contract/commands.ts"

/**
 * SHA-256 (hex) over what a command does and to whom: type, stored parameters, targets and the sealed secrets. Stored
 * at the request; the approver names the one he saw, and the dispatch refuses a command that no longer has it.
 */
export function fingerprintOf(command: {
  type: CommandType
  parameters: Record<string, unknown>
  targetIds: readonly number[]
  sealed: readonly { deviceId: number; sealed: string }[]
}): string {
  const text = canonicalJson({
    type: command.type,
    parameters: command.parameters,
    targets: [...command.targetIds].sort((a, b) => a - b),
    sealed: [...command.sealed]
      .sort((a, b) => a.deviceId - b.deviceId)
      .map(({ deviceId, sealed }) => [deviceId, sealed]),
  })
  return createHash("sha256").update(text).digest("hex")
}

/** JSON with the members of objects in order: equal values are equal texts, however the database ordered them. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
