import { z } from "zod"
import type { CommandFilter } from "#db/queries/commands-read.ts"
import { COMMAND_STATUS_FILTERS } from "#server/contract/command-list.ts"
import { COMMAND_SOURCES, COMMAND_TYPES } from "#server/contract/commands.ts"
import { requirePermission } from "../access/permission.ts"
import type { Context } from "../context.ts"

const id = z.number().int().min(1).max(2_147_483_647)

/** How the history and its statistics can be narrowed. */
export const commandFilterSchema = z.object({
  siteId: id.optional(),
  status: z.enum(COMMAND_STATUS_FILTERS).optional(),
  type: z.enum(COMMAND_TYPES).optional(),
  source: z.enum(COMMAND_SOURCES).optional(),
  minerId: id.optional(),
  /** A person: `user_access.id`. */
  requestedBy: id.optional(),
  /** By the time of the request. */
  from: z.date().optional(),
  /** Exclusive. */
  to: z.date().optional(),
  /** Part of the note, of the parameters or of the requester's name, or a machine's whole name, address or serial. */
  q: z
    .string()
    .trim()
    .max(200)
    .transform((text) => text.replaceAll("\0", ""))
    .optional(),
})

const OPEN = ["PENDING", "PENDING_APPROVAL", "QUEUED", "RUNNING"] as const

/** The filter of a query. Throws NOT_FOUND for a site the actor cannot see. */
export function resolveCommandFilter(
  ctx: Context,
  { status, q, ...rest }: z.output<typeof commandFilterSchema>,
): CommandFilter {
  if (rest.siteId !== undefined) requirePermission(ctx, "REMOTE_CONTROL_AUDIT", rest.siteId, "OWN")
  if (status === "halted") return { ...rest, q: q || undefined, statuses: ["RUNNING"], halted: true }
  if (status === "unsuccessful") return { ...rest, q: q || undefined, statuses: ["FAILED", "EXPIRED"] }
  const statuses = status === undefined ? undefined : status === "open" ? OPEN : [status]
  return { ...rest, q: q || undefined, statuses }
}
