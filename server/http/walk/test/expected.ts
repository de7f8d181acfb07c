import { levelAtLeast, PERMISSION_TABLE } from "#server/contract/permissions.ts"
import type { Access } from "#server/contract/surface.ts"
import type { Who } from "./company.ts"

/** Whether the catalogue lets somebody in, at a site where he has his role. */
export function isAllowed(rule: Access, who: Who): boolean {
  if (rule.access === "public") return true
  if (who === "anonymous") return false
  if (rule.access === "session") return true
  if (rule.access === "admin") return who === "admin"
  return levelAtLeast(PERMISSION_TABLE[rule.permission][who], rule.need)
}

/** Words of site B, and of what others have at site A: they must not reach whoever may not see them. */
const SITE_B = /BETA|beta-\w+-tag|Beta Works|@beta\.test/
const OTHERS_OF_A =
  /SN-ALPHA-(rival|unowned)|ALPHA (rival|unowned|collector|note)|alpha-(rival|unowned)-tag|10\.1\.0\.[23]\b|@alpha\.test|The (admin|operator|site_manager|technician|auditor)\b/
const ALL_OF_A = /ALPHA|alpha-\w+-tag|@alpha\.test|@walk\.test/

/** The first word in an answer that its reader may not see, or null. */
export function leakIn(text: string, who: Who): string | null {
  if (who === "admin") return null
  const found = SITE_B.exec(text) ?? (who === "client" ? OTHERS_OF_A.exec(text) : null)
  const anonymous = who === "anonymous" ? ALL_OF_A.exec(text) : null
  return (found ?? anonymous)?.[0] ?? null
}
