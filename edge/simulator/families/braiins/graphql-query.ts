/** As much GraphQL as clients of miners send: selections, arguments of any shape, aliases, fragments without a name. */
export type Selection = {
  alias: string
  name: string
  args: Record<string, unknown>
  fields: Selection[] | null
}
export type Operation = { kind: "query" | "mutation"; fields: Selection[] }

const TOKEN = /\.\.\.|[{}()[\]:!$@]|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*/g

/** Throws an error with the server's words where the text is no query. */
export function parseOperation(text: string): Operation {
  const tokens = text.replace(/#.*/g, "").match(TOKEN) ?? []
  let at = 0
  const next = () => tokens[at++] ?? fail("Unexpected end of input")
  const take = (wanted: string) => {
    const found = tokens[at] === wanted
    if (found) at++
    return found
  }
  const kind = tokens[0] === "mutation" ? "mutation" : "query"
  if (tokens[0] === "query" || tokens[0] === "mutation") at++
  if (tokens[at] !== "{") fail("A selection is expected")

  function selection(): Selection[] {
    const fields: Selection[] = []
    if (!take("{")) fail("A selection is expected")
    while (!take("}")) {
      if (take("...")) {
        if (take("on")) next()
        fields.push(...selection())
        continue
      }
      const alias = next()
      const name = take(":") ? next() : alias
      if (!/^[A-Za-z_]/.test(name)) fail(`Unexpected "${name}"`)
      const args = take("(") ? argumentsOf(")") : {}
      fields.push({ alias, name, args, fields: tokens[at] === "{" ? selection() : null })
    }
    return fields
  }

  function argumentsOf(end: ")" | "}"): Record<string, unknown> {
    const args: Record<string, unknown> = {}
    while (!take(end)) {
      const name = next()
      if (!take(":")) fail(`A value is expected for "${name}"`)
      args[name] = value()
    }
    return args
  }

  function value(): unknown {
    const token = next()
    if (token === "{") return argumentsOf("}")
    if (token === "[") {
      const list: unknown[] = []
      while (!take("]")) list.push(value())
      return list
    }
    if (token.startsWith('"')) return JSON.parse(token)
    if (/^-?\d/.test(token)) return Number(token)
    return { true: true, false: false, null: null }[token] ?? token
  }

  return { kind, fields: selection() }
}

function fail(message: string): never {
  throw new Error(message)
}

/** A field that the tree does not have is an error, as with real servers; `__typename` every object has. */
export function project(value: unknown, fields: Selection[] | null, type: string): unknown {
  if (Array.isArray(value)) return value.map((each) => project(each, fields, type))
  if (typeof value !== "object" || value === null) return value
  if (fields === null) throw new Error(`Field "${type}" must have a selection of subfields`)
  return Object.fromEntries(
    fields.map((field) => {
      if (field.name === "__typename") return [field.alias, type]
      if (!Object.hasOwn(value, field.name))
        throw new Error(`Unknown field "${field.name}" on type "${type}"`)
      const inner = field.name.charAt(0).toUpperCase() + field.name.slice(1)
      return [field.alias, project((value as Record<string, unknown>)[field.name], field.fields, inner)]
    }),
  )
}
