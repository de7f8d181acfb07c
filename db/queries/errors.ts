/** The constraint that a statement broke, or null when the error is another one. drizzle wraps what postgres.js throws. */
export function brokenConstraint(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, constraint_name: name } = at as { code?: string; constraint_name?: string }
    if ((code === "23505" || code === "23P01") && name) return name
  }
  return null
}

/** True when the database has no room left: its disk is full. */
export function isOutOfSpace(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ((at as { code?: string }).code === "53100") return true
  return false
}
