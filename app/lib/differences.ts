/** One named thing of an audit row: how it was and how it is; undefined where that side does not tell. */
export type Difference = { name: string; before?: string | null; after?: string | null }

type Values = Record<string, unknown> | null

/**
 * What differs between two sides of an audit row, as text. Values that are alike on both sides are left out; where
 * there is one side alone, all of it that is not empty is told.
 */
export function differencesOf(before: Values, after: Values): Difference[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return names.flatMap((name) => {
    const was = before && name in before ? textOf(before[name]) : undefined
    const is = after && name in after ? textOf(after[name]) : undefined
    if (was !== undefined && was === is) return []
    if ((was ?? is ?? null) === null) return []
    return [
      {
        name: wordsOf(name),
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      },
    ]
  })
}

/** `pollIntervalS` as `poll interval s`. */
export function wordsOf(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase()
}

/** null for what is empty. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null
  if (Array.isArray(value))
    return value.length === 0 ? null : value.map((one) => textOf(one) ?? "–").join(", ")
  if (typeof value === "object")
    return (
      Object.entries(value)
        .map(([name, part]) => `${wordsOf(name)} ${textOf(part) ?? "–"}`)
        .join(", ") || null
    )
  return String(value)
}
