import type { Executor } from "#db/client.ts"
import { auditLog } from "#db/schema/audit.ts"
import { actorLabel } from "../access/actor.ts"
import type { Context } from "../context.ts"

export type AuditEntry = {
  /** `noun.verb`. */
  action: string
  siteId: number | null
  subjectType: string
  subjectId: string | number
  before?: Record<string, unknown> | null
  after?: Record<string, unknown> | null
  details?: Record<string, unknown> | null
}

/** Writes one row of the audit log in the caller's transaction. Entries must hold no secrets; members named like one are struck out. */
export async function writeAudit(executor: Executor, ctx: Context, entry: AuditEntry): Promise<void> {
  await executor.insert(auditLog).values({
    at: ctx.now(),
    userId: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    actor: actorLabel(ctx.actor),
    source: ctx.source,
    address: ctx.address,
    requestId: ctx.requestId,
    action: entry.action,
    siteId: entry.siteId,
    subjectType: entry.subjectType,
    subjectId: String(entry.subjectId),
    before: struck(entry.before),
    after: struck(entry.after),
    details: struck(entry.details),
  })
}

/** `passed` is what waves do. */
const SECRET = /pass(?!ed|es|ing)|pwd|secret|token|credential|api_?key|key_?hash|private|cookie|code_?hash/i
/** `scheme://user:password@host`. */
const PASSWORD_IN_ADDRESS = /(\/\/[^\s/:@]*):[^\s/@]+@/g

function struck(value: Record<string, unknown> | null | undefined): Record<string, unknown> | null {
  if (!value) return null
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, SECRET.test(name) ? "[redacted]" : strike(part)]),
  )
}

function strike(value: unknown): unknown {
  if (typeof value === "string") return value.replace(PASSWORD_IN_ADDRESS, "$1:[redacted]@")
  if (Array.isArray(value)) return value.map(strike)
  if (value && typeof value === "object" && !(value instanceof Date))
    return struck(value as Record<string, unknown>)
  return value
}
