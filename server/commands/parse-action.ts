import { z } from "zod"
import {
  actionOfAlias,
  type CommandSecrets,
  commandActionSchema,
  type StoredAction,
  splitSecrets,
} from "#server/contract/command-parameters.ts"
import { COMMAND_TYPES } from "#server/contract/commands.ts"
import { DomainError, type ErrorDetail } from "#server/contract/errors.ts"

/** A type of the contract or an older name for one, with parameters; `parseAction` holds them to their ranges. */
export const actionInput = z.object({
  type: z.string().min(1).max(40),
  parameters: z.record(z.string(), z.unknown()).default({}),
})

export type ParsedAction = {
  /** What may be stored, shown and audited. */
  action: StoredAction
  secrets: CommandSecrets | null
  /** Whether the passwords were given; `none`: `secrets` holds the usual `x`. */
  typed: "all" | "none" | "some"
}

/**
 * For a preview, which needs no password: a login's stands for itself until it is typed. Never for a request.
 */
export function withPasswordToCome(input: z.output<typeof actionInput>): z.output<typeof actionInput> {
  const lacks = input.type === "SET_LOGIN" && input.parameters.password === undefined
  return lacks ? { ...input, parameters: { ...input.parameters, password: "-" } } : input
}

/** An action of the contract from what a form, an API or a template gave. Throws INVALID with a detail for each fault. */
export function parseAction(input: z.output<typeof actionInput>): ParsedAction {
  // In its own name REBOOT has to say its mode; the older `reboot` is the hard one.
  const isType = (COMMAND_TYPES as readonly string[]).includes(input.type)
  const named = isType ? input : actionOfAlias(input.type, input.parameters)
  if (!(COMMAND_TYPES as readonly string[]).includes(named.type))
    throw invalid([{ path: "action.type", message: "There is no such command type." }])
  const parsed = commandActionSchema.safeParse(named)
  if (!parsed.success)
    throw invalid(
      parsed.error.issues.map((issue) => ({
        path: ["action", ...issue.path].map(String).join("."),
        message: issue.message,
      })),
    )
  const split = splitSecrets(parsed.data)
  const unstorable = unstorableText(split.action.parameters)
  if (unstorable)
    throw invalid([
      { path: "action.parameters", message: `${unstorable} holds a character that no text has.` },
    ])
  return { ...split, typed: typedPasswords(named.parameters) }
}

function invalid(details: ErrorDetail[]): DomainError {
  return new DomainError("INVALID", details[0]?.message ?? "The command is not valid.", { details })
}

/** The name of the first text that PostgreSQL cannot store (NUL, half a character); null: there is none. */
export function unstorableText(value: unknown, name = "It"): string | null {
  if (typeof value === "string") return value.includes("\0") || !value.isWellFormed() ? name : null
  if (typeof value !== "object" || value === null) return null
  for (const [member, part] of Object.entries(value)) {
    const found = unstorableText(part, member)
    if (found) return found
  }
  return null
}

function typedPasswords(parameters: Record<string, unknown>): ParsedAction["typed"] {
  const pools = Array.isArray(parameters.pools) ? parameters.pools : [parameters]
  const typed = pools.filter(
    (pool: { password?: unknown; pool_password?: unknown }) =>
      pool.password !== undefined || pool.pool_password !== undefined,
  ).length
  if (typed === 0) return "none"
  return typed === pools.length ? "all" : "some"
}
