import type { Row } from "./transport/reply.ts"

/** What stands in a backup where the machine showed a secret. */
export const MASK = "***"
const SECRET_KEY = /pass|pwd|secret|token|private|api[_-]?key|^pw$/i

/** A document of the machine's as a backup may keep it: every secret in it is masked, whatever its depth. */
export function maskSecrets(value: Row): Row {
  const copy = (each: unknown, key: string): unknown => {
    if (Array.isArray(each)) return each.map((item) => copy(item, key))
    if (typeof each === "object" && each !== null)
      return Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, copy(inner, name)]))
    return SECRET_KEY.test(key) && each !== "" && each !== null ? MASK : each
  }
  return copy(value, "") as Row
}
