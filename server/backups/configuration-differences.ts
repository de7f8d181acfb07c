import type { MinerConfiguration } from "#server/contract/edge.ts"

/** `path` as `pools.0.url` or `raw.freq`; null: not there, or unknown. */
export type ConfigDifference = { path: string; left: string | null; right: string | null }

/** What differs between two machines' settings, value by value: what is named first, the vendor's own document after it. */
export function configurationDifferences(
  left: MinerConfiguration,
  right: MinerConfiguration,
): ConfigDifference[] {
  const { raw: leftRaw, ...leftNamed } = left
  const { raw: rightRaw, ...rightNamed } = right
  return [...differences(leftNamed, rightNamed), ...differences({ raw: leftRaw }, { raw: rightRaw })]
}

function differences(left: object, right: object): ConfigDifference[] {
  const was = flat(left)
  const is = flat(right)
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((path) => {
    const one = { path, left: was.get(path) ?? null, right: is.get(path) ?? null }
    return one.left === one.right ? [] : [one]
  })
}

function flat(value: unknown, path = "", into = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) return into
  if (typeof value !== "object") return into.set(path, String(value))
  for (const [name, part] of Object.entries(value)) flat(part, path ? `${path}.${name}` : name, into)
  return into
}
