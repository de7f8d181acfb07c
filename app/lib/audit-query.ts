import { instantOf } from "#app/lib/zoned-time.ts"
import type { Actor } from "#server/access/actor.ts"
import { levelAt } from "#server/access/permission.ts"
import type { AuditSource } from "#server/audit/list-audit.ts"

export const AUDIT_SOURCES: readonly AuditSource[] = [
  "manual",
  "scheduled",
  "automatic",
  "api",
  "edge",
  "cli",
]

type Site = { id: number; slug: string; name: string; timezone: string }

/**
 * What the address of the audit page asks for: `?site=&action=&actor=&source=&q=&from=&to=`, times in the chosen
 * site's zone, else UTC. Anything that is none of these is left out.
 */
export function auditQueryOf<S extends Site>(search: URLSearchParams, actor: Actor, sites: S[]) {
  const readable = sites.filter((site) => levelAt(actor, "AUDIT_VIEW", site.id) === "FULL")
  const text = (name: string, most: number) => search.get(name)?.trim().slice(0, most) || undefined
  const site = readable.find((one) => one.slug === text("site", 64))
  const zone = site?.timezone ?? (readable.length === 1 ? readable[0]?.timezone : undefined) ?? "UTC"
  const time = (name: string) => instantOf(text(name, 32) ?? "", zone) ?? undefined
  return {
    zone,
    sites: readable,
    filter: {
      siteId: site?.id,
      action: text("action", 64),
      actor: text("actor", 254),
      source: AUDIT_SOURCES.find((one) => one === text("source", 16)),
      q: text("q", 200),
      from: time("from"),
      to: time("to"),
    },
  }
}
