/**
 * The text form of a cgminer reply: `STATUS=S,When=…,Code=11,Msg=Summary|SUMMARY,Elapsed=50,MHS av=1.2|`.
 * Commas inside `[…]` belong to the value (Avalon), and `| , = \` are backslash-escaped.
 */
export type TextReply = { body: Record<string, Record<string, string>[]>; truncated: boolean }

/** Rows that begin with their own number go by another name than their section has in JSON. */
const SECTION_OF_ROW: ReadonlyMap<string, string> = new Map([
  ["POOL", "POOLS"],
  ["ASC", "DEVS"],
  ["PGA", "DEVS"],
  ["GPU", "DEVS"],
])

export function parseTextReply(text: string): TextReply {
  const body: Record<string, Record<string, string>[]> = Object.create(null)
  const sections = split(text.trim(), "|", false)
  // A whole reply ends with a bar, so the last piece is empty.
  const truncated = sections.pop() !== ""
  for (const part of sections) {
    const pairs = split(part, ",", true)
    const first = pairs[0] ?? ""
    const name = first.split("=", 1)[0] ?? ""
    if (name === "" || name === "CMD") continue
    const section = SECTION_OF_ROW.get(name) ?? name
    const row: Record<string, string> = Object.create(null)
    for (const pair of first.includes("=") ? pairs : pairs.slice(1)) {
      const at = pair.indexOf("=")
      if (at > 0) row[plain(pair.slice(0, at))] = plain(pair.slice(at + 1))
    }
    const rows = body[section] ?? []
    rows.push(row)
    body[section] = rows
  }
  return { body, truncated }
}

function split(text: string, separator: string, brackets: boolean): string[] {
  const parts: string[] = []
  let start = 0
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === "\\") at += 1
    else if (brackets && char === "[") depth += 1
    else if (brackets && char === "]" && depth > 0) depth -= 1
    else if (char === separator && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

function plain(text: string): string {
  return text.replace(/\\([|,=\\])/g, "$1")
}
