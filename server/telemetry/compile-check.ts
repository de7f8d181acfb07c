import type { z } from "zod"

/** True: `schema.parse` would return an equal value. False says nothing: ask the schema. */
export type Check = (value: unknown) => boolean

/** The part of zod's definitions that samples use (`schema.def`, made for tools that read schemas). */
type Definition = {
  type: string
  checks?: { _zod: { def: Limit } }[]
  innerType?: Schema
  element?: Schema
  shape?: Record<string, Schema>
  entries?: Record<string, string>
  format?: string
  pattern?: RegExp
  coerce?: boolean
  catchall?: unknown
}
type Schema = { _zod: { def: Definition } }
type Limit = {
  check: string
  format?: string
  value?: number
  inclusive?: boolean
  minimum?: number
  maximum?: number
  pattern?: RegExp
  fn?: (value: unknown) => unknown
}

/**
 * Compiles a schema into a check that accepts at once what the schema accepts unchanged, without building a copy. The
 * schema stays the judge of everything else: a value with members it does not name, and whatever it uses that is not
 * known here, is never accepted.
 */
export function compileCheck(schema: z.ZodType): Check {
  return compile(schema as unknown as Schema)
}

const NEVER: Check = () => false

function compile(schema: Schema): Check {
  const { def } = schema._zod
  const base = def.coerce ? NEVER : compileType(def)
  const limits = (def.checks ?? []).map((check) => compileLimit(check._zod.def))
  const [first, second, third] = limits
  if (!first) return base
  if (!second) return (value) => base(value) && first(value)
  if (!third) return (value) => base(value) && first(value) && second(value)
  return (value) => base(value) && limits.every((limit) => limit(value))
}

function compileType(def: Definition): Check {
  switch (def.type) {
    case "optional": {
      const inner = compile(def.innerType as Schema)
      return (value) => value === undefined || inner(value)
    }
    case "nullable": {
      const inner = compile(def.innerType as Schema)
      return (value) => value === null || inner(value)
    }
    case "boolean":
      return (value) => typeof value === "boolean"
    case "number":
      return def.format ? NEVER : Number.isFinite
    case "string":
      if (!def.format) return (value) => typeof value === "string"
      // Other formats ask for more than their pattern.
      return def.format === "datetime" && def.pattern ? matching(def.pattern) : NEVER
    case "enum": {
      const members = new Set<unknown>(Object.values(def.entries ?? {}))
      return (value) => members.has(value)
    }
    case "array": {
      const element = compile(def.element as Schema)
      return (value) => Array.isArray(value) && all(value, element)
    }
    case "object":
      return def.catchall ? NEVER : compileObject(def.shape ?? {})
    default:
      return NEVER
  }
}

/** Unlike `every`, this sees the holes of an array. */
function all(values: readonly unknown[], check: Check): boolean {
  for (let n = 0; n < values.length; n++) if (!check(values[n])) return false
  return true
}

function compileObject(shape: Record<string, Schema>): Check {
  const members = new Map(Object.entries(shape).map(([name, schema]) => [name, compile(schema)]))
  const required = Object.keys(shape).filter((name) => shape[name]?._zod.def.type !== "optional")
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false
    const record = value as Record<string, unknown>
    for (const name in record) {
      const check = members.get(name)
      if (!check?.(record[name])) return false
    }
    for (const name of required) if (record[name] === undefined) return false
    return true
  }
}

function compileLimit(limit: Limit): Check {
  const { value: edge = Number.NaN, minimum = Number.NaN, maximum = Number.NaN } = limit
  switch (limit.check) {
    case "greater_than":
      return limit.inclusive ? (value) => (value as number) >= edge : (value) => (value as number) > edge
    case "less_than":
      return limit.inclusive ? (value) => (value as number) <= edge : (value) => (value as number) < edge
    case "number_format":
      return limit.format === "safeint" ? Number.isSafeInteger : NEVER
    case "min_length":
      return (value) => (value as string | unknown[]).length >= minimum
    case "max_length":
      return (value) => (value as string | unknown[]).length <= maximum
    case "custom": {
      const { fn } = limit
      return fn ? (value) => fn(value) === true : NEVER
    }
    default:
      return NEVER
  }
}

/** The samples of a batch tell few instants: the last text that matched needs no second look. */
function matching(pattern: RegExp): Check {
  let last: unknown
  return (value) => {
    if (typeof value !== "string") return false
    if (value === last) return true
    pattern.lastIndex = 0
    if (!pattern.test(value)) return false
    last = value
    return true
  }
}
