/**
 * The shape of a JSON value as a sorted list of `path type`, elements of an array under `[]`. Two answers of
 * the same shape give the same list whatever their figures.
 */
export function keyPaths(value: unknown, path = ""): string[] {
  const found = new Set<string>()
  collect(value, path, found)
  return [...found].sort()
}

function collect(value: unknown, path: string, found: Set<string>): void {
  if (Array.isArray(value)) {
    found.add(`${path} array`)
    for (const element of value) collect(element, `${path}[]`, found)
  } else if (typeof value === "object" && value !== null) {
    if (path !== "" && !path.endsWith("[]")) found.add(`${path} object`)
    for (const [name, member] of Object.entries(value))
      collect(member, path === "" ? name : `${path}.${name}`, found)
  } else found.add(`${path} ${value === null ? "null" : typeof value}`)
}
