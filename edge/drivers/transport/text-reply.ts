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

const BACKSLASH = 92
const BAR = 124
const CLOSE = 93
const COMMA = 44
const EQUALS = 61
const OPEN = 91
/** By character code: 1 for the signs of the form, so that one look passes over all others. */
const IS_SIGN = Uint8Array.from({ length: 128 }, (_, code) =>
  [BACKSLASH, BAR, CLOSE, COMMA, EQUALS, OPEN].includes(code) ? 1 : 0,
)

/** One pass over the characters. A section that no bar ends was cut off, and is left out. */
export function parseTextReply(text: string): TextReply {
  const trimmed = text.trim()
  const { length } = trimmed
  const body: TextReply["body"] = Object.create(null)
  let begun = 0
  let section: Section | null = null
  let pair = { from: 0, equals: -1, escaped: false }
  let depth = 0
  for (let at = 0; at < length; at += 1) {
    const code = trimmed.charCodeAt(at)
    if (IS_SIGN[code] !== 1) continue
    if (code === EQUALS) {
      if (pair.equals < 0) pair.equals = at
    } else if (code === COMMA ? depth === 0 : code === BAR) {
      if (pair.from === begun) section = beginSection(trimmed, pair, at)
      else if (section !== null) addPair(section.row, trimmed, pair, at)
      pair = { from: at + 1, equals: -1, escaped: false }
      if (code === COMMA) continue
      if (section !== null) endSection(body, section)
      section = null
      begun = at + 1
      depth = 0
    } else if (code === OPEN) depth += 1
    else if (code === CLOSE) depth = Math.max(0, depth - 1)
    else if (code === BACKSLASH) {
      pair.escaped = true
      at += 1
      if (pair.equals < 0 && trimmed.charCodeAt(at) === EQUALS) pair.equals = at
    }
  }
  return { body, truncated: begun < length }
}

type Section = { name: string; row: Record<string, string> }
type Pair = { from: number; equals: number; escaped: boolean }

/** By its first pair: `SUMMARY` is its name alone, `POOL=0` is in its row too. Null: a section without a name, or `CMD`. */
function beginSection(text: string, pair: Pair, to: number): Section | null {
  const name = text.slice(pair.from, pair.equals < 0 ? to : pair.equals)
  if (name === "" || name === "CMD") return null
  const row = Object.create(null) as Record<string, string>
  addPair(row, text, pair, to)
  return { name: SECTION_OF_ROW.get(name) ?? name, row }
}

function addPair(row: Record<string, string>, text: string, pair: Pair, to: number): void {
  const { from, equals, escaped } = pair
  if (equals <= from) return
  const key = text.slice(from, equals)
  const value = text.slice(equals + 1, to)
  if (escaped) row[plain(key)] = plain(value)
  else row[key] = value
}

function endSection(body: TextReply["body"], { name, row }: Section): void {
  const rows = body[name]
  if (rows === undefined) body[name] = [row]
  else rows.push(row)
}

function plain(text: string): string {
  return text.replace(/\\([|,=\\])/g, "$1")
}
